//! Text that must not be seen: wiped when dropped, absent from `Debug`, without `Display` and without `Serialize`.

use std::fmt;

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// A secret text: a token, a password, an API key, a client secret, a code verifier.
///
/// It cannot be printed or serialized by accident; [`Secret::expose`] is the one way to the text and is easy to
/// search for.
///
/// ```compile_fail
/// println!("{}", valetkey_core::Secret::from("sk_live"));
/// ```
/// ```compile_fail
/// serde_json::to_string(&valetkey_core::Secret::from("sk_live"));
/// ```
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text itself. Call it only where the text leaves for its destination.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What may be shown of a stored secret: asterisks and the last four characters, or only asterisks where those
    /// four would be more than a quarter of it.
    pub fn masked(&self) -> String {
        let count = self.0.chars().count();
        let tail: String = if count >= 16 { self.0.chars().skip(count - 4).collect() } else { String::new() };
        format!("********{tail}")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        String::deserialize(input).map(Self::from)
    }
}

/// Not constant time: for tests and for change detection, never to check a credential that somebody presents.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t86_debug_output_of_a_secret_says_nothing_about_it() {
        let secret = Secret::from("gho_verysecretvalue");
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "[secret] Some([secret])");
    }

    #[test]
    fn a_masked_secret_shows_four_characters_at_the_most_and_none_of_a_short_one() {
        assert_eq!(Secret::from("0123456789abcdefg").masked(), "********defg");
        assert_eq!(Secret::from("short").masked(), "********");
    }
}
