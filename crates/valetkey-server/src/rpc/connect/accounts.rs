//! `valetkey.v1.AccountService`.

use serde_json::{Map, Value};
use tonic::{Request, Response};
use valetkey_app::account::{
    AccountAddress, AccountDetails, AccountView, MetadataChange, QueryAccounts, SettingsChange,
};
use valetkey_core::account::LegacyStatus;
use valetkey_proto::valetkey::v1::{self as wire, account_service_server::AccountService};

use super::{Answer, PAGE, convert, idempotent::NotKept};
use crate::{
    error::status_of,
    rpc::{
        Rpc, caller,
        convert::{from_struct, from_timestamp, to_struct},
        page,
    },
};

/// Above this many accounts, nobody counts how many there are.
const COUNTED: i64 = 10_000;

fn answer(details: AccountDetails) -> Answer<wire::Account> {
    Ok(Response::new(convert::account(details)?))
}

/// A credential, which is read anew each time: an answer that was kept would go on where the account was suspended or
/// disconnected since, and would not be journalled.
fn not_kept<T>(answer: T) -> Response<T> {
    let mut response = Response::new(answer);
    response.extensions_mut().insert(NotKept);
    response
}

fn object(metadata: Option<prost_types::Struct>) -> Map<String, Value> {
    metadata.map(from_struct).unwrap_or_default()
}

fn shown_metadata(details: &AccountDetails) -> Answer<wire::Metadata> {
    let metadata = Some(to_struct(details.metadata().map_err(status_of)?));
    Ok(Response::new(wire::Metadata { metadata }))
}

fn shown_settings(details: &AccountDetails) -> Response<wire::SettingsAnswer> {
    let settings = Some(convert::settings(&details.account.settings));
    Response::new(wire::SettingsAnswer { settings })
}

impl Rpc {
    /// The account with its connection, as a use case has left it.
    async fn changed(&self, view: AccountView) -> Answer<wire::Account> {
        answer(self.app.details_of(view.account).await.map_err(status_of)?)
    }
}

#[tonic::async_trait]
impl AccountService for Rpc {
    async fn create_account(&self, request: Request<wire::CreateAccountRequest>) -> Answer<wire::Account> {
        let caller = caller(&request)?;
        let new = convert::new_account(request.into_inner());
        answer(self.app.new_account(&caller, new).await.map_err(status_of)?)
    }

    async fn list_accounts(
        &self,
        request: Request<wire::ListAccountsRequest>,
    ) -> Answer<wire::ListAccountsResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let query = QueryAccounts {
            connection: request.connection_id,
            statuses: request.status.iter().filter_map(|name| LegacyStatus::parse(name)).collect(),
            provider: request.provider,
            identifier: request.identifier,
            identifier_type: request.identifier_type,
            metadata: request.metadata,
            updated_since: request.updated_since.map(from_timestamp),
            test_mode: request.test_mode,
            organization_id: request.organization_id,
            page: page::request(request.page_size, request.page_token, PAGE),
        };
        let found = self.app.query_accounts(&caller, query).await.map_err(status_of)?;
        let total_size = u32::try_from(found.total).ok().filter(|_| found.total < COUNTED);
        let accounts: Result<_, _> = found.items.into_iter().map(convert::account).collect();
        Ok(Response::new(wire::ListAccountsResponse {
            accounts: accounts?,
            next_page_token: found.next.unwrap_or_default(),
            total_size,
        }))
    }

    async fn get_account(&self, request: Request<wire::GetAccountRequest>) -> Answer<wire::Account> {
        let caller = caller(&request)?;
        let address = AccountAddress::of_id(request.into_inner().account_id);
        answer(self.app.account_details(&caller, &address).await.map_err(status_of)?)
    }

    async fn delete_account(
        &self,
        request: Request<wire::DeleteAccountRequest>,
    ) -> Answer<wire::DeleteAccountResponse> {
        let caller = caller(&request)?;
        let address = AccountAddress::of_id(request.into_inner().account_id);
        self.app.delete_account(&caller, &address).await.map_err(status_of)?;
        Ok(Response::new(wire::DeleteAccountResponse {}))
    }

    async fn get_account_status(
        &self,
        request: Request<wire::GetAccountStatusRequest>,
    ) -> Answer<wire::AccountStatus> {
        let caller = caller(&request)?;
        let address = AccountAddress::of_id(request.into_inner().account_id);
        let found = self.app.account_details(&caller, &address).await.map_err(status_of)?;
        Ok(Response::new(convert::account_status(&found)))
    }

    async fn get_token_status(
        &self,
        request: Request<wire::GetTokenStatusRequest>,
    ) -> Answer<wire::TokenStatus> {
        let caller = caller(&request)?;
        let address = AccountAddress::of_id(request.into_inner().account_id);
        let status = self.app.token_status(&caller, &address).await.map_err(status_of)?;
        Ok(Response::new(convert::token_status(status, self.app.now())))
    }

    async fn refresh_tokens(&self, request: Request<wire::RefreshTokensRequest>) -> Answer<wire::Account> {
        let caller = caller(&request)?;
        let address = AccountAddress::of_id(request.into_inner().account_id);
        self.changed(self.app.refresh_account(&caller, &address).await.map_err(status_of)?).await
    }

    async fn suspend_account(&self, request: Request<wire::SuspendAccountRequest>) -> Answer<wire::Account> {
        let caller = caller(&request)?;
        let address = AccountAddress::of_id(request.into_inner().account_id);
        self.changed(self.app.suspend_account(&caller, &address).await.map_err(status_of)?).await
    }

    async fn resume_account(&self, request: Request<wire::ResumeAccountRequest>) -> Answer<wire::Account> {
        let caller = caller(&request)?;
        let address = AccountAddress::of_id(request.into_inner().account_id);
        self.changed(self.app.resume_account(&caller, &address).await.map_err(status_of)?).await
    }

    async fn disconnect_account(
        &self,
        request: Request<wire::DisconnectAccountRequest>,
    ) -> Answer<wire::Account> {
        let caller = caller(&request)?;
        let address = AccountAddress::of_id(request.into_inner().account_id);
        self.changed(self.app.disconnect_account(&caller, &address).await.map_err(status_of)?).await
    }

    async fn get_metadata(&self, request: Request<wire::GetMetadataRequest>) -> Answer<wire::Metadata> {
        let caller = caller(&request)?;
        let address = AccountAddress::of_id(request.into_inner().account_id);
        shown_metadata(&self.app.account_details(&caller, &address).await.map_err(status_of)?)
    }

    async fn update_metadata(&self, request: Request<wire::UpdateMetadataRequest>) -> Answer<wire::Metadata> {
        let caller = caller(&request)?;
        let wire::UpdateMetadataRequest { account_id, metadata } = request.into_inner();
        let (address, change) = (AccountAddress::of_id(account_id), MetadataChange::Merge(object(metadata)));
        shown_metadata(&self.app.change_metadata(&caller, &address, &change).await.map_err(status_of)?)
    }

    async fn replace_metadata(
        &self,
        request: Request<wire::ReplaceMetadataRequest>,
    ) -> Answer<wire::Metadata> {
        let caller = caller(&request)?;
        let wire::ReplaceMetadataRequest { account_id, metadata } = request.into_inner();
        let (address, change) =
            (AccountAddress::of_id(account_id), MetadataChange::Replace(object(metadata)));
        shown_metadata(&self.app.change_metadata(&caller, &address, &change).await.map_err(status_of)?)
    }

    async fn get_settings(&self, request: Request<wire::GetSettingsRequest>) -> Answer<wire::SettingsAnswer> {
        let caller = caller(&request)?;
        let address = AccountAddress::of_id(request.into_inner().account_id);
        Ok(shown_settings(&self.app.account_details(&caller, &address).await.map_err(status_of)?))
    }

    async fn update_settings(
        &self,
        request: Request<wire::UpdateSettingsRequest>,
    ) -> Answer<wire::SettingsAnswer> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let address = AccountAddress::of_id(request.account_id);
        let change = SettingsChange {
            named: request.settings.map(convert::from_settings).unwrap_or_default(),
            unset: request.unset,
        };
        Ok(shown_settings(&self.app.change_settings(&caller, &address, &change).await.map_err(status_of)?))
    }

    async fn get_test_tokens(
        &self,
        request: Request<wire::GetTestTokensRequest>,
    ) -> Answer<wire::TestTokens> {
        let caller = caller(&request)?;
        let found = self.app.test_tokens(&caller, &request.get_ref().account_id).await.map_err(status_of)?;
        Ok(not_kept(convert::test_tokens(&found)))
    }

    async fn read_credential(
        &self,
        request: Request<wire::ReadCredentialRequest>,
    ) -> Answer<wire::CredentialAnswer> {
        let caller = caller(&request)?;
        let address = AccountAddress::of_id(&request.get_ref().account_id);
        let found = self.app.read_credential(&caller, &address).await.map_err(status_of)?;
        Ok(not_kept(convert::credential(&found)))
    }
}
