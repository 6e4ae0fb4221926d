//! `scalekit.v1.providers.ProviderService`.

use tonic::{Request, Response, Status};
use valetkey_app::provider::{CustomProvider, ListedProvider, ProviderKind};
use valetkey_proto::scalekit::v1::providers::{self as wire, provider_service_server::ProviderService};

use super::{Rpc, caller, convert};
use crate::error::status_of;

type Answer<T> = Result<Response<T>, Status>;

/// Rows of a page whose size the request does not name, and the most that one has.
const PAGE: usize = 100;
const LARGEST_PAGE: usize = 1000;

fn provider(listed: ListedProvider) -> wire::Provider {
    let patterns = match listed.auth_patterns {
        serde_json::Value::Array(items) => items,
        _ => vec![],
    };
    wire::Provider {
        id: listed.identifier.clone(),
        identifier: listed.identifier,
        display_name: listed.display_name,
        description: listed.description,
        categories: listed.categories,
        auth_patterns: Some(convert::to_list(patterns)),
        icon_src: listed.icon_src,
        proxy_url: listed.proxy_url,
        is_custom: listed.is_custom,
        is_custom_mcp: listed.is_custom && listed.is_mcp,
        metadata: listed.metadata.into_iter().collect(),
        ..wire::Provider::default()
    }
}

#[tonic::async_trait]
impl ProviderService for Rpc {
    async fn create_custom_provider(
        &self,
        request: Request<wire::CreateCustomProviderRequest>,
    ) -> Answer<wire::CreateProviderResponse> {
        let caller = caller(&request)?;
        let body = request.into_inner().provider.unwrap_or_default();
        let custom = CustomProvider {
            display_name: body.display_name,
            description: body.description,
            proxy_url: body.proxy_url,
            icon_src: body.icon_src,
            metadata: body.metadata.into_iter().collect(),
            auth_patterns: body.auth_patterns.map(convert::from_list).unwrap_or_default(),
        };
        let made = self.app.create_custom_provider(&caller, custom).await.map_err(status_of)?;
        Ok(Response::new(wire::CreateProviderResponse { provider: Some(provider(made)) }))
    }

    async fn update_custom_provider(
        &self,
        request: Request<wire::UpdateCustomProviderRequest>,
    ) -> Answer<wire::UpdateProviderResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let body = request.provider.unwrap_or_default();
        let custom = CustomProvider {
            display_name: body.display_name,
            description: body.description,
            proxy_url: body.proxy_url,
            icon_src: body.icon_src,
            metadata: body.metadata.into_iter().collect(),
            auth_patterns: body.auth_patterns.map(convert::from_list).unwrap_or_default(),
        };
        let changed =
            self.app.update_custom_provider(&caller, &request.identifier, custom).await.map_err(status_of)?;
        Ok(Response::new(wire::UpdateProviderResponse { provider: Some(provider(changed)) }))
    }

    async fn delete_custom_provider(
        &self,
        request: Request<wire::DeleteProviderRequest>,
    ) -> Answer<wire::DeleteProviderResponse> {
        let caller = caller(&request)?;
        self.app.delete_custom_provider(&caller, &request.get_ref().identifier).await.map_err(status_of)?;
        Ok(Response::new(wire::DeleteProviderResponse {}))
    }

    /// The catalogue is short and in memory, so its page token is the identifier that the next page starts after.
    async fn list_providers(
        &self,
        request: Request<wire::ListProvidersRequest>,
    ) -> Answer<wire::ListProvidersResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let kind = match request.filter.unwrap_or_default().provider_type() {
            wire::ProviderType::Default => ProviderKind::BuiltIn,
            wire::ProviderType::Custom => ProviderKind::Custom,
            wire::ProviderType::All => ProviderKind::All,
        };
        let identifier = Some(request.identifier.as_str()).filter(|text| !text.is_empty());
        let all = self.app.list_providers(&caller, kind, identifier).await.map_err(status_of)?;
        let size = match request.page_size as usize {
            0 => PAGE,
            size => size.min(LARGEST_PAGE),
        };
        let start = match request.page_token.as_str() {
            "" => 0,
            token => all.iter().position(|listed| listed.identifier == token).map_or(all.len(), |at| at + 1),
        };
        let end = all.len().min(start + size);
        let next = if end < all.len() { all[end - 1].identifier.clone() } else { String::new() };
        let previous = start.checked_sub(size + 1).map(|at| all[at].identifier.clone()).unwrap_or_default();
        Ok(Response::new(wire::ListProvidersResponse {
            total_size: u32::try_from(all.len()).unwrap_or(u32::MAX),
            providers: all.into_iter().skip(start).take(end - start).map(provider).collect(),
            next_page_token: next,
            prev_page_token: previous,
        }))
    }
}
