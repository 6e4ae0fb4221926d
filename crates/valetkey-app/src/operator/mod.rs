//! Operators in a browser: a sign-in link made at the command line, and the session that it starts.

mod sign_in;

pub use sign_in::SignIn;
