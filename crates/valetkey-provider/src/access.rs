//! What opens an API for one account.

use valetkey_core::{
    connector::{Api, Placement},
    credential::Credential,
};

use crate::Fields;

/// What opens an API for one account.
#[derive(Clone, Copy, Debug)]
pub struct Access<'a> {
    /// The API, which says where the credential may go.
    pub api: &'a Api,
    /// Where the credential stands in a request (`AuthScheme::placements`).
    pub placements: &'a [Placement],
    /// The credential.
    pub credential: &'a Credential,
    /// Values for the placeholders of the definition.
    pub fields: &'a Fields,
}
