//! What opens the API of a provider for one account.

use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock},
    time::Duration,
};

use valetkey_core::{
    account::State,
    connector::{Placement, Template},
    credential::Credential,
    error_code::ErrorCode,
};
use valetkey_provider::{Access, CallError, Fields, Ready};

use crate::{
    App, Caller, Error, Result,
    account::AccountAddress,
    connection::ConnectionView,
    credential::{Snapshot, Usable},
    refresh::{Demand, Flown},
};

/// How long a call may take where neither the account nor its caller says, in seconds.
const TIMEOUT: u64 = 30;

/// How old a refreshed credential is at the least before a refusal of the API has it refreshed again, in milliseconds.
const RENEW_AGAIN: i64 = 60_000;

/// What opens the API of a provider for one account, with a credential that works.
#[derive(Clone)]
pub(crate) struct OpenCall {
    /// The account and its credential.
    pub(crate) usable: Usable,
    way: Arc<Way>,
}

/// How the credential of an account gets to its API. The same for every call until account or connection change.
#[derive(Debug)]
pub(crate) struct Way {
    connection: Arc<ConnectionView>,
    placements: Vec<Placement>,
    fields: Fields,
    nothing: Credential,
    ready: OnceLock<Ready>,
}

impl OpenCall {
    /// The connection of the account.
    pub(crate) fn connection(&self) -> &ConnectionView {
        &self.way.connection
    }

    /// Values for the placeholders of the definition.
    pub(crate) fn fields(&self) -> &Fields {
        &self.way.fields
    }

    /// What the request is made with.
    pub(crate) fn access(&self) -> Access<'_> {
        Access {
            api: &self.way.connection.connector.api,
            placements: &self.way.placements,
            credential: self.usable.credential.as_ref().unwrap_or(&self.way.nothing),
            fields: &self.way.fields,
        }
    }

    /// What the user fills in that is not secret, such as an e-mail address.
    pub(crate) fn open_fields(&self) -> BTreeSet<&str> {
        let fields = self.connection().connector.auth.credential_fields();
        fields.iter().filter(|field| !field.is_secret()).map(|field| field.name.as_str()).collect()
    }

    /// What calls that are passed on have in common.
    pub(crate) fn ready(&self) -> std::result::Result<&Ready, CallError> {
        if let Some(known) = self.way.ready.get() {
            return Ok(known);
        }
        let made = Ready::of(&self.access(), &self.open_fields())?;
        Ok(self.way.ready.get_or_init(|| made))
    }

    /// The host that `target` is at, a path of the API or an absolute address; empty where the definition needs a field
    /// that the account has no value for.
    pub(crate) fn host(&self, target: &str) -> String {
        if target.starts_with("https://") {
            return Template::new(target).host_part().to_owned();
        }
        let value = |name: &str| self.way.fields.get(name).map(String::as_str);
        let rendered = self.way.connection.connector.api.base_url.render(value).unwrap_or_default();
        Template::new(rendered).host_part().to_owned()
    }

    /// How long a call may take: what the account says, or the default.
    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(self.usable.account.settings.timeout.map_or(TIMEOUT, u64::from))
    }

    /// How often a call that can be repeated is repeated where the provider is busy or away.
    pub(crate) fn retries(&self) -> u32 {
        self.usable.account.settings.retry_attempts.unwrap_or_default()
    }
}

impl App {
    /// Opens the API for an account: it is active, its credential works, it keeps to its rate limit, and the use is
    /// recorded for `purpose`, the name of a tool or `proxy`.
    pub(crate) async fn open_call(
        &self,
        caller: &Caller,
        address: &AccountAddress,
        purpose: &str,
    ) -> Result<OpenCall> {
        // A call that is refused uses no credential.
        let known = self.snapshot(caller, address).await?;
        let account = &known.account;
        if let Err(wait) = self.rate_limits.take(&account.id, account.settings.rate_limit, self.clock.now()) {
            let message = format!(
                "account {} has used up its {} calls a minute; try again in {} s",
                account.id,
                account.settings.rate_limit.unwrap_or_default(),
                wait.as_millis().div_ceil(1000)
            );
            return Err(Error::new(ErrorCode::RateLimited, message));
        }
        let usable = self.freshened(caller, address, known, 0).await?;
        self.record_call_use(caller, &usable, purpose).await?;
        let way = self.way(&usable).await?;
        Ok(OpenCall { usable, way })
    }

    /// The same after the provider refused the credential with status 401: with another credential where one could be
    /// had, `None` where not. Tokens are renewed once however many calls are refused at the same time.
    pub(crate) async fn open_again(
        &self,
        caller: &Caller,
        address: &AccountAddress,
        refused: &OpenCall,
        purpose: &str,
    ) -> Result<Option<OpenCall>> {
        let before = &refused.usable;
        if self.just_renewed(before) {
            return Ok(None);
        }
        let flown = self.refresh_on_demand(&before.account, Demand::Request, Some(before.generation)).await;
        if matches!(flown, Ok(Flown::Nothing) | Err(_)) {
            return Ok(None);
        }
        let again: Usable = Arc::new(self.read_snapshot(caller, address).await?);
        if again.account.state != State::Active || again.generation == before.generation {
            return Ok(None);
        }
        self.record_call_use(caller, &again, purpose).await?;
        let way = self.way(&again).await?;
        Ok(Some(OpenCall { usable: again, way }))
    }

    /// Whether the credential came of a refresh a moment ago. One that is refused all the same is not cured by another,
    /// and a caller who calls in a loop must not wear out the provider's patience with the whole application.
    fn just_renewed(&self, snapshot: &Snapshot) -> bool {
        let age = snapshot.stored_at.map(|at| self.clock.now().millis() - at.millis());
        snapshot.generation > 1 && age.is_some_and(|age| age < RENEW_AGAIN)
    }

    async fn way(&self, usable: &Snapshot) -> Result<Arc<Way>> {
        match usable.way.get() {
            Some(known) => Ok(known.clone()),
            None => Box::pin(self.find_way(usable)).await,
        }
    }

    async fn find_way(&self, usable: &Snapshot) -> Result<Arc<Way>> {
        let account = &usable.account;
        let connection = self.known_connection(&account.environment_id, &account.connection_id).await?;
        connection.check_enabled()?;
        let config =
            self.open_api_config(&account.environment_id, &account.id, account.api_config.as_ref()).await?;
        let way = Arc::new(Way {
            placements: connection.connector.auth.placements(),
            fields: connection.fields(&config),
            connection,
            nothing: Credential::Static("{}".into()),
            ready: OnceLock::new(),
        });
        Ok(usable.way.get_or_init(|| way).clone())
    }
}
