//! Requests after the exchange whose answers fill account fields.

use http::Method;
use valetkey_core::connector::Oauth2;

use super::identity::{json, text_at};
use crate::{
    Access, CallError, Fields,
    destination::Destination,
    egress::Purpose,
    scheme::{Rest, Signer, attach, sign},
};

/// Makes the discovery requests of the definition in order; each may use fields that an earlier one filled.
pub(crate) async fn discover(
    signer: Signer<'_>,
    access: &Access<'_>,
    oauth2: &Oauth2,
) -> Result<Fields, CallError> {
    let mut captured = Fields::new();
    for discovery in &oauth2.discovery {
        let mut fields = access.fields.clone();
        fields.extend(captured.clone());
        let access = Access { fields: &fields, ..*access };
        let destination = Destination::absolute(access.api, access.fields, &discovery.url)?;
        let request = attach(&access, Purpose::Discovery, Method::GET, destination)?;
        let (request, _) = sign(signer, &access, request, Rest::Whole, None).await?;
        let document = json(signer.client, request).await?;
        let found = discovery
            .capture
            .iter()
            .filter_map(|(field, pointer)| text_at(&document, pointer).map(|value| (field.clone(), value)));
        captured.extend(found);
    }
    Ok(captured)
}
