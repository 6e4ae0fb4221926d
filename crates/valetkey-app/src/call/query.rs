//! Which calls somebody asks for.

use std::str::FromStr;

use valetkey_core::{
    Timestamp,
    call::{CallOutcome, CallSource},
};
use valetkey_store::tool_call::Filter;

use crate::{Error, Result};

/// Which calls. Absent and empty fields let every call through; of a list, any item may fit.
#[derive(Clone, Debug, Default)]
pub struct CallQuery {
    /// Begun at this time or later.
    pub from: Option<Timestamp>,
    /// Begun before this time.
    pub until: Option<Timestamp>,
    /// `success` or `error`, in any case of letters.
    pub statuses: Vec<String>,
    /// Of connectors with these keys.
    pub providers: Vec<String>,
    /// `API`, `MCP`, `PROXY` or `GATEWAY`, in any case of letters.
    pub sources: Vec<String>,
    /// With these error codes.
    pub error_codes: Vec<String>,
    /// Of this connection.
    pub connection_id: Option<String>,
    /// Of a connection that had this name at the time of the call.
    pub connection_name: Option<String>,
    /// Of this account.
    pub account_id: Option<String>,
    /// Of accounts with this identifier.
    pub identifier: Option<String>,
    /// Of this run of an agent.
    pub agent_run_id: Option<String>,
}

impl CallQuery {
    /// The same in the words of the log.
    pub(super) fn filter(self) -> Result<Filter> {
        Ok(Filter {
            from: self.from,
            until: self.until,
            outcomes: outcomes(&self.statuses)?,
            providers: self.providers,
            sources: self.sources.iter().map(|text| source(text)).collect::<Result<_>>()?,
            error_codes: self.error_codes,
            connection_id: id("connection_id", self.connection_id)?,
            connection_name: self.connection_name,
            account_id: id("connected_account_id", self.account_id)?,
            identifier: self.identifier,
            agent_run_id: self.agent_run_id,
        })
    }
}

fn outcomes(statuses: &[String]) -> Result<Vec<CallOutcome>> {
    let mut outcomes = vec![];
    for status in statuses {
        match status.to_ascii_lowercase().as_str() {
            "success" => outcomes.push(CallOutcome::Success),
            "error" => outcomes.extend([CallOutcome::ProviderError, CallOutcome::PlatformError]),
            _ => return Err(Error::invalid("status", "in", "must be \"success\" or \"error\"")),
        }
    }
    Ok(outcomes)
}

fn source(text: &str) -> Result<CallSource> {
    CallSource::parse(&text.to_ascii_uppercase())
        .ok_or_else(|| Error::invalid("source", "in", "must be \"API\", \"MCP\", \"PROXY\" or \"GATEWAY\""))
}

fn id<T: FromStr<Err: ToString>>(field: &str, text: Option<String>) -> Result<Option<T>> {
    let given = text.filter(|text| !text.is_empty());
    given
        .map(|text| text.parse().map_err(|error: T::Err| Error::invalid(field, "id", error.to_string())))
        .transpose()
}
