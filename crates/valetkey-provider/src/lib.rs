//! The only way out to third parties: guarded connections, OAuth as providers speak it, and calls with a credential.
//!
//! [`Provider`] is the whole of it for callers. Definitions of connectors come from `valetkey-core`; what a provider
//! does differently is a field there with its single reader here. Nothing is stored here: a caller gives a
//! definition, field values and a credential, and gets an answer of one of a few kinds.

pub mod egress;
pub mod oauth;

mod access;
mod call;
mod check;
mod destination;
mod diagnose;
mod error;
mod forward;
mod provider;
mod scheme;
mod url_template;

use std::collections::BTreeMap;

pub use access::Access;
pub use call::{ApiAnswer, ApiCall};
pub use check::CheckResult;
pub use destination::{Destination, DestinationError};
pub use diagnose::{ClientVerdict, ClockReading, Diagnosis, DiagnosisError, DiagnosisRequest, PROBE};
pub use egress::EgressOptions as ProviderOptions;
pub use error::CallError;
pub use forward::{AnswerBody, End, ForwardAnswer, ForwardRequest, Ready, Redirect, RequestBody, Unfinished};
pub use provider::Provider;
pub use scheme::SchemeError;
pub use url_template::UrlError;

/// Values of connection fields, account fields and captured fields, by name. None of them is secret.
pub type Fields = BTreeMap<String, String>;
