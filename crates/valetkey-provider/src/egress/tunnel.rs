//! The way out through a forward proxy (RFC 9110 §9.3.6).

use std::{fmt, io, net::SocketAddr, str::FromStr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The longest head of an answer of the proxy, in bytes.
const LONGEST_HEAD: usize = 8 * 1024;

/// A forward proxy that makes tunnels with CONNECT.
///
/// It is asked for the address that was checked, never for a name, which it might resolve to another one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ForwardProxy {
    host: String,
    port: u16,
}

/// The text is not the address of a forward proxy.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be http://HOST:PORT, without user name, password and path")]
pub struct InvalidProxy;

impl FromStr for ForwardProxy {
    type Err = InvalidProxy;

    fn from_str(text: &str) -> Result<Self, InvalidProxy> {
        let site = text.strip_prefix("http://").ok_or(InvalidProxy)?.trim_end_matches('/');
        let (host, port) = site.rsplit_once(':').ok_or(InvalidProxy)?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let is_name = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
        let is_host = bare.map_or(is_name, |host| host.parse::<std::net::Ipv6Addr>().is_ok());
        match port.parse() {
            Ok(port) if port > 0 && !host.is_empty() && is_host => {
                Ok(Self { host: bare.unwrap_or(host).to_owned(), port })
            }
            _ => Err(InvalidProxy),
        }
    }
}

impl fmt::Display for ForwardProxy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(out, "http://[{}]:{}", self.host, self.port)
        } else {
            write!(out, "http://{}:{}", self.host, self.port)
        }
    }
}

impl ForwardProxy {
    /// A connection to `address` through the proxy.
    pub(super) async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the operator has named the proxy; where it leads was checked before"
        )]
        let mut stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(|error| {
            io::Error::new(error.kind(), format!("the forward proxy {self} cannot be reached: {error}"))
        })?;
        let request = format!("CONNECT {address} HTTP/1.1\r\nhost: {address}\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let head = head(&mut stream).await?;
        let status = head.split(' ').nth(1).unwrap_or_default();
        if head.starts_with("HTTP/1.") && status.len() == 3 && status.starts_with('2') {
            return Ok(stream);
        }
        let line: String = head.lines().next().unwrap_or_default().chars().take(100).collect();
        Err(io::Error::other(format!("the forward proxy {self} made no tunnel to {address}: {line:?}")))
    }
}

/// The head of the answer and not a byte more, for what follows is the other side's.
async fn head(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == LONGEST_HEAD {
            return Err(io::Error::other("the answer of the forward proxy has no end"));
        }
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_proxy_is_read_and_written() {
        for text in ["http://proxy.internal:3128", "http://10.0.0.1:8080", "http://[fd00::1]:3128"] {
            assert_eq!(text.parse::<ForwardProxy>().map(|proxy| proxy.to_string()), Ok(text.to_owned()));
        }
        for text in [
            "",
            "proxy:3128",
            "https://proxy:3128",
            "http://proxy",
            "http://u:p@proxy:3128",
            "http://proxy:0",
            "http://p:1/x",
        ] {
            assert_eq!(text.parse::<ForwardProxy>(), Err(InvalidProxy), "{text}");
        }
    }
}
