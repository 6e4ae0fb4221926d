//! The only way out: every connection to a third party is resolved, checked and dialled here.
//!
//! A name is resolved, each address is checked, and exactly a checked address is dialled, so that a name cannot
//! change its meaning between the check and the connection. Addresses that are not public are refused unless the
//! [`EgressPolicy`] allows them for the [`Purpose`] of the request. Redirects are reported and never followed.

mod address;
mod cidr;
mod client;
mod dial;
mod error;
mod kept;
mod policy;
mod purpose;
mod resolve;
mod route;
mod stream;
mod tls;
mod tunnel;

pub use address::{AddressKind, address_kind};
pub use cidr::{Cidr, InvalidCidr};
pub use client::{Answer, EgressClient, EgressOptions, Outcome, Request, Timeouts};
pub(crate) use client::{Opened, broken};
pub use error::{EgressError, Sent};
pub(crate) use kept::Arriving;
pub use policy::{AllowEntry, EgressPolicy, InvalidAllowEntry};
pub use purpose::Purpose;
pub use resolve::{Addresses, Resolve, SystemResolver};
pub use route::{Certificate, Route};
pub use stream::StreamBody;
pub use tls::InvalidCa;
pub use tunnel::{ForwardProxy, InvalidProxy};
