//! `valetkey.v1.BulkService`.

use std::time::Duration;

use tonic::{Request, Response};
use valetkey_app::{
    Caller,
    bulk::{BulkOperation, BulkResult, BulkWork},
    page::PageRequest,
};
use valetkey_core::bulk::BulkItemState;
use valetkey_proto::valetkey::v1::{self as wire, bulk_service_server::BulkService};

use super::{
    Answer, convert,
    idempotent::{Keyed, NotKept},
};
use crate::{
    error::{answer_of, status_of},
    rpc::{Rpc, caller, convert::timestamp},
};

/// How long a request waits for the end of its operation where it does not say, in seconds.
const PATIENCE: u32 = 60;

/// The most results that are answered with the operation itself.
const RESULTS: i64 = 1000;

#[tonic::async_trait]
impl BulkService for Rpc {
    async fn bulk_create_accounts(
        &self,
        request: Request<wire::BulkCreateAccountsRequest>,
    ) -> Answer<wire::BulkOperation> {
        self.bulk(request, |body| {
            let accounts = body.accounts.into_iter().map(convert::new_account).collect();
            (BulkWork::Create(accounts), body.wait_seconds)
        })
        .await
    }

    async fn bulk_refresh_tokens(
        &self,
        request: Request<wire::BulkRefreshTokensRequest>,
    ) -> Answer<wire::BulkOperation> {
        self.bulk(request, |body| (BulkWork::Refresh(body.account_ids), body.wait_seconds)).await
    }

    async fn bulk_update_settings(
        &self,
        request: Request<wire::BulkUpdateSettingsRequest>,
    ) -> Answer<wire::BulkOperation> {
        self.bulk(request, |body| {
            let settings = convert::from_settings(body.settings.unwrap_or_default());
            (BulkWork::UpdateSettings(body.account_ids, settings), body.wait_seconds)
        })
        .await
    }

    async fn bulk_delete_accounts(
        &self,
        request: Request<wire::BulkDeleteAccountsRequest>,
    ) -> Answer<wire::BulkOperation> {
        self.bulk(request, |body| (BulkWork::Delete(body.account_ids), body.wait_seconds)).await
    }

    async fn get_bulk_operation(
        &self,
        request: Request<wire::GetBulkOperationRequest>,
    ) -> Answer<wire::BulkOperation> {
        let caller = caller(&request)?;
        let id = request.into_inner().operation_id;
        let found = self.app.bulk_operation(&caller, &id).await.map_err(status_of)?;
        Ok(Response::new(self.with_results(&caller, found).await?))
    }

    async fn list_bulk_results(
        &self,
        request: Request<wire::ListBulkResultsRequest>,
    ) -> Answer<wire::ListBulkResultsResponse> {
        let caller = caller(&request)?;
        let body = request.into_inner();
        let page = PageRequest { size: body.page_size, token: Some(body.page_token) };
        let listed = self.app.bulk_results(&caller, &body.operation_id, body.failed_only, &page).await;
        let (results, next) = listed.map_err(status_of)?;
        Ok(Response::new(wire::ListBulkResultsResponse {
            results: results.into_iter().map(result).collect::<Result<_, _>>()?,
            next_page_token: next.unwrap_or_default(),
        }))
    }
}

impl Rpc {
    /// Begins an operation, or joins the one that the same request has begun.
    pub(super) async fn bulk<T: Send>(
        &self,
        request: Request<T>,
        read: impl FnOnce(T) -> (BulkWork, Option<u32>) + Send,
    ) -> Answer<wire::BulkOperation> {
        let caller = caller(&request)?;
        let keyed = request.extensions().get::<Keyed>().cloned();
        let (work, patience) = read(request.into_inner());
        let wait = Duration::from_secs(patience.unwrap_or(PATIENCE).into());
        let begun = self.app.start_bulk(&caller, work, keyed.map(|Keyed(request)| request), wait).await;
        let mut answer = Response::new(self.with_results(&caller, begun.map_err(status_of)?).await?);
        answer.extensions_mut().insert(NotKept);
        Ok(answer)
    }

    async fn with_results(
        &self,
        caller: &Caller,
        operation: BulkOperation,
    ) -> Result<wire::BulkOperation, tonic::Status> {
        let results = if operation.finished_at.is_some() && operation.total <= RESULTS {
            let id = operation.id.as_str();
            let listed = self.app.bulk_results(caller, id, false, &PageRequest::default()).await;
            listed.map_err(status_of)?.0
        } else {
            vec![]
        };
        let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
        Ok(wire::BulkOperation {
            id: operation.id.to_string(),
            kind: operation.kind.as_str().into(),
            state: if operation.finished_at.is_some() { "finished" } else { "running" }.into(),
            total: count(operation.total),
            succeeded: count(operation.succeeded),
            failed: count(operation.failed),
            created_at: Some(timestamp(operation.created_at)),
            finished_at: operation.finished_at.map(timestamp),
            results: results.into_iter().map(result).collect::<Result<_, _>>()?,
        })
    }
}

fn result(done: BulkResult) -> Result<wire::BulkResult, tonic::Status> {
    Ok(wire::BulkResult {
        index: u32::try_from(done.place).unwrap_or(u32::MAX),
        state: done.state.as_str().into(),
        account_id: done.account_id.map(|id| id.to_string()).unwrap_or_default(),
        account: done.account.map(convert::account).transpose()?,
        created: done.created && done.state == BulkItemState::Succeeded,
        error: done.error.as_ref().map(answer_of),
    })
}
