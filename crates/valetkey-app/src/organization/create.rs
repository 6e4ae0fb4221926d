//! Create an organization.

use std::collections::BTreeMap;

use valetkey_core::{error_code::ErrorCode, id::OrganizationId};
use valetkey_store::organization;

use super::Organization;
use crate::{App, Caller, Error, Result};

/// What to create.
#[derive(Clone, Debug, Default)]
pub struct CreateOrganization {
    /// A name for people.
    pub display_name: String,
    /// The application's own id of it, unique in the environment.
    pub external_id: Option<String>,
    /// A DNS label.
    pub slug: Option<String>,
    /// An `https` address.
    pub logo_url: Option<String>,
    /// The region code, kept as given.
    pub region_code: i32,
    /// Free pairs.
    pub metadata: BTreeMap<String, String>,
}

impl App {
    /// Creates an organization.
    pub async fn create_organization(
        &self,
        caller: &Caller,
        request: CreateOrganization,
    ) -> Result<Organization> {
        let now = self.clock.now();
        let row = Organization {
            id: OrganizationId::new(now, self.entropy.as_ref()),
            environment_id: caller.environment.clone(),
            display_name: request.display_name,
            external_id: request.external_id.filter(|id| !id.is_empty()),
            slug: request.slug.filter(|slug| !slug.is_empty()),
            logo_url: request.logo_url.filter(|url| !url.is_empty()),
            region_code: i64::from(request.region_code),
            metadata: serde_json::to_string(&request.metadata).map_err(Error::internal)?,
            created_at: now,
            updated_at: now,
        };
        let mut tx = self.pool.begin().await?;
        if let Some(external) = &row.external_id
            && organization::by_external_id(&mut tx, &caller.environment, external).await?.is_some()
        {
            let message = format!("an organization with external_id \"{external}\" exists already");
            return Err(Error::new(ErrorCode::ResourceAlreadyExists, message));
        }
        organization::insert(&mut tx, &row).await?;
        tx.commit().await?;
        Ok(row)
    }
}
