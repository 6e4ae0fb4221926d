//! Signatures as AWS wants them (quirk 73).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::connector::Template;

/// AWS Signature Version 4 over the final request, in the `authorization` header.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AwsSigv4 {
    /// The access key id.
    pub access_key_id: Template,
    /// The secret access key.
    pub secret_access_key: Template,
    /// The session token of temporary credentials. Where it comes out empty, none is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_token: Option<Template>,
    /// The region, such as `eu-central-1`: constant, or a field that is a choice or a path segment.
    pub region: Template,
    /// The name of the service in the scope of the signature, such as `execute-api`.
    pub service: Template,
    /// How the path is escaped for the signature.
    #[serde(default)]
    pub path_encoding: AwsPathEncoding,
    /// Whether the hash of the body is sent as `x-amz-content-sha256`, as S3 wants it.
    #[serde(default)]
    pub payload_header: bool,
    /// Whether a body that is sent as it comes is left out of the signature (`UNSIGNED-PAYLOAD`), which S3 accepts over
    /// TLS. Needs `payload_header`. Otherwise such a body is read first, up to 64 KiB, and refused beyond.
    #[serde(default)]
    pub unsigned_streams: bool,
}

impl AwsSigv4 {
    /// What it is made of.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let needed = [&self.access_key_id, &self.secret_access_key, &self.region, &self.service];
        needed.into_iter().chain(&self.session_token)
    }
}

/// How the path is escaped for the signature.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AwsPathEncoding {
    /// As it is sent, without empty segments, and escaped once more: all services but S3.
    #[default]
    Twice,
    /// As it is sent: S3.
    Once,
}
