//! How this server reaches third parties.

use std::path::PathBuf;

use valetkey_provider::egress::{AllowEntry, EgressPolicy, ForwardProxy, InvalidProxy, Purpose};

use super::{
    kind::Seconds,
    section::{Check, section},
    value::Value,
};

/// An exception from the rule that private and loopback addresses are not called: `PURPOSE=HOST`,
/// `PURPOSE=HOST:PORT` or `PURPOSE=CIDR`. The purpose `any` stands for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    purpose: Option<Purpose>,
    target: AllowEntry,
}

impl Exception {
    /// The policy with this exception.
    pub fn add_to(&self, policy: EgressPolicy) -> EgressPolicy {
        match self.purpose {
            Some(purpose) => policy.allow(purpose, self.target.clone()),
            None => policy.allow_everywhere(&self.target),
        }
    }
}

impl Value for Exception {
    fn parse(text: &str) -> Result<Self, String> {
        let form = || {
            let purposes: Vec<&str> = Purpose::ALL.into_iter().map(Purpose::name).collect();
            format!(
                "must be PURPOSE=HOST, PURPOSE=HOST:PORT or PURPOSE=CIDR, where PURPOSE is any or one of {}",
                purposes.join(", ")
            )
        };
        let (purpose, target) = text.split_once('=').ok_or_else(form)?;
        let purpose = match purpose.trim() {
            "any" => None,
            name => Some(Purpose::from_name(name).ok_or_else(form)?),
        };
        Ok(Self { purpose, target: target.trim().parse().map_err(|_| form())? })
    }

    fn text(&self) -> String {
        format!("{}={}", self.purpose.map_or("any", Purpose::name), self.target)
    }
}

impl Value for ForwardProxy {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|error: InvalidProxy| error.to_string())
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

section! {
    /// How this server reaches third parties. Private, loopback and link-local addresses are refused, and so is plain
    /// HTTP, unless an exception below says otherwise.
    egress: Egress {
        /// Certificates in PEM that are trusted beside the public ones.
        extra_ca_file: Option<PathBuf> [Example "/etc/valetkey/company-ca.pem"],
        /// A forward proxy (HTTP CONNECT) that all calls to public addresses take. Names are resolved and addresses checked
        /// here, and the proxy is asked for the address. What an exception allows is called directly.
        proxy: Option<ForwardProxy> [Example "http://proxy.internal:3128"],
        /// Exceptions: the purpose of the call, and a host, host and port, or network that it may reach.
        allow: Vec<Exception> [Example "token=idp.internal:8443, api=10.1.0.0/16"],
        /// How long a connection may take to be made.
        connect_timeout: Seconds [Default "5s"],
        /// How long a whole call may take.
        timeout: Seconds [Default "30s"],
        /// How long an answer that the proxy passes on may pause, such as a stream of events.
        idle_timeout: Seconds [Default "2m"],
    }
}

impl Egress {
    /// The extra certificates, in PEM.
    pub fn extra_ca(&self) -> Result<Option<String>, String> {
        let read = |path: &PathBuf| {
            std::fs::read_to_string(path)
                .map_err(|error| format!("egress.extra_ca_file {} cannot be read: {error}", path.display()))
        };
        self.extra_ca_file.as_ref().map(read).transpose()
    }
}

impl Check for Egress {
    fn problems(&self) -> Vec<String> {
        self.extra_ca().err().into_iter().collect()
    }
}
