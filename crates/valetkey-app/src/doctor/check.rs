//! What was checked, and what was found.

use std::fmt;

/// What was checked, in the order in which a refresh depends on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Subject {
    /// The state of the account.
    State,
    /// The clock of this machine against the provider's.
    Clock,
    /// Whether the egress policy allows the host of the token endpoint.
    Egress,
    /// The name of the host.
    Dns,
    /// The connection to the host.
    Tcp,
    /// The certificate of the host.
    Tls,
    /// Whether the provider accepts the client of the connection.
    ClientAuthentication,
    /// The scopes that were granted against those that were asked for.
    Scopes,
    /// When the access token runs out, and when it is renewed.
    Expiry,
    /// What became of the last refreshes.
    Outcomes,
    /// Whether the connection is at fault.
    Connection,
    /// Whether the host of the token endpoint is left alone for a while.
    HostPause,
    /// What became of destroyed tokens at the provider.
    Revocations,
}

impl Subject {
    /// The name in the output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Clock => "clock",
            Self::Egress => "egress",
            Self::Dns => "dns",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::ClientAuthentication => "client_authentication",
            Self::Scopes => "scopes",
            Self::Expiry => "expiry",
            Self::Outcomes => "outcomes",
            Self::Connection => "connection",
            Self::HostPause => "host_pause",
            Self::Revocations => "revocations",
        }
    }
}

/// What a check came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It works, and somebody should know about it.
    Warn,
    /// It does not work.
    Fail,
    /// It could not be found out, or does not apply.
    Skipped,
}

impl Verdict {
    /// The name in the output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skipped => "skipped",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

/// One check with its result. Contains no secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Check {
    /// What was checked.
    pub subject: Subject,
    /// What it came to.
    pub verdict: Verdict,
    /// What was found, in one sentence.
    pub found: String,
    /// What to do about it.
    pub next: Option<String>,
}

impl Check {
    pub(super) fn ok(subject: Subject, found: impl Into<String>) -> Self {
        Self { subject, verdict: Verdict::Ok, found: found.into(), next: None }
    }

    pub(super) fn skipped(subject: Subject, found: impl Into<String>) -> Self {
        Self { subject, verdict: Verdict::Skipped, found: found.into(), next: None }
    }

    pub(super) fn warn(subject: Subject, found: impl Into<String>, next: impl Into<String>) -> Self {
        Self { subject, verdict: Verdict::Warn, found: found.into(), next: Some(next.into()) }
    }

    pub(super) fn fail(subject: Subject, found: impl Into<String>, next: impl Into<String>) -> Self {
        Self { subject, verdict: Verdict::Fail, found: found.into(), next: Some(next.into()) }
    }
}
