//! What waits for confirmation: a sealed credential and where the browser goes afterwards.

use serde::{Deserialize, Serialize};
use serde_json::json;
use valetkey_core::{
    id::{EnvironmentId, VerificationId},
    scope::ScopeSet,
    sealed::{SealContext, Sealed},
};

use crate::{
    App, Error, Result,
    account::Granted,
    packed::{pack, unpack},
};

/// A grant that waits.
pub(crate) struct Parked {
    pub(crate) granted: Granted,
    pub(crate) requested: ScopeSet,
}

/// What else a verification remembers.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct VerificationDetails {
    pub(crate) return_url: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct StoredGrant {
    scopes: Option<ScopeSet>,
    requested: ScopeSet,
    fields: std::collections::BTreeMap<String, String>,
    provider_account_id: Option<String>,
    user_email: Option<String>,
}

impl Parked {
    pub(crate) fn new(granted: Granted, requested: ScopeSet) -> Self {
        Self { granted, requested }
    }

    fn to_plaintext(&self) -> Result<zeroize::Zeroizing<Vec<u8>>> {
        let Granted { credential, scopes, fields, provider_account_id, user_email } = &self.granted;
        let head = json!({
            "scopes": scopes, "requested": self.requested, "fields": fields,
            "provider_account_id": provider_account_id, "user_email": user_email,
        });
        pack(&head, credential)
    }

    fn from_plaintext(bytes: &[u8]) -> Result<Self> {
        let (head, credential): (StoredGrant, _) = unpack(bytes)?;
        let StoredGrant { scopes, requested, fields, provider_account_id, user_email } = head;
        Ok(Self {
            granted: Granted { credential, scopes, fields, provider_account_id, user_email },
            requested,
        })
    }
}

fn context<'a>(
    environment: &'a EnvironmentId,
    id: &'a VerificationId,
    field: &'static str,
) -> SealContext<'a> {
    SealContext { environment: environment.as_str(), table: "verifications", row: id.as_str(), field }
}

impl App {
    pub(crate) async fn seal_parked(
        &self,
        environment: &EnvironmentId,
        id: &VerificationId,
        parked: &Parked,
    ) -> Result<Sealed> {
        self.keys.seal(context(environment, id, "parked"), &parked.to_plaintext()?).await
    }

    pub(super) async fn open_parked(
        &self,
        environment: &EnvironmentId,
        id: &VerificationId,
        sealed: &Sealed,
    ) -> Result<Parked> {
        Parked::from_plaintext(&self.keys.open(context(environment, id, "parked"), sealed).await?)
    }

    pub(crate) async fn seal_verification(
        &self,
        environment: &EnvironmentId,
        id: &VerificationId,
        details: &VerificationDetails,
    ) -> Result<Sealed> {
        let plain = serde_json::to_vec(details).map_err(Error::internal)?;
        self.keys.seal(context(environment, id, "details"), &plain).await
    }

    pub(super) async fn open_verification(
        &self,
        environment: &EnvironmentId,
        id: &VerificationId,
        sealed: &Sealed,
    ) -> Result<VerificationDetails> {
        let plain = self.keys.open(context(environment, id, "details"), sealed).await?;
        serde_json::from_slice(&plain).map_err(Error::internal)
    }
}

/// Adds parameters to an address and keeps the query that it has.
pub(crate) fn with_query(address: &str, parameters: &[(&str, &str)]) -> String {
    let Ok(mut url) = url::Url::parse(address) else { return address.to_owned() };
    url.query_pairs_mut().extend_pairs(parameters);
    url.into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use valetkey_core::{Secret, credential::Credential};

    use super::*;

    #[test]
    fn an_address_keeps_its_query_and_values_are_encoded() {
        let url = with_query("https://app.example/verify?tab=1#top", &[("state", "a b&c"), ("x", "1")]);
        assert_eq!(url, "https://app.example/verify?tab=1&state=a+b%26c&x=1#top");
    }

    #[test]
    fn a_parked_grant_survives_its_stored_form_and_damage_is_noticed() {
        let granted = Granted {
            user_email: Some("a@b.example".into()),
            credential: Credential::Static(Secret::from("{}")),
            ..Granted::default()
        };
        let plain = Parked::new(granted, ["read"].into_iter().collect()).to_plaintext().unwrap();
        let read = Parked::from_plaintext(&plain).unwrap();
        assert_eq!(read.granted.user_email.as_deref(), Some("a@b.example"));
        assert!(read.requested.contains("read"));
        assert!(Parked::from_plaintext(&plain[..10]).is_err());
    }
}
