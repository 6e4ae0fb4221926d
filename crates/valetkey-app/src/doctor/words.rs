//! Times, causes and remedies in words for the person at the terminal.

use valetkey_core::{
    Timestamp,
    account::{NextAction, Reason, State},
    refresh::OutcomeClass,
    revocation::RevocationState,
};

use crate::account::Account;

const UNITS: [(i64, &str); 4] = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];

/// A length of time in the largest unit of which there are at least two, rounded down, such as `90 minutes`.
pub fn span(seconds: i64) -> String {
    let seconds = seconds.saturating_abs();
    let fits = |(unit, _): &&(i64, &str)| seconds >= 2 * unit;
    let (unit, name) = UNITS.iter().find(fits).unwrap_or(&UNITS[3]);
    let count = seconds / unit;
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {name}{plural}")
}

/// A point in time as seen from `now`, such as `in 50 minutes` or `2 days ago`.
pub fn relative(now: Timestamp, at: Timestamp) -> String {
    let seconds = at.seconds().saturating_sub(now.seconds());
    match seconds {
        0 => "now".into(),
        1.. => format!("in {}", span(seconds)),
        _ => format!("{} ago", span(seconds)),
    }
}

/// What a state means.
pub const fn state(state: State) -> &'static str {
    match state {
        State::PendingAuth => "nobody has authorized it",
        State::PendingVerification => "the application has yet to confirm who authorized it",
        State::Active => "its credential works",
        State::Expired => "its credential has run out or was invalidated",
        State::Revoked => "access was withdrawn at the provider",
        State::Error => "its configuration does not let it be refreshed",
        State::Suspended => "an operator has switched it off; its credential is kept",
        State::Disconnected => "it was disconnected, and its credential is destroyed",
    }
}

/// What a reason means; empty where there is nothing to explain.
pub const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::None => "",
        Reason::NotAuthorized => "nobody has authorized it yet",
        Reason::AwaitingVerification => "the application has not confirmed the user yet",
        Reason::VerificationRefused => "another person authorized than the one the application named",
        Reason::VerificationExpired => "the application did not confirm the user in time",
        Reason::AccessTokenExpired => "the access token has run out and can be refreshed",
        Reason::RefreshFailed => "the provider did not accept the refresh token",
        Reason::NoRefreshToken => "the access token has run out and there is no refresh token",
        Reason::RefreshOutcomeUnknown => {
            "a refresh was sent, its answer was lost, and the provider does not let it be repeated"
        }
        Reason::CredentialRejected => "the provider's API refuses the credential",
        Reason::RevokedAtProvider => "the provider says that access was withdrawn",
        Reason::ConnectionMisconfigured => "the provider does not accept the client of the connection",
        Reason::ScopeMissing => "a scope that was asked for was not granted, or is not granted any more",
        Reason::SuspendedByOperator => "an operator has suspended it",
        Reason::DisconnectedOnRequest => "the application or the user has disconnected it",
    }
}

/// What the class of an outcome means.
pub const fn outcome(class: OutcomeClass) -> &'static str {
    match class {
        OutcomeClass::Success => "new tokens were issued",
        OutcomeClass::Transient => "the provider could not be reached or could not answer",
        OutcomeClass::RateLimited => "the provider limits requests",
        OutcomeClass::GrantRevoked => "the provider did not accept the refresh token",
        OutcomeClass::RevokedAtProvider => "the provider says that access was withdrawn",
        OutcomeClass::ClientMisconfigured => "the provider did not accept the client of the connection",
        OutcomeClass::ScopeProblem => "the provider did not accept the scopes",
        OutcomeClass::UnusableAnswer => "the provider answered with something that cannot be used",
        OutcomeClass::Unknown => "the request was sent, and no complete answer came",
    }
}

/// What became of destroyed tokens at the provider.
pub const fn revocation(state: RevocationState) -> &'static str {
    match state {
        RevocationState::Pending => "the provider has yet to be told; a running server does that",
        RevocationState::Revoked => "the provider has revoked them",
        RevocationState::Unsupported => "the provider has no way to revoke them; they run out by themselves",
        RevocationState::Failed => "the provider could not be told",
    }
}

/// What to do about an account, with the commands that do it.
pub struct Remedy<'a>(&'a Account);

impl<'a> Remedy<'a> {
    /// Of an account.
    pub const fn of(account: &'a Account) -> Self {
        Self(account)
    }

    /// What an action means; `None` where nothing is needed.
    pub fn action(&self, action: NextAction) -> Option<String> {
        match action {
            NextAction::None => None,
            NextAction::Refresh => Some(self.refresh()),
            NextAction::Reauthorize => Some(self.reauthorize()),
            NextAction::FixConnection => Some(self.fix_connection()),
            NextAction::Verify => Some(
                "let the application confirm the user; if it cannot, let the user authorize again".into(),
            ),
            NextAction::Resume => Some(format!("run `valetkey account resume {}`", self.0.id)),
        }
    }

    /// A refresh.
    pub fn refresh(&self) -> String {
        format!("run `valetkey account refresh {}`", self.0.id)
    }

    /// A new authorization. No command makes a link for an account of an organization; the application does.
    pub fn reauthorize(&self) -> String {
        let Account { connection_name, identifier, .. } = self.0;
        if self.0.organization_id.is_some() || self.0.user_id.is_some() {
            return "let the application make a new authorization link, and the user open it".into();
        }
        let (connection, identifier) = (shell(connection_name), shell(identifier));
        format!("let the user open a new link: `valetkey link create {connection} {identifier}`")
    }

    /// A correction of the connection.
    pub fn fix_connection(&self) -> String {
        let connection = shell(&self.0.connection_name);
        format!(
            "compare client id, secret and endpoints with the provider's console (`valetkey connection show \
             {connection}`), and correct them with `valetkey connection update {connection}`"
        )
    }

    /// A connection that is switched on again.
    pub fn enable_connection(&self) -> String {
        format!("run `valetkey connection enable {}`", shell(&self.0.connection_name))
    }
}

/// A text as one word of a shell.
fn shell(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./-_".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_has_a_unit_that_says_enough() {
        for (seconds, words) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (119, "119 seconds"),
            (-120, "2 minutes"),
            (7199, "119 minutes"),
            (7200, "2 hours"),
            (172_800, "2 days"),
        ] {
            assert_eq!(span(seconds), words);
        }
    }

    #[test]
    fn a_point_in_time_is_seen_from_now() {
        let now = Timestamp::from_millis(1_800_000_000_900);
        assert_eq!(relative(now, now.plus_seconds(-300)), "5 minutes ago");
        assert_eq!(relative(now, now.plus_seconds(3600)), "in 60 minutes");
        assert_eq!(relative(now, now), "now");
    }

    #[test]
    fn what_a_user_may_have_chosen_is_one_word_of_a_shell() {
        assert_eq!(shell("alice@example.com"), "alice@example.com");
        assert_eq!(shell("a; rm -rf /"), "'a; rm -rf /'");
        assert_eq!(shell("o'neill"), r"'o'\''neill'");
        assert_eq!(shell(""), "''");
    }
}
