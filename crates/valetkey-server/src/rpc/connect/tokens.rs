//! `valetkey.v1.ApiTokenService`.

use tonic::{Request, Response, Status};
use valetkey_app::api_token::{ApiToken as Row, CreateApiToken};
use valetkey_proto::valetkey::v1::{self as wire, api_token_service_server::ApiTokenService};

use crate::error::status_of;
use crate::rpc::{Rpc, caller, convert::timestamp};

type Answer<T> = Result<Response<T>, Status>;

fn shown(row: Row) -> wire::ApiToken {
    wire::ApiToken {
        id: row.id.to_string(),
        name: row.name,
        hint: row.hint,
        permissions: row.permissions,
        created_by: row.created_by,
        created_at: Some(timestamp(row.created_at)),
        expires_at: Some(timestamp(row.expires_at)),
        last_used_at: row.last_used_at.map(timestamp),
        revoked_at: row.revoked_at.map(timestamp),
    }
}

#[tonic::async_trait]
impl ApiTokenService for Rpc {
    async fn create_api_token(
        &self,
        request: Request<wire::CreateApiTokenRequest>,
    ) -> Answer<wire::CreateApiTokenResponse> {
        let caller = caller(&request)?;
        let wire::CreateApiTokenRequest { name, permissions, expires_in } = request.into_inner();
        let request = CreateApiToken { name, permissions, lifetime: expires_in.map(i64::from) };
        let new = self.app.create_api_token(&caller, request).await.map_err(status_of)?;
        let token = new.token.expose().to_owned();
        Ok(Response::new(wire::CreateApiTokenResponse { api_token: Some(shown(new.row)), token }))
    }

    async fn list_api_tokens(
        &self,
        request: Request<wire::ListApiTokensRequest>,
    ) -> Answer<wire::ListApiTokensResponse> {
        let caller = caller(&request)?;
        let inactive_too = request.into_inner().include_inactive;
        let rows = self.app.list_api_tokens(&caller, inactive_too).await.map_err(status_of)?;
        let api_tokens = rows.into_iter().map(shown).collect();
        Ok(Response::new(wire::ListApiTokensResponse { api_tokens }))
    }

    async fn get_api_token(&self, request: Request<wire::GetApiTokenRequest>) -> Answer<wire::ApiToken> {
        let caller = caller(&request)?;
        let row = self.app.api_token(&caller, &request.get_ref().token_id).await.map_err(status_of)?;
        Ok(Response::new(shown(row)))
    }

    async fn revoke_api_token(
        &self,
        request: Request<wire::RevokeApiTokenRequest>,
    ) -> Answer<wire::ApiToken> {
        let caller = caller(&request)?;
        let row = self.app.revoke_api_token(&caller, &request.get_ref().token_id).await.map_err(status_of)?;
        Ok(Response::new(shown(row)))
    }
}
