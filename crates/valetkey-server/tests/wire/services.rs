//! Services that record each request as they received it and answer from it.

use std::sync::{Arc, Mutex};

use prost::Message;
use prost_types::value::Kind;
use prost_types::{Struct, Timestamp, Value};
use tonic::{Code, Request, Response, Status, async_trait};
use valetkey_core::error_code::ErrorCode;
use valetkey_proto::scalekit::v1::agentkit_logs::agentkit_logs_service_server::AgentkitLogsService;
use valetkey_proto::scalekit::v1::agentkit_logs::{GetToolCallLogRequest, ToolCallLog};
use valetkey_proto::scalekit::v1::connected_accounts as accounts;
use valetkey_proto::scalekit::v1::connected_accounts::connected_account_service_server::ConnectedAccountService;
use valetkey_proto::scalekit::v1::organizations as orgs;
use valetkey_proto::scalekit::v1::organizations::get_organization_request::Identities;
use valetkey_proto::scalekit::v1::organizations::organization_service_server::OrganizationService;
use valetkey_proto::scalekit::v1::providers;
use valetkey_proto::scalekit::v1::providers::provider_service_server::ProviderService;
use valetkey_server::error::wire;
use valetkey_server::rpc_gate::{Method, RequestId};

use crate::harness::Caller;

#[derive(Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Vec<Vec<u8>>>>);

impl Recorder {
    fn record<T: Message>(&self, request: Request<T>) -> T {
        assert_eq!(request.extensions().get::<Caller>(), Some(&Caller("owner".into())));
        assert!(request.extensions().get::<RequestId>().is_some());
        assert!(request.extensions().get::<Arc<Method>>().is_some());
        let message = request.into_inner();
        self.0.lock().unwrap().push(message.encode_to_vec());
        message
    }

    /// How many requests have arrived.
    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// The request that arrived last.
    pub(crate) fn last<T: Message + Default>(&self) -> T {
        T::decode(self.0.lock().unwrap().last().expect("a request has arrived").as_slice()).unwrap()
    }
}

#[async_trait]
impl OrganizationService for Recorder {
    async fn create_organization(
        &self,
        request: Request<orgs::CreateOrganizationRequest>,
    ) -> Result<Response<orgs::CreateOrganizationResponse>, Status> {
        let given = self.record(request).organization.unwrap_or_default();
        let organization = orgs::Organization {
            id: "org_1".into(),
            display_name: given.display_name,
            region_code: given.region_code,
            external_id: given.external_id,
            metadata: given.metadata,
            ..orgs::Organization::default()
        };
        Ok(Response::new(orgs::CreateOrganizationResponse { organization: Some(organization) }))
    }

    async fn get_organization(
        &self,
        request: Request<orgs::GetOrganizationRequest>,
    ) -> Result<Response<orgs::GetOrganizationResponse>, Status> {
        let Some(Identities::Id(id)) = self.record(request).identities else {
            return Err(Status::invalid_argument("no id"));
        };
        let message = format!("organization \"{id}\" not found");
        Err(wire::plain(Code::NotFound, ErrorCode::ResourceNotFound, message))
    }

    async fn get_organization_by_external_id(
        &self,
        request: Request<orgs::GetOrganizationRequest>,
    ) -> Result<Response<orgs::GetOrganizationResponse>, Status> {
        self.record(request);
        Err(Status::internal("a status without details"))
    }

    async fn update_organization(
        &self,
        request: Request<orgs::UpdateOrganizationRequest>,
    ) -> Result<Response<orgs::UpdateOrganizationResponse>, Status> {
        self.record(request);
        Ok(Response::new(orgs::UpdateOrganizationResponse::default()))
    }

    async fn delete_organization(
        &self,
        request: Request<orgs::DeleteOrganizationRequest>,
    ) -> Result<Response<()>, Status> {
        self.record(request);
        Ok(Response::new(()))
    }
}

#[async_trait]
impl ConnectedAccountService for Recorder {
    async fn list_connected_accounts(
        &self,
        request: Request<accounts::ListConnectedAccountsRequest>,
    ) -> Result<Response<accounts::ListConnectedAccountsResponse>, Status> {
        self.record(request);
        Ok(Response::new(accounts::ListConnectedAccountsResponse::default()))
    }

    async fn create_connected_account(
        &self,
        request: Request<accounts::CreateConnectedAccountRequest>,
    ) -> Result<Response<accounts::CreateConnectedAccountResponse>, Status> {
        self.record(request);
        Ok(Response::new(accounts::CreateConnectedAccountResponse::default()))
    }

    async fn get_connected_account_details(
        &self,
        request: Request<accounts::GetConnectedAccountByIdentifierRequest>,
    ) -> Result<Response<accounts::GetConnectedAccountByIdentifierResponse>, Status> {
        let given = self.record(request);
        let number = |number| Some(Value { kind: Some(Kind::NumberValue(number)) });
        let fields = [("whole", number(12345.0)), ("part", number(0.5)), ("none", None)];
        let config = fields.map(|(name, value)| (name.to_owned(), value.unwrap_or_else(null)));
        let account = accounts::ConnectedAccount {
            id: "ca_1".into(),
            identifier: given.identifier.unwrap_or_default(),
            status: accounts::ConnectorStatus::PendingAuth.into(),
            updated_at: Some(Timestamp { seconds: 1_768_473_000, nanos: 0 }),
            api_config: Some(Struct { fields: config.into() }),
            ..accounts::ConnectedAccount::default()
        };
        Ok(Response::new(accounts::GetConnectedAccountByIdentifierResponse {
            connected_account: Some(account),
        }))
    }

    async fn disconnect_connected_account(
        &self,
        request: Request<accounts::DisconnectConnectedAccountRequest>,
    ) -> Result<Response<accounts::DisconnectConnectedAccountResponse>, Status> {
        self.record(request);
        Ok(Response::new(accounts::DisconnectConnectedAccountResponse::default()))
    }
}

fn null() -> Value {
    Value { kind: Some(Kind::NullValue(0)) }
}

#[async_trait]
impl ProviderService for Recorder {
    async fn list_providers(
        &self,
        request: Request<providers::ListProvidersRequest>,
    ) -> Result<Response<providers::ListProvidersResponse>, Status> {
        self.record(request);
        Ok(Response::new(providers::ListProvidersResponse::default()))
    }

    async fn update_provider(
        &self,
        request: Request<providers::UpdateProviderRequest>,
    ) -> Result<Response<providers::UpdateProviderResponse>, Status> {
        self.record(request);
        Ok(Response::new(providers::UpdateProviderResponse::default()))
    }

    async fn delete_custom_provider(
        &self,
        request: Request<providers::DeleteProviderRequest>,
    ) -> Result<Response<providers::DeleteProviderResponse>, Status> {
        self.record(request);
        Ok(Response::new(providers::DeleteProviderResponse {}))
    }
}

#[async_trait]
impl AgentkitLogsService for Recorder {
    async fn get_tool_call_log(
        &self,
        request: Request<GetToolCallLogRequest>,
    ) -> Result<Response<ToolCallLog>, Status> {
        let execution_id = self.record(request).execution_id;
        Ok(Response::new(ToolCallLog {
            execution_id,
            duration_ms: 9_007_199_254_740_993,
            ..ToolCallLog::default()
        }))
    }
}
