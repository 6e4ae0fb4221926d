//! What the account depends on: its connection, the host of its provider, and what became of its destroyed tokens.

use valetkey_core::{Timestamp, revocation::RevocationState};
use valetkey_store::{revocation::Revocation, token_host::TokenHost};

use super::{
    check::{Check, Subject},
    words::{self, Remedy, relative},
};
use crate::connection::ConnectionView;

pub(super) fn connection(view: &ConnectionView, remedy: &Remedy<'_>, now: Timestamp) -> Check {
    let name = &view.name;
    if let Some(fault) = &view.fault {
        let again = view.fault_retry_at.map(|at| format!("; tried again {}", relative(now, at)));
        let found = format!("connection \"{name}\" is at fault: {fault}{}", again.unwrap_or_default());
        return Check::fail(Subject::Connection, found, remedy.fix_connection());
    }
    if !view.enabled {
        let found =
            format!("connection \"{name}\" is disabled, so its accounts are neither used nor refreshed");
        return Check::fail(Subject::Connection, found, remedy.enable_connection());
    }
    if !view.is_complete() {
        let found = format!("connection \"{name}\" has no client id");
        return Check::fail(Subject::Connection, found, remedy.fix_connection());
    }
    Check::ok(Subject::Connection, format!("connection \"{name}\" has no known fault"))
}

pub(super) fn host_pause(host: Option<&TokenHost>, now: Timestamp) -> Check {
    let Some(host) = host else {
        return Check::skipped(Subject::HostPause, "it is not refreshed at any host");
    };
    match host.paused_until.filter(|until| *until > now) {
        None => Check::ok(Subject::HostPause, format!("{} is being asked", host.host)),
        Some(until) => {
            let found = format!(
                "{} did not answer {} times in a row and is asked again {}",
                host.host,
                host.failures,
                relative(now, until)
            );
            Check::warn(
                Subject::HostPause,
                found,
                "nothing; all accounts there are refreshed once it answers",
            )
        }
    }
}

/// `last` is the newest.
pub(super) fn revocations(last: Option<&Revocation>, now: Timestamp) -> Check {
    let Some(last) = last else {
        return Check::ok(Subject::Revocations, "no tokens of it were destroyed");
    };
    let detail = last.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
    let found = format!(
        "tokens were destroyed {}, and {}{detail}",
        relative(now, last.created_at),
        words::revocation(last.state)
    );
    match last.state {
        RevocationState::Revoked | RevocationState::Unsupported => Check::ok(Subject::Revocations, found),
        RevocationState::Pending => {
            Check::warn(Subject::Revocations, found, "see that a server runs on this database")
        }
        RevocationState::Failed => {
            let next = "let the user, or the provider's administrator, withdraw access there";
            Check::warn(Subject::Revocations, found, next)
        }
    }
}
