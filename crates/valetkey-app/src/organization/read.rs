//! Read organizations.

use valetkey_core::id::OrganizationId;
use valetkey_store::{Page, PageRequest, organization};

use super::Organization;
use crate::{App, Caller, Error, Result};

pub(super) fn unknown(id: &str) -> Error {
    Error::not_found(format!("organization \"{id}\" not found"))
}

impl App {
    /// The organization with this id.
    pub async fn organization(&self, caller: &Caller, id: &str) -> Result<Organization> {
        let parsed: OrganizationId = id.parse().map_err(|_| unknown(id))?;
        let found = organization::get(&mut *self.pool.read().await?, &caller.environment, &parsed).await?;
        found.ok_or_else(|| unknown(id))
    }

    /// The organization with this id of the application's own.
    pub async fn organization_by_external_id(&self, caller: &Caller, external: &str) -> Result<Organization> {
        let mut reader = self.pool.read().await?;
        let found = organization::by_external_id(&mut reader, &caller.environment, external).await?;
        found.ok_or_else(|| unknown(external))
    }

    /// The organizations of the caller's environment.
    pub async fn list_organizations(
        &self,
        caller: &Caller,
        page: &PageRequest,
    ) -> Result<Page<Organization>> {
        Ok(organization::list(&mut *self.pool.read().await?, &caller.environment, page).await?)
    }
}
