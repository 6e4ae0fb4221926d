//! Pages for end users.
