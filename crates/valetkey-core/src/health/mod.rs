//! How well an account works, told from facts: what its token is good for, how much of what was tried has succeeded, and
//! when a person is needed next.

mod authentication;
mod forecast;
mod rate;
mod token;

pub use authentication::{AUTHENTICATION_KINDS, ended_authentication};
pub use forecast::{Forecast, Outlook, forecast};
pub use rate::Rate;
pub use token::TokenState;

/// How many days counts of health cover, today included, in UTC.
pub const WINDOW_DAYS: i64 = 30;
