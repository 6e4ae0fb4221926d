//! Identifiers on a page that can be forwarded: enough to recognize one's own, too little to learn another's.

const DOTS: &str = "•••";

/// The identifier with all but its ends covered. The domain of an e-mail address stays.
pub(super) fn mask(identifier: &str) -> String {
    match identifier.rsplit_once('@') {
        Some((local, domain)) if !local.is_empty() => format!("{}@{domain}", cover(local)),
        _ => cover(identifier),
    }
}

fn cover(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let ends = match letters.len() {
        0..=1 => return DOTS.to_owned(),
        2..=3 => return format!("{}{DOTS}", letters[0]),
        4..=8 => 1,
        _ => 2,
    };
    let text = |letters: &[char]| letters.iter().collect::<String>();
    format!("{}{DOTS}{}", text(&letters[..ends]), text(&letters[letters.len() - ends..]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_identifier_is_recognizable_to_its_owner() {
        assert_eq!(mask("anna@example.com"), "a•••a@example.com");
        assert_eq!(mask("annabel.lee@example.com"), "an•••ee@example.com");
        assert_eq!(mask("user_12345"), "us•••45");
        assert_eq!(mask("bo"), "b•••");
        assert_eq!(mask("7"), "•••");
        assert_eq!(mask("@handle"), "@•••e");
    }

    proptest! {
        #[test]
        fn at_least_half_of_a_word_stays_covered(word in "[a-z0-9_]{1,40}") {
            let shown = mask(&word).replace(DOTS, "").chars().count();
            prop_assert!(shown * 2 <= word.len());
        }
    }
}
