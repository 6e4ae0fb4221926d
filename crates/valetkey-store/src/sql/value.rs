//! Values on their way into a statement. Each keeps its type when it is absent, because PostgreSQL wants to know.

use valetkey_core::{
    Timestamp,
    account::{Reason, State},
    bulk::{BulkItemState, BulkKind},
    connector::AuthType,
    environment::VerificationMode,
    id::{
        AccountId, ApiTokenId, BulkOperationId, ClientId, ClientSecretId, ConnectionId, EnvironmentId,
        EventId, ExecutionId, FlowId, LinkId, OrganizationId, RequestId, RevocationId, SessionId,
        SigningKeyId, VerificationId,
    },
    journal::EventKind,
    link::{FlowOutcome, LinkState},
    scope::ScopeSet,
    sealed::Sealed,
};

/// A value for a parameter.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(Option<String>),
    Int(Option<i64>),
    Bool(bool),
    Blob(Option<Vec<u8>>),
}

impl Value {
    /// The value as JSON, which an operator `->>` of PostgreSQL gives back as a text that can be cast to its type.
    pub(super) fn json(&self) -> serde_json::Value {
        match self {
            Self::Text(text) => text.as_deref().into(),
            Self::Int(number) => (*number).into(),
            Self::Bool(value) => (*value).into(),
            Self::Blob(bytes) => bytes.as_deref().map(hexadecimal).into(),
        }
    }
}

/// Bytes as PostgreSQL reads them from a text.
fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold("\\x".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

/// A list of [`Value`]s, one for each parameter in order.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::sql::Value::from($value)),*] };
}
pub(crate) use args;

/// The stored form of a list of texts: a JSON array.
pub(crate) fn list_text(items: &[String]) -> String {
    serde_json::Value::from(items).to_string()
}

/// The stored form of a set of scopes: a JSON array in alphabetical order.
fn scopes_text(scopes: &ScopeSet) -> String {
    scopes.iter().collect::<serde_json::Value>().to_string()
}

macro_rules! from {
    ($($source:ty, $value:ident => $made:expr;)*) => {$(
        impl From<$source> for Value {
            fn from($value: $source) -> Self {
                $made
            }
        }
    )*};
}

from! {
    &str, text => Self::Text(Some(text.to_owned()));
    &String, text => Self::Text(Some(text.clone()));
    String, text => Self::Text(Some(text));
    Option<&str>, text => Self::Text(text.map(ToOwned::to_owned));
    &Option<String>, text => Self::Text(text.clone());
    i64, number => Self::Int(Some(number));
    Option<i64>, number => Self::Int(number);
    bool, value => Self::Bool(value);
    &[u8], bytes => Self::Blob(Some(bytes.to_vec()));
    Option<&[u8]>, bytes => Self::Blob(bytes.map(<[u8]>::to_vec));
    &Vec<u8>, bytes => Self::Blob(Some(bytes.clone()));
    &Sealed, sealed => Self::Blob(Some(sealed.as_bytes().to_vec()));
    &Option<Sealed>, sealed => Self::Blob(sealed.as_ref().map(|sealed| sealed.as_bytes().to_vec()));
    Timestamp, time => Self::Int(Some(time.millis()));
    Option<Timestamp>, time => Self::Int(time.map(Timestamp::millis));
    &ScopeSet, scopes => Self::Text(Some(scopes_text(scopes)));
    &Option<ScopeSet>, scopes => Self::Text(scopes.as_ref().map(scopes_text));
    &[String], items => Self::Text(Some(list_text(items)));
    AuthType, kind => kind.as_str().into();
    State, state => state.as_str().into();
    Reason, reason => reason.as_str().into();
    VerificationMode, mode => mode.as_str().into();
    LinkState, state => state.as_str().into();
    FlowOutcome, outcome => outcome.as_str().into();
    BulkKind, kind => kind.as_str().into();
    BulkItemState, state => state.as_str().into();
    EventKind, kind => kind.as_str().into();
}

macro_rules! ids {
    ($($id:ident)*) => {$(
        impl From<&$id> for Value {
            fn from(id: &$id) -> Self {
                Self::Text(Some(id.to_string()))
            }
        }

        impl From<&Option<$id>> for Value {
            fn from(id: &Option<$id>) -> Self {
                Self::Text(id.as_ref().map(ToString::to_string))
            }
        }
    )*};
}

ids! {
    AccountId ApiTokenId BulkOperationId ClientId ClientSecretId ConnectionId EnvironmentId EventId ExecutionId FlowId LinkId
    OrganizationId RequestId RevocationId SessionId SigningKeyId VerificationId
}
