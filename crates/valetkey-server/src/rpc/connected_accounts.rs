//! `scalekit.v1.connected_accounts.ConnectedAccountService`.

use tonic::{Request, Response, Status};
use valetkey_app::{
    account::{
        Account, AccountAddress, AccountView, CreateAccount, CredentialInput, ListAccounts, OauthInput,
        SearchAccounts, UpdateAccount,
    },
    link::CreateLink,
};
use valetkey_core::{Secret, account::WireStatus, connector::AuthType, credential::Credential};
use valetkey_proto::scalekit::v1::connected_accounts::{
    self as wire, authorization_details::Details, connected_account_service_server::ConnectedAccountService,
};

use super::{Rpc, caller, convert, page};
use crate::error::status_of;

/// Rows of a page whose size the request does not name.
const PAGE: u32 = 10;

type Answer<T> = Result<Response<T>, Status>;

fn connector_type(kind: AuthType) -> wire::ConnectorType {
    match kind {
        AuthType::Oauth2 => wire::ConnectorType::Oauth,
        AuthType::Basic => wire::ConnectorType::BasicAuth,
        AuthType::Bearer => wire::ConnectorType::BearerToken,
        AuthType::ApiKey => wire::ConnectorType::ApiKey,
        AuthType::None => wire::ConnectorType::NoAuth,
    }
}

fn status(account: &Account) -> i32 {
    WireStatus::from(account.state) as i32
}

/// What the account is authorized with. The details are always there, because clients read their kind; tokens and
/// keys are in them only where the use case has given them out.
fn details(view: &AccountView) -> wire::AuthorizationDetails {
    let scopes = || view.account.granted_scopes.iter().map(ToOwned::to_owned).collect();
    let text = |secret: &Secret| secret.expose().to_owned();
    let details = match (&view.credential, view.account.auth_type) {
        (Some(Credential::Oauth2(grant)), _) => Some(Details::OauthToken(wire::OauthToken {
            access_token: text(&grant.access_token),
            refresh_token: grant.refresh_token.as_ref().map(text).unwrap_or_default(),
            scopes: scopes(),
            domain: domain(view),
        })),
        (Some(Credential::Static(json)), _) => {
            let map = serde_json::from_str(json.expose()).unwrap_or_default();
            Some(Details::StaticAuth(wire::StaticAuth { details: Some(convert::to_struct(map)) }))
        }
        (None, AuthType::Oauth2) => Some(Details::OauthToken(wire::OauthToken {
            scopes: scopes(),
            domain: domain(view),
            ..Default::default()
        })),
        (None, AuthType::Basic | AuthType::Bearer | AuthType::ApiKey) => {
            Some(Details::StaticAuth(wire::StaticAuth::default()))
        }
        (None, AuthType::None) => None,
    };
    wire::AuthorizationDetails { details }
}

fn domain(view: &AccountView) -> String {
    view.api_config.get("domain").and_then(|value| value.as_str()).unwrap_or_default().to_owned()
}

fn account(view: AccountView) -> wire::ConnectedAccount {
    let authorization_details = Some(details(&view));
    let row = view.account;
    wire::ConnectedAccount {
        status: status(&row),
        authorization_type: connector_type(row.auth_type).into(),
        authorization_details,
        token_expires_at: row.token_expires_at.map(convert::timestamp),
        updated_at: Some(convert::timestamp(row.updated_at)),
        last_used_at: row.last_used_at.map(convert::timestamp),
        id: row.id.to_string(),
        connection_id: row.connection_id.to_string(),
        identifier: row.identifier,
        provider: row.connector,
        connector: row.connection_name,
        api_config: Some(convert::to_struct(view.api_config)),
        is_org_wide_credential: false,
    }
}

fn listed(row: Account) -> wire::ConnectedAccountForList {
    wire::ConnectedAccountForList {
        status: status(&row),
        authorization_type: connector_type(row.auth_type).into(),
        token_expires_at: row.token_expires_at.map(convert::timestamp),
        updated_at: Some(convert::timestamp(row.updated_at)),
        last_used_at: row.last_used_at.map(convert::timestamp),
        id: row.id.to_string(),
        connection_id: row.connection_id.to_string(),
        identifier: row.identifier,
        provider: row.connector,
        connector: row.connection_name,
        is_org_wide_credential: false,
    }
}

/// Credentials in a request. A message without a case is what some clients send for "none"; it means just that.
fn credential(details: Option<wire::AuthorizationDetails>) -> Result<Option<CredentialInput>, Status> {
    let unsupported = |name: &str| {
        let field = format!("connected_account.authorization_details.{name}");
        status_of(valetkey_app::Error::invalid(&field, "supported", "is not supported by this server"))
    };
    Ok(match details.and_then(|details| details.details) {
        None => None,
        Some(Details::OauthToken(token)) => Some(CredentialInput::Oauth(OauthInput {
            access_token: Secret::from(token.access_token),
            refresh_token: Secret::from(token.refresh_token),
            scopes: token.scopes,
        })),
        Some(Details::StaticAuth(auth)) => {
            Some(CredentialInput::Static(auth.details.map(convert::from_struct).unwrap_or_default()))
        }
        Some(Details::GoogleDwd(_)) => return Err(unsupported("google_dwd")),
        Some(Details::TrustedIdp(_)) => return Err(unsupported("trusted_idp")),
    })
}

/// The domain of an OAuth token is a setting of the account.
fn with_domain(
    details: Option<&wire::AuthorizationDetails>,
    config: Option<prost_types::Struct>,
) -> serde_json::Map<String, serde_json::Value> {
    let mut config = config.map(convert::from_struct).unwrap_or_default();
    if let Some(Details::OauthToken(token)) = details.and_then(|details| details.details.as_ref())
        && !token.domain.is_empty()
    {
        config.entry("domain").or_insert_with(|| token.domain.clone().into());
    }
    config
}

macro_rules! address {
    ($request:expr) => {
        AccountAddress {
            id: $request.id.clone(),
            connector: $request.connector.clone(),
            identifier: $request.identifier.clone(),
            organization_id: $request.organization_id.clone(),
            user_id: $request.user_id.clone(),
        }
    };
}

fn by_id(id: String) -> AccountAddress {
    AccountAddress { id: Some(id), ..AccountAddress::default() }
}

#[tonic::async_trait]
impl ConnectedAccountService for Rpc {
    async fn list_connected_accounts(
        &self,
        request: Request<wire::ListConnectedAccountsRequest>,
    ) -> Answer<wire::ListConnectedAccountsResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let connector = request.connector.filter(|name| !name.is_empty());
        if connector.is_some() && !request.connection_names.is_empty() {
            let text = "give either connector or connection_names";
            return Err(status_of(valetkey_app::Error::invalid("connection_names", "exclusive", text)));
        }
        let list = ListAccounts {
            connection_names: connector.into_iter().chain(request.connection_names).collect(),
            identifier: request.identifier,
            provider: Some(request.provider),
            organization_id: request.organization_id,
            user_id: request.user_id,
            query: Some(request.query),
            page: page::request(request.page_size, request.page_token, PAGE),
        };
        let found = self.app.list_accounts(&caller, list).await.map_err(status_of)?;
        let (total_size, next_page_token, prev_page_token) = page::tokens(&found);
        let connected_accounts = found.items.into_iter().map(listed).collect();
        Ok(Response::new(wire::ListConnectedAccountsResponse {
            connected_accounts,
            total_size,
            next_page_token,
            prev_page_token,
        }))
    }

    async fn search_connected_accounts(
        &self,
        request: Request<wire::SearchConnectedAccountsRequest>,
    ) -> Answer<wire::SearchConnectedAccountsResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let search = SearchAccounts {
            query: request.query,
            connection_id: Some(request.connection_id),
            page: page::request(request.page_size, request.page_token, PAGE),
        };
        let found = self.app.search_accounts(&caller, search).await.map_err(status_of)?;
        let (total_size, next_page_token, prev_page_token) = page::tokens(&found);
        let connected_accounts = found.items.into_iter().map(listed).collect();
        Ok(Response::new(wire::SearchConnectedAccountsResponse {
            connected_accounts,
            total_size,
            next_page_token,
            prev_page_token,
        }))
    }

    async fn create_connected_account(
        &self,
        request: Request<wire::CreateConnectedAccountRequest>,
    ) -> Answer<wire::CreateConnectedAccountResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let body = request.connected_account.unwrap_or_default();
        let create = CreateAccount {
            address: AccountAddress {
                id: None,
                connector: request.connector,
                identifier: request.identifier,
                organization_id: request.organization_id,
                user_id: request.user_id,
            },
            api_config: with_domain(body.authorization_details.as_ref(), body.api_config),
            credential: credential(body.authorization_details)?,
        };
        let made = self.app.create_account(&caller, create).await.map_err(status_of)?;
        Ok(Response::new(wire::CreateConnectedAccountResponse { connected_account: Some(account(made)) }))
    }

    async fn update_connected_account(
        &self,
        request: Request<wire::UpdateConnectedAccountRequest>,
    ) -> Answer<wire::UpdateConnectedAccountResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let address = address!(request);
        let body = request.connected_account.unwrap_or_default();
        let update = UpdateAccount {
            address,
            api_config: with_domain(body.authorization_details.as_ref(), body.api_config),
            credential: credential(body.authorization_details)?,
        };
        let changed = self.app.update_account(&caller, update).await.map_err(status_of)?;
        Ok(Response::new(wire::UpdateConnectedAccountResponse { connected_account: Some(account(changed)) }))
    }

    async fn delete_connected_account(
        &self,
        request: Request<wire::DeleteConnectedAccountRequest>,
    ) -> Answer<wire::DeleteConnectedAccountResponse> {
        let caller = caller(&request)?;
        self.app.delete_account(&caller, &address!(request.get_ref())).await.map_err(status_of)?;
        Ok(Response::new(wire::DeleteConnectedAccountResponse {}))
    }

    async fn get_magic_link_for_connected_account(
        &self,
        request: Request<wire::GetMagicLinkForConnectedAccountRequest>,
    ) -> Answer<wire::GetMagicLinkForConnectedAccountResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let address = address!(request);
        let link = CreateLink {
            address,
            state: request.state,
            user_verify_url: request.user_verify_url,
            ..CreateLink::default()
        };
        let made = self.app.create_link(&caller, link).await.map_err(status_of)?;
        Ok(Response::new(wire::GetMagicLinkForConnectedAccountResponse {
            link: made.url.expose().to_owned(),
            expiry: Some(convert::timestamp(made.link.expires_at)),
        }))
    }

    async fn get_connected_account(
        &self,
        request: Request<wire::GetConnectedAccountRequest>,
    ) -> Answer<wire::GetConnectedAccountResponse> {
        let caller = caller(&request)?;
        let found = self.app.account(&caller, &by_id(request.into_inner().id)).await.map_err(status_of)?;
        Ok(Response::new(wire::GetConnectedAccountResponse { connected_account: Some(account(found)) }))
    }

    async fn disconnect_connected_account(
        &self,
        request: Request<wire::DisconnectConnectedAccountRequest>,
    ) -> Answer<wire::DisconnectConnectedAccountResponse> {
        let caller = caller(&request)?;
        let address = by_id(request.into_inner().id);
        let row = self.app.disconnect_account(&caller, &address).await.map_err(status_of)?;
        Ok(Response::new(wire::DisconnectConnectedAccountResponse { connected_account: Some(account(row)) }))
    }

    async fn get_connected_account_auth(
        &self,
        request: Request<wire::GetConnectedAccountByIdentifierRequest>,
    ) -> Answer<wire::GetConnectedAccountByIdentifierResponse> {
        let caller = caller(&request)?;
        let address = address!(request.get_ref());
        let found = self.app.account_with_credential(&caller, &address).await.map_err(status_of)?;
        Ok(Response::new(wire::GetConnectedAccountByIdentifierResponse {
            connected_account: Some(account(found)),
        }))
    }

    async fn get_connected_account_details(
        &self,
        request: Request<wire::GetConnectedAccountByIdentifierRequest>,
    ) -> Answer<wire::GetConnectedAccountByIdentifierResponse> {
        let caller = caller(&request)?;
        let found = self.app.account(&caller, &address!(request.get_ref())).await.map_err(status_of)?;
        Ok(Response::new(wire::GetConnectedAccountByIdentifierResponse {
            connected_account: Some(account(found)),
        }))
    }

    async fn verify_connected_account_user(
        &self,
        request: Request<wire::VerifyConnectedAccountUserRequest>,
    ) -> Answer<wire::VerifyConnectedAccountUserResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let verified = self
            .app
            .verify_user(&caller, &request.auth_request_id, &request.identifier)
            .await
            .map_err(status_of)?;
        Ok(Response::new(wire::VerifyConnectedAccountUserResponse {
            post_user_verify_redirect_url: verified.redirect_url,
        }))
    }
}
