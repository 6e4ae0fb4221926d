//! Names to addresses.

use std::{future::Future, io, net::IpAddr, pin::Pin};

/// The addresses of a name, when they come.
pub type Addresses<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// Finds the addresses of a host name. A parameter, so that a test can give names a meaning.
pub trait Resolve: Send + Sync {
    /// The addresses of `host`, in the order in which they should be tried.
    fn resolve<'a>(&'a self, host: &'a str) -> Addresses<'a>;
}

/// The resolver of the operating system.
#[derive(Clone, Copy, Default, Debug)]
pub struct SystemResolver;

#[expect(clippy::disallowed_methods, reason = "this is the one place that resolves names of third parties")]
impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> Addresses<'a> {
        Box::pin(
            async move { Ok(tokio::net::lookup_host((host, 0)).await?.map(|found| found.ip()).collect()) },
        )
    }
}
