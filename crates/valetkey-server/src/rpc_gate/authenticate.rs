//! Who calls.

use std::future::Future;

use http::header::HeaderValue;
use tonic::Status;

/// Who calls.
pub trait Principal: Clone + Send + Sync + 'static {
    /// Whether the caller may do what `permission` (`area:verb`) names.
    fn permits(&self, permission: &str) -> bool;
}

/// Turns a bearer token into a principal.
pub trait Authenticate: Clone + Send + Sync + 'static {
    /// Who calls.
    type Principal: Principal;

    /// The principal that `bearer` stands for, or `None` if it stands for nobody or no longer does.
    ///
    /// # Errors
    /// A status where that could not be found out; it is answered as it is.
    fn authenticate(
        &self,
        bearer: &str,
    ) -> impl Future<Output = Result<Option<Self::Principal>, Status>> + Send;
}

/// The token of a `Bearer` credential (RFC 6750 section 2.1).
pub(super) fn bearer_token(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}
