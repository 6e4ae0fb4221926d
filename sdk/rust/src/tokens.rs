//! API tokens.

use valetkey_proto::valetkey::v1::{self as wire, api_token_service_client::ApiTokenServiceClient};

use crate::call::part;

part! {
    /// Long-lived bearer tokens, for scripts and servers that do not use client credentials.
    Tokens
    ApiTokenServiceClient {
        /// Creates a token, which can do no more than its creator. The token itself is in this answer only.
        fn create(token: wire::CreateApiTokenRequest) -> wire::CreateApiTokenResponse = create_api_token(token);
        /// Lists tokens, newest first, without the tokens themselves.
        fn list(include_inactive: bool) -> wire::ListApiTokensResponse =
            list_api_tokens(wire::ListApiTokensRequest { include_inactive });
        /// Reads what is known of a token.
        fn get(token_id: &str) -> wire::ApiToken =
            get_api_token(wire::GetApiTokenRequest { token_id: token_id.into() });
        /// Revokes a token at once.
        fn revoke(token_id: &str) -> wire::ApiToken =
            revoke_api_token(wire::RevokeApiTokenRequest { token_id: token_id.into() });
    }
}
