//! `scalekit.v1.organizations.OrganizationService`.

use tonic::{Request, Response, Status};
use valetkey_app::organization::{CreateOrganization, Organization, UpdateOrganization};
use valetkey_proto::scalekit::v1::organizations::{
    self as wire, delete_organization_request, get_organization_request,
    organization_service_server::OrganizationService, update_organization_request,
};

use super::{Rpc, caller, convert, page};
use crate::error::status_of;

type Answer<T> = Result<Response<T>, Status>;

/// Rows of a page whose size the request does not name.
const PAGE: u32 = 10;

fn organization(row: Organization) -> wire::Organization {
    let metadata: std::collections::HashMap<String, String> =
        serde_json::from_str(&row.metadata).unwrap_or_default();
    wire::Organization {
        id: row.id.to_string(),
        create_time: Some(convert::timestamp(row.created_at)),
        update_time: Some(convert::timestamp(row.updated_at)),
        display_name: row.display_name,
        region_code: i32::try_from(row.region_code).unwrap_or_default(),
        external_id: row.external_id,
        metadata,
        settings: None,
        slug: row.slug,
        logo_url: row.logo_url,
    }
}

fn unnamed() -> Status {
    status_of(valetkey_app::Error::invalid(
        "id",
        "required",
        "give the id or the external_id of the organization",
    ))
}

impl Rpc {
    async fn find(
        &self,
        caller: &valetkey_app::Caller,
        id: &str,
        external: bool,
    ) -> Result<Organization, Status> {
        if external {
            self.app.organization_by_external_id(caller, id).await.map_err(status_of)
        } else {
            self.app.organization(caller, id).await.map_err(status_of)
        }
    }
}

#[tonic::async_trait]
impl OrganizationService for Rpc {
    async fn create_organization(
        &self,
        request: Request<wire::CreateOrganizationRequest>,
    ) -> Answer<wire::CreateOrganizationResponse> {
        let caller = caller(&request)?;
        let body = request.into_inner().organization.unwrap_or_default();
        let create = CreateOrganization {
            display_name: body.display_name,
            external_id: body.external_id,
            slug: body.slug,
            logo_url: body.logo_url,
            region_code: body.region_code,
            metadata: body.metadata.into_iter().collect(),
        };
        let made = self.app.create_organization(&caller, create).await.map_err(status_of)?;
        Ok(Response::new(wire::CreateOrganizationResponse { organization: Some(organization(made)) }))
    }

    async fn get_organization(
        &self,
        request: Request<wire::GetOrganizationRequest>,
    ) -> Answer<wire::GetOrganizationResponse> {
        let caller = caller(&request)?;
        let found = match request.into_inner().identities.ok_or_else(unnamed)? {
            get_organization_request::Identities::Id(id) => self.find(&caller, &id, false).await?,
            get_organization_request::Identities::ExternalId(id) => self.find(&caller, &id, true).await?,
        };
        Ok(Response::new(wire::GetOrganizationResponse { organization: Some(organization(found)) }))
    }

    async fn get_organization_by_external_id(
        &self,
        request: Request<wire::GetOrganizationRequest>,
    ) -> Answer<wire::GetOrganizationResponse> {
        self.get_organization(request).await
    }

    async fn list_organization(
        &self,
        request: Request<wire::ListOrganizationsRequest>,
    ) -> Answer<wire::ListOrganizationsResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let page = page::request(request.page_size, request.page_token, PAGE);
        let found = self.app.list_organizations(&caller, &page).await.map_err(status_of)?;
        let (total_size, next_page_token, prev_page_token) = page::tokens(&found);
        Ok(Response::new(wire::ListOrganizationsResponse {
            organizations: found.items.into_iter().map(organization).collect(),
            total_size,
            next_page_token,
            prev_page_token,
        }))
    }

    async fn update_organization(
        &self,
        request: Request<wire::UpdateOrganizationRequest>,
    ) -> Answer<wire::UpdateOrganizationResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let row = match request.identities.ok_or_else(unnamed)? {
            update_organization_request::Identities::Id(id) => self.find(&caller, &id, false).await?,
            update_organization_request::Identities::ExternalId(id) => self.find(&caller, &id, true).await?,
        };
        let body = request.organization.unwrap_or_default();
        let change = UpdateOrganization {
            display_name: body.display_name,
            external_id: body.external_id,
            slug: body.slug,
            logo_url: body.logo_url,
            metadata: body.metadata.into_iter().collect(),
        };
        let changed =
            self.app.update_organization(&caller, row.id.as_str(), change).await.map_err(status_of)?;
        Ok(Response::new(wire::UpdateOrganizationResponse { organization: Some(organization(changed)) }))
    }

    async fn delete_organization(&self, request: Request<wire::DeleteOrganizationRequest>) -> Answer<()> {
        let caller = caller(&request)?;
        let row = match request.into_inner().identities.ok_or_else(unnamed)? {
            delete_organization_request::Identities::Id(id) => self.find(&caller, &id, false).await?,
            delete_organization_request::Identities::ExternalId(id) => self.find(&caller, &id, true).await?,
        };
        self.app.delete_organization(&caller, row.id.as_str()).await.map_err(status_of)?;
        Ok(Response::new(()))
    }
}
