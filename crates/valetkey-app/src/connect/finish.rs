//! The last write of a flow: account, credential, link, flow and journal in one transaction.

use serde_json::json;
use valetkey_core::{
    account::AccountEvent,
    environment::VerificationMode,
    id::{LinkId, VerificationId},
    journal::EventKind,
    link::FlowOutcome,
    scope::ScopeSet,
};
use valetkey_store::{Tx, account, flow, flow::Flow, link, verification};

use super::{
    Connected, Next, Problem,
    open::{OpenLink, scope_lines},
    same_user::check_same_user,
};
use crate::{
    App, Caller,
    account::{Account, Change, Granted},
    journal::About,
    link::Link,
    secrets,
    verification::{Parked, VerificationDetails, with_query},
};

impl App {
    /// Ends a flow at a provider with the grant that it brought.
    pub(super) async fn finish_flow(
        &self,
        caller: &Caller,
        flow: &Flow,
        link: &LinkId,
        granted: Granted,
        requested: ScopeSet,
    ) -> Result<Next, Problem> {
        let mut reader = self.pool.read().await?;
        let link = link::get(&mut reader, &flow.environment_id, link).await?.ok_or(Problem::UnknownLink)?;
        let row = account::get(&mut reader, &flow.environment_id, &flow.account_id).await?;
        drop(reader);
        let row = row.ok_or(Problem::UnknownLink)?;
        check_same_user(&row, &granted)?;
        let environment = self.environment(&flow.environment_id).await?;
        let details = self.open_link_details(&link).await?;
        let missing = granted.scopes.as_ref().map(|scopes| requested.minus(scopes)).unwrap_or_default();
        if environment.verification_mode == VerificationMode::Custom {
            let verify_url = super::open::verify_url(&details)?;
            let token = self.park(caller, &row, &link, flow, granted, requested).await?;
            let mut parameters = vec![("auth_request_id", token.expose())];
            parameters.extend(details.state.as_deref().map(|state| ("state", state)));
            return Ok(Next::Return(with_query(verify_url, &parameters)));
        }
        let provider_account = granted.user_email.clone().or_else(|| granted.provider_account_id.clone());
        let grant = self.seal_grant(&row, &granted, Some(requested)).await?;
        let mut tx = self.pool.begin().await?;
        self.use_link(&mut tx, &link).await?;
        self.apply(&mut tx, caller, &row, Change::Obtained(grant)).await?;
        self.complete(&mut tx, caller, flow, FlowOutcome::Completed).await?;
        tx.commit().await?;
        if let Some(url) = &details.return_url {
            let state = details.state.as_deref().map(|state| ("state", state));
            let parameters: Vec<_> = [("status", "success")].into_iter().chain(state).collect();
            return Ok(Next::Return(with_query(url, &parameters)));
        }
        let connector = self.connector(&flow.environment_id, &row.connector).await?;
        Ok(Next::Connected(Connected {
            missing_scopes: scope_lines(&connector, &missing),
            connector_name: connector.name.clone(),
            application: environment.application,
            provider_account,
        }))
    }

    /// Ends a link whose credential was filled in.
    pub(super) async fn finish_static(&self, open: &OpenLink, granted: Granted) -> Result<Next, Problem> {
        let grant = self.seal_grant(&open.account, &granted, None).await?;
        let mut tx = self.pool.begin().await?;
        self.use_link(&mut tx, &open.link).await?;
        self.apply(&mut tx, &open.caller, &open.account, Change::Obtained(grant)).await?;
        tx.commit().await?;
        if let Some(url) = &open.details.return_url {
            let state = open.details.state.as_deref().map(|state| ("state", state));
            let parameters: Vec<_> = [("status", "success")].into_iter().chain(state).collect();
            return Ok(Next::Return(with_query(url, &parameters)));
        }
        Ok(Next::Connected(Connected {
            connector_name: open.connection.connector.name.clone(),
            application: open.environment.application.clone(),
            provider_account: None,
            missing_scopes: vec![],
        }))
    }

    async fn park(
        &self,
        caller: &Caller,
        row: &Account,
        link: &Link,
        flow: &Flow,
        granted: Granted,
        requested: ScopeSet,
    ) -> Result<valetkey_core::Secret, Problem> {
        let now = self.clock.now();
        let id = VerificationId::new(now, self.entropy.as_ref());
        let token = secrets::random_token(self.entropy.as_ref());
        let return_url = self.open_link_details(link).await?.return_url;
        let parked = Parked::new(granted, requested);
        let details = VerificationDetails { return_url };
        let record = verification::Verification {
            parked: Some(self.seal_parked(&row.environment_id, &id, &parked).await?),
            details: self.seal_verification(&row.environment_id, &id, &details).await?,
            environment_id: row.environment_id.clone(),
            account_id: row.id.clone(),
            link_id: link.id.clone(),
            token_hash: secrets::hash("auth request", token.expose()),
            state: "pending".into(),
            created_at: now,
            expires_at: now.plus_seconds(self.settings.verification_lifetime),
            id,
        };
        let mut tx = self.pool.begin().await?;
        self.use_link(&mut tx, link).await?;
        verification::insert(&mut tx, &record).await?;
        self.apply(&mut tx, caller, row, Change::Event(AccountEvent::ConsentAwaitsVerification)).await?;
        let about = About { account: Some(&row.id), connection: Some(&row.connection_id) };
        self.record(
            &mut tx,
            caller,
            EventKind::CredentialParked,
            about,
            &json!({ "verification": record.id }),
        )
        .await?;
        self.complete(&mut tx, caller, flow, FlowOutcome::AwaitingVerification).await?;
        tx.commit().await?;
        Ok(token)
    }

    async fn use_link(&self, tx: &mut Tx, row: &Link) -> Result<(), Problem> {
        let now = self.clock.now();
        if link::mark_used(tx, &row.environment_id, &row.id, now).await? {
            return Ok(());
        }
        let current = link::get(tx, &row.environment_id, &row.id).await?;
        Err(match current.map(|link| link.state) {
            Some(valetkey_core::link::LinkState::Revoked) => Problem::LinkRevoked,
            Some(_) => Problem::LinkUsed,
            None => Problem::UnknownLink,
        })
    }

    pub(super) async fn complete(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        row: &Flow,
        outcome: FlowOutcome,
    ) -> Result<(), Problem> {
        // A newer attempt may have taken over meanwhile; then nothing of this one is kept.
        if !flow::end(tx, &row.environment_id, &row.id, outcome, None, self.clock.now()).await? {
            return Err(Problem::Superseded);
        }
        let about = About { account: Some(&row.account_id), connection: Some(&row.connection_id) };
        let details = json!({ "flow": row.id, "outcome": outcome.as_str() });
        Ok(self.record(tx, caller, EventKind::FlowEnded, about, &details).await?)
    }
}
