//! Types of settings that are not of the standard library.

use std::{net::SocketAddr, time::Duration};

use url::{Host, Url};

use super::value::Value;

/// A length of time in whole seconds, at least one. Written as `30s`, `15m`, `24h`, `7d` or a number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seconds(u32);

const UNITS: [(&str, u32); 4] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)];

impl Seconds {
    /// As a number of seconds.
    pub fn count(self) -> i64 {
        i64::from(self.0)
    }

    /// As the standard library has it.
    pub fn duration(self) -> Duration {
        Duration::from_secs(u64::from(self.0))
    }
}

impl std::str::FromStr for Seconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }
}

impl Value for Seconds {
    fn parse(text: &str) -> Result<Self, String> {
        let unit = UNITS.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)));
        let (number, factor) = unit.unwrap_or((text, 1));
        let seconds = number.trim().parse::<u32>().ok().and_then(|number| number.checked_mul(factor));
        match seconds {
            Some(seconds) if seconds > 0 => Ok(Self(seconds)),
            _ => Err("must be a length of time, such as \"30s\", \"15m\", \"24h\" or \"7d\"".into()),
        }
    }

    fn text(&self) -> String {
        // Days are left out: "24h" is what people say.
        let fits = UNITS[1..].iter().find(|(_, factor)| self.0.is_multiple_of(*factor));
        fits.map_or_else(|| self.0.to_string(), |(unit, factor)| format!("{}{unit}", self.0 / factor))
    }
}

/// A whole number from 1 to `MOST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count<const MOST: u32>(pub u32);

impl<const MOST: u32> Value for Count<MOST> {
    fn parse(text: &str) -> Result<Self, String> {
        let number = text.parse().ok().filter(|number| (1..=MOST).contains(number));
        number.map(Self).ok_or_else(|| format!("must be a whole number from 1 to {MOST}"))
    }

    fn text(&self) -> String {
        self.0.to_string()
    }

    fn toml(&self) -> String {
        self.text()
    }
}

/// The address at which browsers and API clients reach the server: scheme, host and port, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a host can only be this machine.
fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

impl Value for PublicUrl {
    fn parse(text: &str) -> Result<Self, String> {
        const FORM: &str = "must be an https address without a path, such as \"https://connect.example.com\"";
        let url = Url::parse(text).map_err(|_| FORM.to_owned())?;
        let host = url.host().ok_or(FORM)?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&host) => {}
            "http" => return Err(format!("{FORM}; http is allowed for localhost only")),
            _ => return Err(FORM.into()),
        }
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !bare || !url.username().is_empty() || url.password().is_some() {
            return Err(FORM.into());
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }

    fn text(&self) -> String {
        self.0.clone()
    }
}

const MASK: &str = "********";

/// The address of the database. Its password is never written.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The address with its password.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.text())
    }
}

impl Value for DatabaseUrl {
    fn parse(text: &str) -> Result<Self, String> {
        let postgres = ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
        let sqlite = text.strip_prefix("sqlite:").is_some_and(|path| !path.is_empty());
        if sqlite || (postgres && Url::parse(text).is_ok()) {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be \"sqlite:PATH\" or \"postgres://USER:PASSWORD@HOST/DATABASE\"".into())
        }
    }

    fn text(&self) -> String {
        let Ok(mut url) = Url::parse(&self.0) else { return self.0.clone() };
        if url.password().is_some() && url.set_password(Some(MASK)).is_err() {
            return format!("{}:", url.scheme());
        }
        if url.query_pairs().any(|(name, _)| name == "password") {
            let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            let masked =
                pairs.iter().map(|(name, value)| (name, if name == "password" { MASK } else { value }));
            url.query_pairs_mut().clear().extend_pairs(masked);
        }
        url.into()
    }
}

/// An address and port of this machine only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoopbackAddr(pub SocketAddr);

impl Value for LoopbackAddr {
    fn parse(text: &str) -> Result<Self, String> {
        let address: Option<SocketAddr> = text.parse().ok();
        address.filter(|address| address.ip().is_loopback()).map(Self).ok_or_else(|| {
            "must be a loopback address and a port, such as \"127.0.0.1:8080\", because it is not encrypted".into()
        })
    }

    fn text(&self) -> String {
        self.0.to_string()
    }
}

/// One of a few words.
macro_rules! words {
    ($(#[doc = $about:literal])+ $name:ident { $($(#[doc = $doc:literal])+ $variant:ident = $word:literal,)+ }) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[doc = $doc])+ $variant,)+ }

        impl $crate::config::value::Value for $name {
            fn parse(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(format!("must be one of {}", [$(concat!("\"", $word, "\"")),+].join(", "))),
                }
            }

            fn text(&self) -> String {
                match self { $(Self::$variant => $word.to_owned(),)+ }
            }
        }
    };
}

pub(super) use words;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn lengths_of_time_read_with_a_unit_and_write_in_one_that_fits() {
        for (text, seconds, written) in [("90", 90, "90s"), ("15m", 900, "15m"), ("2d", 172_800, "48h")] {
            let read = Seconds::parse(text).unwrap();
            assert_eq!((read.count(), read.text().as_str()), (seconds, written));
        }
        for text in ["", "0", "-1s", "1.5h", "10 years", "99999999d"] {
            assert!(Seconds::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_count_is_refused_outside_its_bounds() {
        assert_eq!(Count::<10>::parse("10"), Ok(Count(10)));
        for text in ["0", "11", "-1", "1.0", "", "99999999999"] {
            assert_eq!(Count::<10>::parse(text), Err("must be a whole number from 1 to 10".into()), "{text}");
        }
    }

    #[test]
    fn t81_a_public_url_without_https_is_refused_except_on_loopback() {
        for text in ["https://a.example", "https://a.example:8443/", "http://localhost:1", "http://[::1]:1"] {
            assert!(PublicUrl::parse(text).is_ok(), "{text}");
        }
        for text in [
            "http://a.example",
            "http://10.0.0.1",
            "https://a.example/x",
            "https://u@a.example",
            "ftp://a",
            "a",
        ] {
            assert!(PublicUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_password_of_a_database_is_never_written() {
        let url = DatabaseUrl::parse("postgres://app:hunter2@db.example/valetkey?sslmode=require").unwrap();
        assert!(!url.text().contains("hunter2") && !format!("{url:?}").contains("hunter2"));
        assert!(url.expose().contains("hunter2"));
        assert!(
            !DatabaseUrl::parse("postgres://db/v?user=a&password=hunter2")
                .unwrap()
                .text()
                .contains("hunter2")
        );
        assert_eq!(DatabaseUrl::parse("sqlite:valetkey.db").unwrap().text(), "sqlite:valetkey.db");
    }

    #[test]
    fn a_plain_listener_is_refused_on_other_than_loopback() {
        assert!(LoopbackAddr::parse("0.0.0.0:80").is_err());
        assert!(LoopbackAddr::parse("127.0.0.1:80").is_ok());
    }
}
