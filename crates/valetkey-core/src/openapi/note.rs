//! What a person should know about an import.

use std::fmt;

/// What was left out or decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// What it is about.
    pub kind: NoteKind,
    /// The operation or the place in the document.
    pub place: String,
    /// What and why.
    pub reason: String,
}

/// What a note is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoteKind {
    /// An operation became no tool.
    Skipped,
    /// A tool lacks something that the operation has.
    Reduced,
    /// Something in the definition that a person should look at.
    Definition,
}

impl Note {
    pub(super) fn new(kind: NoteKind, place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { kind, place: place.into(), reason: reason.into() }
    }

    pub(super) fn definition(place: &str, reason: impl Into<String>) -> Self {
        Self::new(NoteKind::Definition, place, reason)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            NoteKind::Skipped => "skipped: ",
            NoteKind::Reduced | NoteKind::Definition => "",
        };
        write!(out, "{}: {kind}{}", self.place, self.reason)
    }
}
