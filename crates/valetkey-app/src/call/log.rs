//! Recording calls.

use super::ToolCall;
use crate::{App, recorder::Record};

/// The code of a call for whose end nobody waited.
pub(crate) const CALLER_LEFT: &str = "CALLER_LEFT";

/// The longest message of an error that is kept, in characters.
const LONGEST_MESSAGE: usize = 500;

/// The longest of the other texts that a caller or a provider chooses.
const LONGEST_TEXT: usize = 255;

impl App {
    /// Records a call, written within 200 ms beside whatever happens next. It never waits and never fails: where the
    /// database is away for so long that there is no more room in memory, the call is counted as missing and the log
    /// of the server says how many are.
    ///
    /// Control characters in texts become spaces, and long texts are cut. No text may hold a secret.
    pub fn record_call(&self, mut call: ToolCall) {
        if !self.settings.error_messages {
            call.error_message.clear();
        }
        clean(&mut call.error_message, LONGEST_MESSAGE);
        for text in [
            &mut call.tool_name,
            &mut call.provider,
            &mut call.connection_name,
            &mut call.error_code,
            &mut call.host,
        ] {
            clean(text, LONGEST_TEXT);
        }
        let chosen = [&mut call.agent_run_id, &mut call.organization_id, &mut call.user_id];
        for text in chosen.into_iter().flatten() {
            clean(text, LONGEST_TEXT);
        }
        if call.account_id.is_none() {
            // Nobody has checked it. That of an account stays as it is, so that it finds its calls.
            clean(&mut call.identifier, LONGEST_TEXT);
        }
        if !self.leave_record(Record::Call(Box::new(call)), None) {
            self.recorder.count_lost();
        }
    }
}

/// Makes control characters spaces and cuts the text to `most` characters.
fn clean(text: &mut String, most: usize) {
    if text.len() <= most && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return;
    }
    if text.chars().any(char::is_control) {
        *text = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    }
    if let Some((end, _)) = text.char_indices().nth(most) {
        // A shortened text keeps its room otherwise, for as long as it waits.
        *text = text[..end].to_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn a_text_is_cut_between_characters_and_has_no_control_characters() {
        for (given, wanted) in [("äöü", "äö"), ("a\n\0", "a "), ("ab", "ab"), ("", "")] {
            let mut text = given.to_owned();
            clean(&mut text, 2);
            assert_eq!(text, wanted);
        }
    }
}
