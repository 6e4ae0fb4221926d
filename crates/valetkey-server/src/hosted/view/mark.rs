//! A letter in a coloured circle that stands for a service, so that no picture of a third party is loaded.

/// Number of colours in the style sheet: classes `mark-0` and up.
const COLOURS: u32 = 8;

/// The mark of a service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    /// The first letter or digit of its name.
    pub letter: String,
    /// Which colour, always the same for a name.
    pub colour: u32,
}

impl Mark {
    /// The mark of the service with this name.
    pub fn of(name: &str) -> Self {
        let first = name.chars().find(|c| c.is_alphanumeric());
        let letter = first.map_or_else(|| "·".to_owned(), |c| c.to_uppercase().to_string());
        let sum = name.chars().fold(0_u32, |sum, c| sum.wrapping_mul(31).wrapping_add(u32::from(c)));
        Self { letter, colour: sum % COLOURS }
    }
}
