//! Rows with plausible contents. Ids and times count up, so that rows made later sort later.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use valetkey_core::{
    Entropy, Timestamp,
    account::{Reason, State},
    call::{CallOutcome, CallSource},
    environment::VerificationMode,
    id::{
        AccountId, ClientId, ClientSecretId, ConnectionId, EnvironmentId, EventId, ExecutionId, FlowId,
        LinkId, OrganizationId, SessionId, VerificationId,
    },
    journal::EventKind,
    link::{FlowOutcome, LinkState},
    scope::ScopeSet,
    sealed::Sealed,
};
use valetkey_store::{
    account::{Account, Shown},
    client::{Client, ClientSecret},
    connection::Connection,
    credential::Credential,
    custom_connector::CustomConnector,
    environment::Environment,
    event::Event,
    flow::{Flow, Hosted},
    link::Link,
    operator_session::OperatorSession,
    organization::Organization,
    tool_call::ToolCall,
    verification::Verification,
};

/// The time at which tests begin.
pub(crate) const T0: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// Some seconds after the beginning.
pub(crate) fn later(seconds: i64) -> Timestamp {
    T0.plus_seconds(seconds)
}

/// Different bytes at each call.
struct Counter(AtomicU64);

impl Entropy for Counter {
    fn fill(&self, bytes: &mut [u8]) {
        let count = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        bytes.iter_mut().zip(count.iter().cycle()).for_each(|(byte, value)| *byte = *value);
    }
}

static ENTROPY: Counter = Counter(AtomicU64::new(1));
static MILLIS: AtomicI64 = AtomicI64::new(0);

/// A new id, which sorts after those made before.
pub(crate) fn id<T>(make: fn(Timestamp, &dyn Entropy) -> T) -> T {
    let millis = T0.millis() + MILLIS.fetch_add(1, Ordering::Relaxed);
    make(Timestamp::from_millis(millis), &ENTROPY)
}

/// A new hash, different at each call.
pub(crate) fn hash() -> Vec<u8> {
    let mut bytes = vec![0; 32];
    ENTROPY.fill(&mut bytes);
    bytes
}

/// A sealed value that says what it is.
pub(crate) fn sealed(text: &str) -> Sealed {
    Sealed::from_bytes(text.as_bytes().to_vec())
}

pub(crate) fn scopes(text: &str) -> ScopeSet {
    ScopeSet::parse(text, " ")
}

pub(crate) fn environment(name: &str) -> Environment {
    Environment {
        id: id(EnvironmentId::new),
        name: name.to_owned(),
        application: format!("{name} app"),
        verification_mode: VerificationMode::Custom,
        allowed_return_urls: vec!["https://app.example/done?a=1".into(), "https://app.example/\"é".into()],
        created_at: T0,
    }
}

pub(crate) fn client(environment: &EnvironmentId) -> Client {
    Client {
        id: id(ClientId::new),
        environment_id: environment.clone(),
        name: "backend".into(),
        permissions: vec!["connections:read".into(), "connections:write".into()],
        created_at: T0,
        revoked_at: None,
        last_used_at: None,
    }
}

pub(crate) fn secret(client: &ClientId) -> ClientSecret {
    ClientSecret {
        id: id(ClientSecretId::new),
        client_id: client.clone(),
        hash: hash(),
        hint: "********abcd".into(),
        created_at: T0,
        expires_at: None,
        revoked_at: None,
    }
}

pub(crate) fn organization(environment: &EnvironmentId, external_id: Option<&str>) -> Organization {
    Organization {
        id: id(OrganizationId::new),
        environment_id: environment.clone(),
        display_name: "Acme & Söhne".into(),
        external_id: external_id.map(Into::into),
        slug: Some("acme".into()),
        logo_url: None,
        region_code: 1,
        metadata: r#"{"tier":"gold"}"#.into(),
        created_at: T0,
        updated_at: T0,
    }
}

pub(crate) fn custom_connector(environment: &EnvironmentId, identifier: &str) -> CustomConnector {
    CustomConnector {
        environment_id: environment.clone(),
        identifier: identifier.to_owned(),
        display_name: "Tickets".into(),
        definition: r#"{"auth":"none"}"#.into(),
        source: "{}".into(),
        created_at: T0,
        updated_at: T0,
    }
}

pub(crate) fn connection(environment: &EnvironmentId, name: &str, connector: &str) -> Connection {
    Connection {
        id: id(ConnectionId::new),
        environment_id: environment.clone(),
        name: name.to_owned(),
        connector: connector.to_owned(),
        auth_type: valetkey_core::connector::AuthType::Oauth2,
        enabled: true,
        config: r#"{"client_id":"abc"}"#.into(),
        secrets: Some(sealed("client secret")),
        allowed_redirect_uris: vec!["https://app.example/callback".into()],
        fault: None,
        fault_count: 0,
        fault_retry_at: None,
        version: 1,
        created_at: T0,
        updated_at: T0,
    }
}

pub(crate) fn account(connection: &Connection, identifier: &str) -> Account {
    Account {
        id: id(AccountId::new),
        environment_id: connection.environment_id.clone(),
        connection_id: connection.id.clone(),
        connection_name: connection.name.clone(),
        connector: connection.connector.clone(),
        auth_type: connection.auth_type,
        connection_fault: None,
        identifier: identifier.to_owned(),
        identifier_type: "custom".into(),
        organization_id: None,
        user_id: None,
        state: State::PendingAuth,
        reason: Reason::NotAuthorized,
        state_changed_at: T0,
        api_config: Some(sealed("api config")),
        metadata: "{}".into(),
        application_metadata: r#"{"team":"a"}"#.into(),
        settings: valetkey_core::settings::AccountSettings::default(),
        test_mode: true,
        narrowed_scopes: Some(scopes("read")),
        requested_scopes: scopes("read write"),
        granted_scopes: ScopeSet::default(),
        token_expires_at: None,
        last_used_at: None,
        last_authorized_at: None,
        version: 1,
        created_at: T0,
        updated_at: T0,
    }
}

/// The filter for one state.
pub(crate) fn shown(state: State) -> Shown {
    Shown { states: vec![state], at: T0 }
}

pub(crate) fn credential(account: &Account, generation: i64) -> Credential {
    Credential {
        account_id: account.id.clone(),
        generation,
        sealed: sealed(&format!("token {generation}")),
        expires_at: Some(later(3600)),
        updated_at: T0,
    }
}

pub(crate) fn link(account: &Account) -> Link {
    Link {
        id: id(LinkId::new),
        environment_id: account.environment_id.clone(),
        account_id: account.id.clone(),
        token_hash: hash(),
        state: LinkState::Usable,
        details: sealed("link details"),
        requested_scopes: Some(scopes("read")),
        max_uses: 1,
        uses: 0,
        created_at: T0,
        expires_at: later(3600),
        opened_at: None,
        used_at: None,
        revoked_at: None,
    }
}

pub(crate) fn flow(link: &Link, account: &Account) -> Flow {
    Flow {
        id: id(FlowId::new),
        environment_id: link.environment_id.clone(),
        hosted: Some(Hosted { link_id: link.id.clone(), browser_hash: hash() }),
        account_id: account.id.clone(),
        connection_id: account.connection_id.clone(),
        state_hash: hash(),
        details: sealed("flow details"),
        outcome: FlowOutcome::Started,
        outcome_detail: None,
        created_at: T0,
        expires_at: later(900),
        claimed_at: None,
        ended_at: None,
    }
}

pub(crate) fn verification(link: &Link) -> Verification {
    Verification {
        id: id(VerificationId::new),
        environment_id: link.environment_id.clone(),
        account_id: link.account_id.clone(),
        link_id: link.id.clone(),
        token_hash: hash(),
        parked: Some(sealed("parked")),
        details: sealed("verification details"),
        state: "pending".into(),
        created_at: T0,
        expires_at: later(600),
    }
}

pub(crate) fn event(account: &Account, kind: EventKind) -> Event {
    Event {
        id: id(EventId::new),
        environment_id: account.environment_id.clone(),
        account_id: Some(account.id.clone()),
        connection_id: None,
        kind,
        actor: "skc_test".into(),
        details: "{}".into(),
        created_at: T0,
    }
}

/// An event of another time.
pub(crate) fn event_at(account: &Account, kind: EventKind, at: Timestamp) -> Event {
    let connection_id = Some(account.connection_id.clone());
    Event { id: EventId::new(at, &ENTROPY), connection_id, created_at: at, ..event(account, kind) }
}

pub(crate) fn operator_session(kind: &str) -> OperatorSession {
    OperatorSession {
        id: id(SessionId::new),
        token_hash: hash(),
        kind: kind.to_owned(),
        created_at: T0,
        expires_at: later(600),
        used_at: None,
    }
}

/// The id of a call that began at `at`.
pub(crate) fn tool_call_at(at: Timestamp) -> ExecutionId {
    ExecutionId::new(at, &ENTROPY)
}

/// A proxied call of the account that began at `at` and succeeded.
pub(crate) fn tool_call(account: &Account, at: Timestamp) -> ToolCall {
    ToolCall {
        id: tool_call_at(at),
        environment_id: account.environment_id.clone(),
        actor: "skc_test".into(),
        agent_run_id: None,
        tool_name: "GET /users/me".into(),
        provider: account.connector.clone(),
        account_id: Some(account.id.clone()),
        connection_id: Some(account.connection_id.clone()),
        connection_name: account.connection_name.clone(),
        identifier: account.identifier.clone(),
        organization_id: account.organization_id.clone(),
        user_id: account.user_id.clone(),
        source: CallSource::Proxy,
        outcome: CallOutcome::Success,
        status: Some(200),
        error_code: String::new(),
        error_message: String::new(),
        host: "api.example".into(),
        duration_ms: 12,
        started_at: at,
    }
}
