//! Connected accounts.

use valetkey_proto::valetkey::v1::{
    self as wire, account_health_service_client::AccountHealthServiceClient,
    account_service_client::AccountServiceClient, authorization_service_client::AuthorizationServiceClient,
};

use crate::call::part;

part! {
    /// Connected accounts: what one user has granted on one connection. `account_id` is the id of one, `ca_…`.
    Accounts
    AccountServiceClient {
        /// Creates the account of an identifier on a connection. `ACCOUNT_ALREADY_EXISTS` where the identifier has one.
        fn create(account: wire::CreateAccountRequest) -> wire::Account = create_account(account);
        /// Lists the accounts that meet all filters, oldest first; a page at a time.
        fn list(filters: wire::ListAccountsRequest) -> wire::ListAccountsResponse = list_accounts(filters);
        /// Reads an account, in whatever state it is.
        fn get(account_id: &str) -> wire::Account =
            get_account(wire::GetAccountRequest { account_id: account_id.into() });
        /// Deletes an account and its credential; the provider is told in the background.
        fn delete(account_id: &str) -> wire::DeleteAccountResponse =
            delete_account(wire::DeleteAccountRequest { account_id: account_id.into() });
        /// Reads the state of an account, why it is in it, and what ends it.
        fn get_status(account_id: &str) -> wire::AccountStatus =
            get_account_status(wire::GetAccountStatusRequest { account_id: account_id.into() });
        /// Reads what is known of the tokens of an account. No token is in the answer.
        fn get_token_status(account_id: &str) -> wire::TokenStatus =
            get_token_status(wire::GetTokenStatusRequest { account_id: account_id.into() });
        /// Refreshes the access token now, also where the account is not refreshed by itself.
        fn refresh_tokens(account_id: &str) -> wire::Account =
            refresh_tokens(wire::RefreshTokensRequest { account_id: account_id.into() });
        /// Switches an account off for a while: no call is made with its credential, which is kept.
        fn suspend(account_id: &str) -> wire::Account =
            suspend_account(wire::SuspendAccountRequest { account_id: account_id.into() });
        /// Switches a suspended account on again, in the state that its credential has by then.
        fn resume(account_id: &str) -> wire::Account =
            resume_account(wire::ResumeAccountRequest { account_id: account_id.into() });
        /// Destroys the credential and keeps the account, which can be authorized again.
        fn disconnect(account_id: &str) -> wire::Account =
            disconnect_account(wire::DisconnectAccountRequest { account_id: account_id.into() });
        /// Reads the application's own values, and what the provider has told of the user.
        fn get_metadata(account_id: &str) -> wire::Metadata =
            get_metadata(wire::GetMetadataRequest { account_id: account_id.into() });
        /// Merges keys into the metadata: objects are merged, null removes a key, anything else replaces (RFC 7396).
        fn update_metadata(account_id: &str, metadata: prost_types::Struct) -> wire::Metadata =
            update_metadata(wire::UpdateMetadataRequest { account_id: account_id.into(), metadata: Some(metadata) });
        /// Replaces the application's metadata as a whole. What the provider has told stays.
        fn replace_metadata(account_id: &str, metadata: prost_types::Struct) -> wire::Metadata =
            replace_metadata(wire::ReplaceMetadataRequest { account_id: account_id.into(), metadata: Some(metadata) });
        /// Reads the settings of an account. What is absent has its default.
        fn get_settings(account_id: &str) -> wire::SettingsAnswer =
            get_settings(wire::GetSettingsRequest { account_id: account_id.into() });
        /// Changes the settings that are named and leaves the others as they are.
        fn update_settings(change: wire::UpdateSettingsRequest) -> wire::SettingsAnswer = update_settings(change);
        /// Reads the tokens of a test account, which are good at the test provider only.
        fn get_test_tokens(account_id: &str) -> wire::TestTokens =
            get_test_tokens(wire::GetTestTokensRequest { account_id: account_id.into() });
        /// Reads the credential of an account. Needs a permission that nobody has unless it was given; journalled.
        fn read_credential(account_id: &str) -> wire::CredentialAnswer =
            read_credential(wire::ReadCredentialRequest { account_id: account_id.into() });
    }
    AuthorizationServiceClient {
        /// Makes the address that the user opens to authorize: the provider's own where `redirect_uri` names the
        /// application's callback, else the hosted page. Whoever has it can authorize: do not log it.
        fn get_auth_url(wanted: wire::GetAuthUrlRequest) -> wire::AuthUrl = get_auth_url(wanted);
        /// Completes an authorization that came back to the application's own callback, with `code` and `state` as they
        /// came. Works once for each state.
        fn exchange_code(came: wire::ExchangeCodeRequest) -> wire::ExchangeCodeResponse = exchange_code(came);
    }
    AccountHealthServiceClient {
        /// Reads how well an account works. Counts cover the last 30 days, today included, in UTC.
        fn get_health(account_id: &str) -> wire::AccountHealth =
            get_account_health(wire::GetAccountHealthRequest { account_id: account_id.into() });
        /// Reads what an account was used for, by day in UTC.
        fn get_usage(range: wire::GetAccountUsageRequest) -> wire::AccountUsage = get_account_usage(range);
    }
}
