//! Change an organization.

use std::collections::BTreeMap;

use valetkey_core::error_code::ErrorCode;
use valetkey_store::organization;

use super::Organization;
use crate::{App, Caller, Error, Result};

/// What changes; absent fields stay.
#[derive(Clone, Debug, Default)]
pub struct UpdateOrganization {
    /// A name for people.
    pub display_name: Option<String>,
    /// The application's own id of it.
    pub external_id: Option<String>,
    /// A DNS label.
    pub slug: Option<String>,
    /// An `https` address.
    pub logo_url: Option<String>,
    /// Free pairs; an empty map leaves them.
    pub metadata: BTreeMap<String, String>,
}

impl App {
    /// Changes an organization.
    pub async fn update_organization(
        &self,
        caller: &Caller,
        id: &str,
        change: UpdateOrganization,
    ) -> Result<Organization> {
        let mut row = self.organization(caller, id).await?;
        row.display_name = change.display_name.unwrap_or(row.display_name);
        row.external_id = change.external_id.or(row.external_id);
        row.slug = change.slug.or(row.slug);
        row.logo_url = change.logo_url.or(row.logo_url);
        if !change.metadata.is_empty() {
            row.metadata = serde_json::to_string(&change.metadata).map_err(Error::internal)?;
        }
        row.updated_at = self.clock.now();
        let mut tx = self.pool.begin().await?;
        if let Some(external) = &row.external_id {
            let other = organization::by_external_id(&mut tx, &caller.environment, external).await?;
            if other.is_some_and(|other| other.id != row.id) {
                let message = format!("an organization with external_id \"{external}\" exists already");
                return Err(Error::new(ErrorCode::ResourceAlreadyExists, message));
            }
        }
        organization::update(&mut tx, &row).await?;
        tx.commit().await?;
        Ok(row)
    }
}
