//! Texts of a document as plain words.

/// A text in Markdown or HTML as one line of plain words.
pub(super) fn plain(text: &str) -> String {
    let text = without_links(&without_tags(text));
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let word = word.replace('`', "").replace("**", "").replace("__", "");
        let word = word.trim_start_matches('*');
        let end = word.trim_end_matches(|c: char| c.is_ascii_punctuation()).len();
        let word = format!("{}{}", &word[..end], word[end..].replace('*', ""));
        let marker = !word.is_empty() && word.bytes().all(|byte| matches!(byte, b'#' | b'>' | b'|'));
        if word.is_empty() || marker {
            continue;
        }
        // A tag leaves a blank before a full stop or comma.
        if !out.is_empty() && !matches!(word.as_str(), "." | ",") {
            out.push(' ');
        }
        out.push_str(&word);
    }
    out
}

/// At most `limit` characters, cut after a sentence where there is one in the second half, else after a word.
pub(super) fn shorten(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let cut: String = text.chars().take(limit.saturating_sub(1)).collect();
    let half = cut.len() / 2;
    if let Some(end) = cut.rfind(". ").filter(|end| *end >= half) {
        return cut[..=end].to_owned();
    }
    let end = cut.rfind(' ').filter(|end| *end >= half).unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end_matches([',', ';', ':', ' ']))
}

/// A text that ends as a sentence does.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '!', '?', '…', ':']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// Words with the first letter of the first in upper case.
pub(super) fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(characters).collect()
}

fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let tag = after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        match after.split_once('>').filter(|_| tag) {
            Some((inner, after)) if inner.contains("://") => {
                out.push_str(inner);
                rest = after;
            }
            Some((_, after)) => {
                out.push(' ');
                rest = after;
            }
            None => {
                out.push('<');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    let entities =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    entities.into_iter().fold(out, |text, (entity, character)| text.replace(entity, character))
}

/// `[words](address)` as its words.
fn without_links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        let Some((words, address)) = after.split_once("](") else { break };
        let end = address.find(')').filter(|_| !words.contains(['[', '\n']));
        let Some(end) = end else {
            out.push_str(before);
            out.push('[');
            rest = after;
            continue;
        };
        out.push_str(before.strip_suffix('!').unwrap_or(before));
        out.push_str(words);
        rest = &address[end + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_taken_away_and_words_stay() {
        let given = "## Lists **pets**.\n\n*See* [the guide](https://x.example/a), <b>or</b>, `ask` if a &lt; b [sic].";
        assert_eq!(plain(given), "Lists pets. See the guide, or, ask if a < b [sic].");
    }

    #[test]
    fn a_long_text_ends_after_a_sentence_or_a_word() {
        assert_eq!(shorten("One two. Three four five", 14), "One two.");
        assert_eq!(shorten("One two three four", 12), "One two…");
        assert_eq!(shorten("short", 12), "short");
    }
}
