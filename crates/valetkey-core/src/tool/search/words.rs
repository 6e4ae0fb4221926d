//! From a text to the stems that are compared.

/// Words that say nothing about what is wanted.
const EMPTY: &[&str] = &[
    "a", "about", "all", "am", "an", "and", "any", "are", "as", "at", "be", "by", "can", "could", "do",
    "does", "for", "from", "have", "her", "him", "his", "how", "i", "if", "in", "into", "is", "it", "its",
    "let", "me", "my", "need", "now", "of", "on", "or", "our", "out", "please", "s", "so", "some", "t",
    "that", "the", "their", "them", "there", "these", "they", "this", "those", "to", "up", "us", "want",
    "was", "we", "were", "what", "when", "where", "which", "who", "will", "with", "would", "you", "your",
];

/// Groups of words that people use for one another. Each is in at most one group.
const SYNONYMS: &[&[&str]] = &[
    &["email", "mail", "e-mail"],
    &["message", "dm", "chat"],
    &["event", "meeting", "appointment"],
    &["delete", "remove", "erase"],
    &["create", "add", "new", "make", "open", "start"],
    &["update", "change", "edit", "modify", "set", "rename"],
    &["search", "find", "look", "query", "lookup"],
    &["list", "show", "get", "read", "see", "view", "fetch", "display"],
    &["send", "post", "write", "publish"],
    &["file", "document", "doc"],
    &["issue", "ticket", "bug"],
    &["person", "people", "user", "member", "teammate", "colleague"],
    &["contact", "customer", "lead"],
    &["company", "organization", "business"],
    &["repository", "repo", "project"],
    &["comment", "note"],
    &["reply", "respond", "answer"],
    &["schedule", "book", "plan"],
    &["upload", "attach"],
    &["cancel", "stop", "abort"],
    &["free", "busy", "available", "availability"],
    &["refund", "reimburse"],
    &["spreadsheet", "sheet"],
    &["bin", "trash"],
    &["pr", "pull"],
    &["todo", "task"],
    &["invite", "invitation"],
    &["forward", "pass"],
];

/// The stems of a text, in order, with repetitions.
pub(super) fn stems(text: &str) -> Vec<String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .filter(|word| !EMPTY.contains(&word.as_str()))
        .map(|word| stem(&word))
        .collect()
}

/// Stems that people use for `stem`, itself excepted.
pub(super) fn synonyms(stem: &str) -> Vec<String> {
    let group = SYNONYMS.iter().find(|group| group.iter().any(|word| self::stem(word) == stem));
    let others = group.into_iter().flat_map(|group| group.iter()).map(|word| self::stem(word));
    others.filter(|other| other != stem).collect()
}

/// A word without its English inflection, good enough to meet its other forms: messages, message; scheduled,
/// scheduling, schedule.
fn stem(word: &str) -> String {
    let cut = |ending: &str, least: usize| {
        word.strip_suffix(ending).filter(|rest| rest.len() >= least && rest.is_ascii())
    };
    if let Some(rest) = cut("ies", 2) {
        return format!("{rest}y");
    }
    for ending in ["sses", "shes", "ches", "xes"] {
        if let Some(rest) = cut("es", 3).filter(|_| word.ends_with(ending)) {
            return rest.to_owned();
        }
    }
    let plural = !["ss", "us", "is"].iter().any(|ending| word.ends_with(ending));
    if let Some(rest) = cut("s", 3).filter(|_| plural) {
        return stem(rest);
    }
    if let Some(rest) = cut("ing", 3).or_else(|| cut("ed", 3)) {
        return without_e(undoubled(rest)).to_owned();
    }
    without_e(word).to_owned()
}

/// `plann` is the rest of planning; `fill` that of filling.
fn undoubled(rest: &str) -> &str {
    let last = rest.as_bytes().last_chunk::<2>();
    let doubled = last.is_some_and(|[a, b]| a == b && !matches!(b, b'l' | b's' | b'z' | b'e'));
    if doubled { &rest[..rest.len() - 1] } else { rest }
}

/// `schedule` and `scheduled` meet in `schedul`.
fn without_e(word: &str) -> &str {
    if word.len() > 4 { word.strip_suffix('e').unwrap_or(word) } else { word }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_meet() {
        for (one, other) in [
            ("messages", "message"),
            ("scheduled", "schedule"),
            ("scheduling", "schedules"),
            ("replies", "reply"),
            ("planning", "plan"),
            ("searches", "search"),
            ("branches", "branch"),
            ("files", "file"),
            ("merged", "merge"),
            ("archiving", "archive"),
        ] {
            assert_eq!(stem(one), stem(other), "{one} {other}");
        }
        assert_eq!(stem("status"), "status");
    }

    #[test]
    fn words_without_meaning_are_dropped() {
        assert_eq!(stems("Send an e-mail to Bob's boss"), ["send", "e", "mail", "bob", "boss"]);
    }

    #[test]
    fn no_word_is_in_two_groups() {
        let mut all: Vec<String> =
            SYNONYMS.iter().flat_map(|group| group.iter()).map(|word| stem(word)).collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
