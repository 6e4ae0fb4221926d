//! Whether a credential works.

use http::Method as HttpMethod;
use valetkey_core::connector::{CheckRequest, Method};

use crate::{
    Access, CallError,
    destination::Destination,
    egress::Purpose,
    scheme::{Rest, Signer, attach, sign},
    url_template::{is_absolute, render_path},
};

/// What a check request says about a credential.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CheckResult {
    /// It works.
    Good,
    /// The provider does not accept it.
    Refused {
        /// The status of the answer.
        status: u16,
    },
    /// The question is open: the provider is down, limits calls, or answered something else.
    Unclear {
        /// Why, in words for the operator. Never contains the credential.
        why: String,
    },
}

pub(crate) async fn check(signer: Signer<'_>, access: &Access<'_>) -> CheckResult {
    let Some(check) = &access.api.check else {
        return CheckResult::Unclear { why: "the connector defines no check request".into() };
    };
    match status(signer, access, check).await {
        Ok(status) if check.success.contains(&status) => CheckResult::Good,
        Ok(status) if check.refused.contains(&status) => CheckResult::Refused { status },
        Ok(status) => CheckResult::Unclear { why: format!("the provider answered with status {status}") },
        Err(error) => CheckResult::Unclear { why: error.to_string() },
    }
}

async fn status(signer: Signer<'_>, access: &Access<'_>, check: &CheckRequest) -> Result<u16, CallError> {
    let destination = if is_absolute(&check.path) {
        Destination::absolute(access.api, access.fields, &check.path)?
    } else {
        let path = render_path(&check.path, access.fields).map_err(crate::DestinationError::from)?;
        Destination::below_base(access.api, access.fields, &path)?
    };
    let request = attach(access, Purpose::Api, http_method(check.method), destination)?;
    let (request, _) = sign(signer, access, request, Rest::Whole, None).await?;
    Ok(signer.client.send(request).await?.into_answer().status.as_u16())
}

pub(crate) const fn http_method(method: Method) -> HttpMethod {
    match method {
        Method::Get => HttpMethod::GET,
        Method::Post => HttpMethod::POST,
        Method::Delete => HttpMethod::DELETE,
    }
}
