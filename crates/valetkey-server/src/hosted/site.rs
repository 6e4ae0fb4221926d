//! Where browsers reach this server.

use url::Url;

/// The public address of this server, as far as browsers care.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Site {
    origin: String,
    secure: bool,
    own_machine: bool,
}

/// Why an address cannot be the public one.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("public URL \"{0}\" must be an absolute http or https URL, such as https://connect.example.com")]
pub struct InvalidPublicUrl(String);

impl Site {
    /// The site at `public_url`.
    pub fn new(public_url: &str) -> Result<Self, InvalidPublicUrl> {
        let invalid = || InvalidPublicUrl(public_url.to_owned());
        let url = Url::parse(public_url).map_err(|_| invalid())?;
        let secure = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(invalid()),
        };
        let own_machine = url.host_str() == Some("localhost");
        Ok(Self { origin: url.origin().ascii_serialization(), secure, own_machine })
    }

    /// The origin (RFC 6454), such as `https://connect.example.com`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether browsers come by TLS. Plain `http` is for a developer's own machine.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether browsers are to remember that they come by TLS only (RFC 6797). What they remember of `localhost` would
    /// hold for every port of the developer's machine, and so for other people's servers.
    pub fn is_remembered_as_secure(&self) -> bool {
        self.secure && !self.own_machine
    }
}
