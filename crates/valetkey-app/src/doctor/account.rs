//! What is stored about the account itself: state, scopes, expiry and schedule, last outcomes.

use valetkey_core::{
    Timestamp,
    account::{Reason, State},
    refresh::OutcomeClass,
    scope::ScopeSet,
};

use super::{
    check::{Check, Subject},
    words::{self, Remedy, relative},
};
use crate::account::TokenStatus;

/// How long after it was due a refresh counts as forgotten, in seconds.
const OVERDUE: i64 = 60;

pub(super) fn state(status: &TokenStatus, remedy: &Remedy<'_>) -> Check {
    let (state, reason) = (status.state, status.reason);
    let why = match words::reason(reason) {
        "" => words::state(state),
        why => why,
    };
    let found = format!("it is {} ({}): {why}", state.as_str(), reason.as_str());
    let Some(next) = remedy.action(status.next_action) else { return Check::ok(Subject::State, found) };
    match state {
        State::Expired | State::Revoked | State::Error => Check::fail(Subject::State, found, next),
        // Works, or is as somebody wants it or has yet to bring it.
        State::Active
        | State::PendingAuth
        | State::PendingVerification
        | State::Suspended
        | State::Disconnected => Check::warn(Subject::State, found, next),
    }
}

pub(super) fn scopes(
    requested: &ScopeSet,
    granted: &ScopeSet,
    has_credential: bool,
    remedy: &Remedy<'_>,
) -> Check {
    let missing = requested.minus(granted);
    if !has_credential {
        Check::skipped(Subject::Scopes, "there is no credential")
    } else if !missing.is_empty() {
        let found = format!("asked for and not granted: {}", missing.join(" "));
        Check::warn(Subject::Scopes, found, format!("{}, and grant them", remedy.reauthorize()))
    } else if granted.is_empty() {
        Check::ok(Subject::Scopes, "none were asked for")
    } else {
        Check::ok(Subject::Scopes, format!("all that were asked for are granted: {}", granted.join(" ")))
    }
}

/// What is known about the renewal of a token.
pub(super) struct Renewal<'a> {
    pub(super) status: &'a TokenStatus,
    /// Whether it is a token, which runs out, and not a key.
    pub(super) renewed: bool,
    /// Why it cannot be renewed any more.
    pub(super) ended: Option<Reason>,
    /// Whether its connection or its host is left alone for a while.
    pub(super) waits: bool,
    /// Whether a refresh is under way.
    pub(super) held: bool,
}

pub(super) fn expiry(renewal: &Renewal<'_>, remedy: &Remedy<'_>, now: Timestamp) -> Check {
    let status = renewal.status;
    if status.generation == 0 {
        return Check::skipped(Subject::Expiry, "there is no credential");
    }
    if !renewal.renewed {
        return Check::ok(Subject::Expiry, "a key does not run out by itself");
    }
    let over = status.expires_at.is_some_and(|at| at <= now);
    let token = match status.expires_at {
        Some(at) if over => format!("the access token ran out {}", relative(now, at)),
        Some(at) => format!("the access token runs out {}", relative(now, at)),
        None => "the provider names no end of the access token".to_owned(),
    };
    let Some((problem, next)) = unrenewed(renewal, remedy, now) else {
        return renewed(renewal, &token, now);
    };
    let found = format!("{token}; {problem}");
    if over { Check::fail(Subject::Expiry, found, next) } else { Check::warn(Subject::Expiry, found, next) }
}

/// Why the token is not renewed, and what to do.
fn unrenewed(renewal: &Renewal<'_>, remedy: &Remedy<'_>, now: Timestamp) -> Option<(String, String)> {
    let status = renewal.status;
    if let Some(reason) = renewal.ended {
        let why = words::reason(reason);
        return Some((format!("it cannot be renewed any more: {why}"), remedy.reauthorize()));
    }
    if !status.refreshable {
        status.expires_at?;
        return Some(("nothing can renew it".into(), remedy.reauthorize()));
    }
    if !status.auto_refresh {
        let next = format!(
            "{}, or let it be renewed with `valetkey account set --auto-refresh true`",
            remedy.refresh()
        );
        return Some(("its setting auto_refresh is off".into(), next));
    }
    let late = status.due_at.is_some_and(|due| due.plus_seconds(OVERDUE) < now);
    if late && !renewal.waits && !renewal.held && status.state != State::Suspended {
        let since = status.due_at.map(|due| relative(now, due)).unwrap_or_default();
        let next = "see that a server runs on this database, and what its log says".to_owned();
        return Some((format!("it was due for renewal {since}, and no server has taken it up"), next));
    }
    None
}

fn renewed(renewal: &Renewal<'_>, token: &str, now: Timestamp) -> Check {
    let status = renewal.status;
    let found = match status.due_at {
        _ if !status.refreshable => format!("{token}, and nothing renews it"),
        Some(due) if due > now => format!("{token}, and it is renewed {}", relative(now, due)),
        Some(_) => format!("{token}, and its renewal is due"),
        None => format!("{token}, and no renewal is planned"),
    };
    Check::ok(Subject::Expiry, found)
}

pub(super) fn outcomes(
    renewal: &Renewal<'_>,
    connection_at_fault: bool,
    remedy: &Remedy<'_>,
    now: Timestamp,
) -> Check {
    let (subject, status) = (Subject::Outcomes, renewal.status);
    if renewal.held {
        return Check::ok(subject, "a refresh is under way");
    }
    let Some(class) = status.last_outcome else {
        if status.attempt_open {
            let found = "a refresh was begun and its outcome is not known";
            return Check::warn(subject, found, "wait for the server to decide whether it is repeated");
        }
        return Check::ok(subject, "no refresh was tried with this credential");
    };
    let when = status.last_outcome_at.map(|at| relative(now, at)).unwrap_or_default();
    let row =
        if status.failures > 1 { format!(", {} times in a row", status.failures) } else { String::new() };
    let detail = status.last_detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
    let found = format!("{when}{row}: {} ({}){detail}", words::outcome(class), class.as_str());
    let wait = "nothing; it is tried again by itself, and the detail says what is in the way";
    match class {
        OutcomeClass::Success => Check::ok(subject, found),
        OutcomeClass::Transient | OutcomeClass::RateLimited => Check::warn(subject, found, wait),
        OutcomeClass::UnusableAnswer | OutcomeClass::Unknown => {
            let next = if status.state == State::Active { wait.to_owned() } else { remedy.reauthorize() };
            Check::warn(subject, found, next)
        }
        OutcomeClass::GrantRevoked | OutcomeClass::RevokedAtProvider | OutcomeClass::ScopeProblem => {
            Check::fail(subject, found, remedy.reauthorize())
        }
        OutcomeClass::ClientMisconfigured if !connection_at_fault => Check::warn(
            subject,
            format!("{found}; the connection was changed since then"),
            "nothing; it is tried again by itself",
        ),
        OutcomeClass::ClientMisconfigured => Check::fail(subject, found, remedy.fix_connection()),
    }
}
