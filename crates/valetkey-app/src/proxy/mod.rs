//! The proxy: a call to the API of a provider, passed on as it comes with the credential of an account.
//!
//! `pass` is the use case, `record` keeps what is known of a call until its answer has ended, and `fault` says in the
//! words of the use cases why there is no answer.

mod fault;
mod pass;
mod record;

pub use pass::{ProxyAnswer, ProxyFailure, ProxyRequest};
pub use valetkey_provider::{AnswerBody, Redirect, RequestBody, Unfinished};
