//! Everything about one account on one screen.

use serde_json::{Map, Value, json};
use valetkey_app::{
    App, Caller,
    account::{AccountView, TokenStatus},
    call::{CallQuery, ToolCall},
    doctor::{
        Event,
        words::{self, Remedy, relative},
    },
    page::PageRequest,
};
use valetkey_core::{Timestamp, scope::ScopeSet};

use super::{
    calls,
    which::{One, by_id},
};
use crate::cli::output::{Failure, print, print_json};

/// How many events are shown.
const EVENTS: u32 = 10;

/// How many calls are shown.
const CALLS: u32 = 5;

/// The longest line of an event's details, in characters.
const DETAILS: usize = 110;

/// An account with what is known about it. Nothing of it is secret.
struct Shown {
    view: AccountView,
    status: TokenStatus,
    journal: Vec<Event>,
    calls: Vec<ToolCall>,
    now: Timestamp,
}

/// Prints an account.
pub async fn show(app: &App, operator: &Caller, one: &One) -> Result<(), Failure> {
    let view = app.account(operator, &one.address()).await?;
    let address = by_id(&view.account.id);
    let status = app.token_status(operator, &address).await?;
    let page = PageRequest { size: EVENTS, token: None };
    let journal = app.account_journal(operator, &address, &page).await?.items;
    let of_account = CallQuery { account_id: Some(view.account.id.to_string()), ..CallQuery::default() };
    let page = PageRequest { size: CALLS, token: None };
    let calls = app.list_calls(operator, of_account, &page).await?.items;
    let shown = Shown { view, status, journal, calls, now: app.now() };
    if one.format.is_json() { print_json(&shown.json()) } else { print(&shown.text()) }
}

fn details(event: &Event) -> Map<String, Value> {
    serde_json::from_str(&event.details).unwrap_or_default()
}

fn time(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| at.to_string().into())
}

impl Shown {
    fn missing(&self) -> ScopeSet {
        self.view.account.requested_scopes.minus(&self.view.account.granted_scopes)
    }

    fn next(&self) -> Option<String> {
        Remedy::of(&self.view.account).action(self.status.next_action)
    }

    fn json(&self) -> Value {
        let (row, status) = (&self.view.account, &self.status);
        let metadata: Map<String, Value> = serde_json::from_str(&row.metadata).unwrap_or_default();
        json!({
            "id": row.id,
            "connection": row.connection_name,
            "connection_id": row.connection_id,
            "provider": row.connector,
            "identifier": row.identifier,
            "organization_id": row.organization_id,
            "user_id": row.user_id,
            "metadata": metadata,
            "state": status.state,
            "state_changed_at": row.state_changed_at.to_string(),
            "reason": status.reason,
            "next_action": status.next_action,
            "next": self.next(),
            "scopes": {
                "requested": row.requested_scopes, "granted": row.granted_scopes, "missing": self.missing(),
            },
            "token": self.token_json(),
            "connection_fault": status.connection_fault,
            "revocation": status.revocation.as_ref().map(|(result, detail)| {
                json!({ "result": result, "detail": detail })
            }),
            "last_authorized_at": time(row.last_authorized_at),
            "last_used_at": time(row.last_used_at),
            "journal": self.journal.iter().map(|event| json!({
                "id": event.id,
                "at": event.created_at.to_string(),
                "kind": event.kind,
                "actor": event.actor,
                "details": details(event),
            })).collect::<Vec<_>>(),
            "calls": self.calls.iter().map(calls::json).collect::<Vec<_>>(),
        })
    }

    fn token_json(&self) -> Value {
        let status = &self.status;
        json!({
            "generation": status.generation,
            "issued_at": time(status.issued_at),
            "expires_at": time(status.expires_at),
            "refreshable": status.refreshable,
            "auto_refresh": status.auto_refresh,
            "expires_in": self.view.account.settings.expires_in,
            "due_at": time(status.due_at),
            "failures": status.failures,
            "last_outcome": status.last_outcome,
            "last_detail": status.last_detail,
            "last_outcome_at": time(status.last_outcome_at),
            "attempt_open": status.attempt_open,
        })
    }

    fn text(&self) -> String {
        let fields = self.fields();
        let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        let mut lines: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name:width$}  {value}")).collect();
        lines.push("journal, newest first".into());
        lines.extend(self.journal.iter().map(event_line));
        if !self.calls.is_empty() {
            lines.push("calls, newest first".into());
            lines.extend(self.calls.iter().map(calls::line));
        }
        lines.join("\n")
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        let (row, status) = (&self.view.account, &self.status);
        let since = format!("{} ({})", row.state_changed_at, relative(self.now, row.state_changed_at));
        let scopes = |set: &ScopeSet| if set.is_empty() { "none".to_owned() } else { set.join(" ") };
        let mut fields = vec![
            ("id", row.id.to_string()),
            ("connection", format!("{} ({})", row.connection_name, row.connector)),
            ("identifier", row.identifier.clone()),
        ];
        fields.extend(row.organization_id.clone().map(|id| ("organization", id)));
        fields.extend(row.user_id.clone().map(|id| ("user", id)));
        let known = pairs(&serde_json::from_str(&row.metadata).unwrap_or_default());
        fields.extend((!known.is_empty()).then_some(("at the provider", known)));
        fields.extend([
            ("state", format!("{} since {since}: {}", status.state.as_str(), words::state(status.state))),
            ("reason", self.reason()),
            ("next action", self.next().unwrap_or_else(|| "none".into())),
            ("scopes granted", scopes(&row.granted_scopes)),
            ("scopes missing", scopes(&self.missing())),
            ("token", self.token()),
            ("renewal", self.renewal()),
            ("last refresh", self.last_refresh()),
            (
                "open attempt",
                if status.attempt_open { "yes; its outcome is not recorded" } else { "no" }.into(),
            ),
            ("connection fault", status.connection_fault.clone().unwrap_or_else(|| "none".into())),
            ("revocation", self.revocation()),
            ("authorized", self.moment(row.last_authorized_at)),
            ("used", self.moment(row.last_used_at)),
        ]);
        fields
    }

    fn moment(&self, at: Option<Timestamp>) -> String {
        at.map_or_else(|| "never".into(), |at| format!("{at} ({})", relative(self.now, at)))
    }

    fn reason(&self) -> String {
        match words::reason(self.status.reason) {
            "" => self.status.reason.as_str().to_owned(),
            words => format!("{}: {words}", self.status.reason.as_str()),
        }
    }

    fn token(&self) -> String {
        let status = &self.status;
        if status.generation == 0 {
            return "none".into();
        }
        let issued = status.issued_at.map(|at| format!(", issued {}", relative(self.now, at)));
        let expires = status.expires_at.map_or_else(
            || ", without a known end".to_owned(),
            |at| {
                let word = if at > self.now { "runs out" } else { "ran out" };
                format!(", {word} {at} ({})", relative(self.now, at))
            },
        );
        format!("number {}{}{expires}", status.generation, issued.unwrap_or_default())
    }

    fn renewal(&self) -> String {
        let status = &self.status;
        let how = match (status.refreshable, status.auto_refresh) {
            (false, _) => "nothing renews it",
            (true, true) => "by itself",
            (true, false) => "on request only (auto_refresh is off)",
        };
        let due = status.due_at.map(|at| format!(", due {at} ({})", relative(self.now, at)));
        let limit = self.view.account.settings.expires_in;
        let limit = limit.map(|seconds| format!(", used for {seconds} s at the most"));
        format!("{how}{}{}", due.unwrap_or_default(), limit.unwrap_or_default())
    }

    fn last_refresh(&self) -> String {
        let status = &self.status;
        let Some(class) = status.last_outcome else { return "none".into() };
        let when = status.last_outcome_at.map(|at| relative(self.now, at)).unwrap_or_default();
        let detail = status.last_detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
        let failures = match status.failures {
            0 => String::new(),
            count => format!(", failures in a row: {count}"),
        };
        format!("{} {when}{failures}{detail}", class.as_str())
    }

    fn revocation(&self) -> String {
        let Some((state, detail)) = &self.status.revocation else { return "none".into() };
        let detail = detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
        format!("{}: {}{detail}", state.as_str(), words::revocation(*state))
    }
}

/// The members of an object, as `name=value`; those that say nothing are left out.
fn pairs(known: &Map<String, Value>) -> String {
    let says = |value: &Value| !(value.is_null() || value.as_array().is_some_and(Vec::is_empty));
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    let pairs = known.iter().filter(|(_, value)| says(value));
    pairs.map(|(name, value)| format!("{name}={}", text(value))).collect::<Vec<_>>().join(" ")
}

fn event_line(event: &Event) -> String {
    let mut text = pairs(&details(event));
    if text.chars().count() > DETAILS {
        text = text.chars().take(DETAILS).chain(['…']).collect();
    }
    format!("  {}  {:24}  {}  {text}", event.created_at, event.kind.as_str(), event.actor)
        .trim_end()
        .to_owned()
}
