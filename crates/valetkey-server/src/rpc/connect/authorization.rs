//! `valetkey.v1.AuthorizationService`.

use tonic::{Request, Response};
use valetkey_app::{
    account::AccountAddress,
    connect::{ExchangeCode, GetAuthUrl},
    link::{CreateLink, Link},
};
use valetkey_core::{Secret, Timestamp, link::LinkState};
use valetkey_proto::valetkey::v1::{self as wire, authorization_service_server::AuthorizationService};

use super::{Answer, convert};
use crate::{
    error::status_of,
    rpc::{Rpc, caller, convert::timestamp},
};

/// The scopes that a request names; none where it leaves them to the account.
fn named(scopes: Vec<String>) -> Option<Vec<String>> {
    (!scopes.is_empty()).then_some(scopes)
}

/// The state of a link at `now`. Expiry is not stored.
fn state(link: &Link, now: Timestamp) -> &'static str {
    if link.state == LinkState::Usable && link.expires_at <= now { "expired" } else { link.state.as_str() }
}

/// A link without its address, which is known this once.
fn shown(link: &Link, now: Timestamp) -> wire::Link {
    let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
    wire::Link {
        id: link.id.to_string(),
        account_id: link.account_id.to_string(),
        url: String::new(),
        state: state(link, now).into(),
        max_uses: count(link.max_uses),
        uses: count(link.uses),
        scopes: link
            .requested_scopes
            .iter()
            .flat_map(|scopes| scopes.iter().map(ToOwned::to_owned))
            .collect(),
        created_at: Some(timestamp(link.created_at)),
        expires_at: Some(timestamp(link.expires_at)),
        opened_at: link.opened_at.map(timestamp),
        used_at: link.used_at.map(timestamp),
        revoked_at: link.revoked_at.map(timestamp),
    }
}

#[tonic::async_trait]
impl AuthorizationService for Rpc {
    async fn get_auth_url(&self, request: Request<wire::GetAuthUrlRequest>) -> Answer<wire::AuthUrl> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let wanted = GetAuthUrl {
            account: request.account_id,
            state: request.state,
            redirect_uri: request.redirect_uri,
            scopes: named(request.scopes),
            user_verify_url: request.user_verify_url,
        };
        let made = self.app.auth_url(&caller, wanted).await.map_err(status_of)?;
        let (url, expires_at) = (made.url.expose().to_owned(), Some(timestamp(made.expires_at)));
        Ok(Response::new(wire::AuthUrl { url, expires_at }))
    }

    async fn exchange_code(
        &self,
        request: Request<wire::ExchangeCodeRequest>,
    ) -> Answer<wire::ExchangeCodeResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let brought = ExchangeCode {
            account: request.account_id,
            code: Secret::from(request.code),
            state: Secret::from(request.state),
            issuer: request.iss,
            parameters: request.parameters.into_iter().collect(),
        };
        let done = self.app.exchange_code(&caller, &brought).await.map_err(status_of)?;
        let account = Some(convert::account(done.account)?);
        Ok(Response::new(wire::ExchangeCodeResponse { account, state: done.state }))
    }

    async fn create_link(&self, request: Request<wire::CreateLinkRequest>) -> Answer<wire::Link> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let link = CreateLink {
            address: AccountAddress::of_id(request.account_id),
            state: request.state,
            user_verify_url: request.user_verify_url,
            return_url: request.return_url,
            lifetime: request.expires_in.map(i64::from),
            max_uses: request.max_uses.map(i64::from),
            scopes: named(request.scopes),
        };
        let made = self.app.create_link(&caller, link).await.map_err(status_of)?;
        let url = made.url.expose().to_owned();
        Ok(Response::new(wire::Link { url, ..shown(&made.link, self.app.now()) }))
    }

    async fn list_links(&self, request: Request<wire::ListLinksRequest>) -> Answer<wire::ListLinksResponse> {
        let caller = caller(&request)?;
        let found = self.app.list_links(&caller, &request.get_ref().account_id).await.map_err(status_of)?;
        let now = self.app.now();
        let links = found.iter().map(|link| shown(link, now)).collect();
        Ok(Response::new(wire::ListLinksResponse { links }))
    }

    async fn revoke_link(
        &self,
        request: Request<wire::RevokeLinkRequest>,
    ) -> Answer<wire::RevokeLinkResponse> {
        let caller = caller(&request)?;
        self.app.revoke_link(&caller, &request.get_ref().link_id).await.map_err(status_of)?;
        Ok(Response::new(wire::RevokeLinkResponse {}))
    }
}
