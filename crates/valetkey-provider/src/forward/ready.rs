//! What calls of one account have in common, made once for as long as its credential stays the same: it costs more than
//! all else about many a call.

use std::{collections::BTreeSet, fmt, sync::Arc};

use super::{headers::used, scrub::Spellings};
use crate::{
    Access, CallError,
    destination::Base,
    scheme::{Carried, secret_texts},
};

/// What opens the API of one account, made ready for calls that are passed on. Cheap to clone.
#[derive(Clone)]
pub struct Ready(Arc<Parts>);

pub(super) struct Parts {
    pub(super) base: Base,
    pub(super) carried: Carried,
    /// The names that carry the credential.
    pub(super) used: Arc<[String]>,
    /// What of the credential nobody but the API may see.
    pub(super) hidden: Arc<Spellings>,
}

impl Ready {
    /// Makes ready what `access` opens. The values of `open_fields` are not secret, such as a user name.
    ///
    /// # Errors
    /// The account has no value for a field that the address of the API or a header needs, or one that does not fit
    /// there.
    pub fn of(access: &Access<'_>, open_fields: &BTreeSet<&str>) -> Result<Self, CallError> {
        Ok(Self(Arc::new(Parts {
            base: Base::of(access.api, access.fields)?,
            carried: Carried::of(access)?,
            used: used(access.placements).into(),
            hidden: Arc::new(Spellings::of(&secret_texts(access, open_fields))),
        })))
    }

    /// The host of the API.
    pub fn host(&self) -> &str {
        self.0.base.host()
    }

    pub(super) fn parts(&self) -> &Parts {
        &self.0
    }
}

impl fmt::Debug for Ready {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Ready({})", self.host())
    }
}
