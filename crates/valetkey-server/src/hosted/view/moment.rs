//! Points in time as people read them.

use valetkey_core::Timestamp;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A point in time on a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moment {
    /// For machines: RFC 3339.
    pub machine: String,
    /// For people, such as `21 November 2026, 01:59 UTC`. The page does not know the person's time zone.
    pub people: String,
}

impl From<Timestamp> for Moment {
    fn from(time: Timestamp) -> Self {
        let machine = time.to_string();
        let number = |range| machine.get(range).and_then(|text: &str| text.parse::<usize>().ok());
        let month = number(5..7).and_then(|month| MONTHS.get(month.checked_sub(1)?));
        let people = match (machine.get(..4), month, number(8..10), machine.get(11..16)) {
            (Some(year), Some(month), Some(day), Some(clock)) => format!("{day} {month} {year}, {clock} UTC"),
            _ => machine.clone(),
        };
        Self { machine, people }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_like_a_date() {
        let moment = Moment::from(Timestamp::from_millis(1_795_226_399_000));
        assert_eq!(moment.people, "21 November 2026, 01:59 UTC");
    }
}
