//! The way to the token endpoint: clock, egress policy, name, connection, certificate, client authentication.

use valetkey_core::{Timestamp, connector::AuthType};
use valetkey_provider::{
    ClientVerdict, ClockReading, Diagnosis, DiagnosisError, PROBE, UrlError,
    egress::{Certificate, EgressError, Route},
};

use super::{
    check::{Check, Subject},
    words::{Remedy, relative, span},
};

/// From how many seconds of difference on somebody should know. Processes on one database rely on clocks that differ
/// by less than twenty seconds.
const SKEW_WARNS: i64 = 20;

/// From how many seconds on a client assertion, which works for a minute, is not accepted.
const SKEW_FAILS: i64 = 60;

/// The longest time before the end of a certificate at which somebody should know, in seconds: two weeks.
const CERTIFICATE_WARNS: i64 = 14 * 86_400;

/// The part of a certificate's life that is the last of it: short-lived ones are renewed late.
const CERTIFICATE_PART: i64 = 10;

/// What has no result where the way cannot be gone.
const WAY: [Subject; 5] = [Subject::Clock, Subject::Egress, Subject::Dns, Subject::Tcp, Subject::Tls];

/// The checks of a credential that nothing renews.
pub(super) fn none(auth: AuthType, probe: bool) -> impl Iterator<Item = Check> {
    let why = format!("a credential of the kind {} is not renewed", auth.as_str());
    let client = probe.then_some(Subject::ClientAuthentication);
    WAY.into_iter().chain(client).map(move |subject| Check::skipped(subject, why.clone()))
}

/// The checks of a way that was gone. `probe` says whether the client was to be asked about.
pub(super) fn checks(
    diagnosis: Result<Diagnosis, DiagnosisError>,
    remedy: &Remedy<'_>,
    now: Timestamp,
    probe: bool,
) -> Vec<Check> {
    let diagnosis = match diagnosis {
        Ok(diagnosis) => diagnosis,
        Err(error) => return no_address(&error, remedy, probe),
    };
    let route = &diagnosis.route;
    let mut checks = vec![clock(&diagnosis), egress(route), dns(route), tcp(route), tls(route, now)];
    checks.extend(probe.then(|| client(&diagnosis, remedy)));
    checks
}

fn no_address(error: &DiagnosisError, remedy: &Remedy<'_>, probe: bool) -> Vec<Check> {
    let found = format!("the token endpoint has no usable address: {error}");
    let check = |subject| match (subject, error) {
        // An account may have its own part of the address, which its user brings.
        (Subject::Egress, DiagnosisError::Address(UrlError::Missing(_))) => {
            Check::warn(subject, &found, remedy.reauthorize())
        }
        (Subject::Egress, _) => Check::fail(subject, &found, remedy.fix_connection()),
        _ => Check::skipped(subject, "the token endpoint has no usable address"),
    };
    WAY.into_iter().chain(probe.then_some(Subject::ClientAuthentication)).map(check).collect()
}

fn clock(diagnosis: &Diagnosis) -> Check {
    match &diagnosis.clock {
        None => Check::skipped(Subject::Clock, "no answer of the provider to compare the clock with"),
        Some(Err(why)) => {
            let found = format!("the clock cannot be compared with the provider's: {why}");
            Check::skipped(Subject::Clock, found)
        }
        Some(Ok(reading)) => skew(reading),
    }
}

fn skew(reading: &ClockReading) -> Check {
    let difference = reading.ours.millis().saturating_sub(reading.provider.millis());
    let certain = (difference.saturating_abs() - reading.uncertainty).max(0) / 1000;
    let side = if difference > 0 { "ahead of" } else { "behind" };
    let found = format!("the clock of this machine is {} {side} the provider's", span(certain));
    let next = "let this machine take its time from the network (NTP)";
    match certain {
        SKEW_FAILS.. => Check::fail(Subject::Clock, found, next),
        SKEW_WARNS.. => Check::warn(Subject::Clock, found, next),
        1.. => Check::ok(Subject::Clock, found),
        _ => Check::ok(Subject::Clock, "the clock of this machine agrees with the provider's"),
    }
}

fn site(route: &Route) -> String {
    format!("{}:{}", route.host, route.port)
}

fn egress(route: &Route) -> Check {
    match &route.permitted {
        None => Check::skipped(Subject::Egress, "the policy looks at addresses, and none was found"),
        Some(Ok(())) => Check::ok(Subject::Egress, format!("{} may be called", site(route))),
        // The error names the setting.
        Some(Err(error)) => {
            let next = "if this host is meant, make the exception; if not, correct the address of the token endpoint";
            Check::fail(Subject::Egress, error.to_string(), next)
        }
    }
}

fn dns(route: &Route) -> Check {
    match &route.addresses {
        Ok(addresses) => match addresses.as_slice() {
            [] => nowhere("the name has no address".into()),
            [only] if only.to_string() == route.host => {
                Check::ok(Subject::Dns, format!("{} is an address, not a name", route.host))
            }
            [only] => Check::ok(Subject::Dns, format!("{} is at {only}", route.host)),
            [first, more @ ..] => {
                let found = format!("{} is at {first} and {} more", route.host, more.len());
                Check::ok(Subject::Dns, found)
            }
        },
        Err(error) => nowhere(error.to_string()),
    }
}

fn nowhere(found: String) -> Check {
    let next = "compare the address of the token endpoint with the provider's documentation, and look at the resolver \
                of this machine";
    Check::fail(Subject::Dns, found, next)
}

fn tcp(route: &Route) -> Check {
    match &route.connected {
        None => Check::skipped(Subject::Tcp, "no address that may be called"),
        Some(Ok(address)) => Check::ok(Subject::Tcp, format!("port {} of {address} answers", route.port)),
        Some(Err(error)) => {
            let next =
                "look at the firewall and the routes of this machine, and at the provider's status page";
            Check::fail(Subject::Tcp, error.to_string(), next)
        }
    }
}

fn tls(route: &Route, now: Timestamp) -> Check {
    match &route.certificate {
        None if !route.tls => {
            Check::skipped(Subject::Tls, "the endpoint is on this machine and speaks plain HTTP")
        }
        None => Check::skipped(Subject::Tls, "no connection over which TLS could be spoken"),
        Some(Ok(certificate)) => certificate_ends(route, certificate, now),
        Some(Err(error)) => Check::fail(Subject::Tls, error.to_string(), untrusted(error)),
    }
}

fn untrusted(error: &EgressError) -> &'static str {
    if error.to_string().contains("xpired") {
        "look at the clock of this machine first; if it is right, the provider has to renew its certificate"
    } else {
        "if the certificate comes from your own authority, name it in egress.extra_ca_file; if not, find out who answers"
    }
}

fn certificate_ends(route: &Route, certificate: &Certificate, now: Timestamp) -> Check {
    let host = &route.host;
    let Some(end) = certificate.expires_at else {
        return Check::ok(Subject::Tls, format!("the certificate of {host} is trusted"));
    };
    let found = format!("the certificate of {host} is trusted and runs out {}", relative(now, end));
    let life = certificate.issued_at.map_or(i64::MAX, |start| end.seconds() - start.seconds());
    if end.seconds() - now.seconds() > (life / CERTIFICATE_PART).min(CERTIFICATE_WARNS) {
        return Check::ok(Subject::Tls, found);
    }
    Check::warn(Subject::Tls, found, "tell whoever runs that host, if it is not renewed in time")
}

fn client(diagnosis: &Diagnosis, remedy: &Remedy<'_>) -> Check {
    let asked = format!("a refresh with the token \"{PROBE}\", which nobody has,");
    let subject = Subject::ClientAuthentication;
    match &diagnosis.client {
        None => Check::skipped(subject, "the provider cannot be reached to ask it"),
        Some(ClientVerdict::Accepted { said }) => {
            Check::ok(subject, format!("the provider accepts the client: {asked} gave {said}"))
        }
        Some(ClientVerdict::Refused { said }) => {
            let found = format!("the provider refuses the client: {asked} gave {said}");
            Check::fail(subject, found, remedy.fix_connection())
        }
        Some(ClientVerdict::Impossible { reason }) => Check::fail(subject, reason, remedy.fix_connection()),
        Some(ClientVerdict::Unclear { said }) => {
            let found = format!("whether the provider accepts the client is open: after {asked} {said}");
            Check::warn(subject, found, "try again later; the last outcomes tell more")
        }
        Some(ClientVerdict::NotAskable { reason }) => {
            Check::skipped(subject, format!("the provider is not asked: {reason}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::check::Verdict, *};

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn skewed(seconds: i64) -> Check {
        let provider = Timestamp::from_millis(NOW.millis() + 500);
        skew(&ClockReading { provider, ours: NOW.plus_seconds(seconds), uncertainty: 600 })
    }

    #[test]
    fn a_clock_counts_as_wrong_only_by_what_is_certain() {
        assert_eq!(skewed(1).verdict, Verdict::Ok);
        assert_eq!(skewed(30).verdict, Verdict::Warn);
        let far = skewed(-7200);
        assert_eq!((far.verdict, far.found.contains("behind")), (Verdict::Fail, true), "{far:?}");
        assert!(skewed(7200).found.contains("ahead of"));
    }

    fn ending(life: i64, left: i64) -> Check {
        let end = NOW.plus_seconds(left);
        let certificate = Certificate { issued_at: Some(end.plus_seconds(-life)), expires_at: Some(end) };
        let route = Route {
            host: "id.example".into(),
            port: 443,
            tls: true,
            addresses: Ok(vec![]),
            permitted: None,
            connected: None,
            certificate: Some(Ok(certificate)),
        };
        tls(&route, NOW)
    }

    #[test]
    fn a_certificate_warns_in_the_last_tenth_of_its_life_and_two_weeks_before_its_end_at_the_earliest() {
        const DAY: i64 = 86_400;
        assert_eq!(ending(365 * DAY, 20 * DAY).verdict, Verdict::Ok);
        assert_eq!(ending(365 * DAY, 13 * DAY).verdict, Verdict::Warn);
        assert_eq!(ending(6 * DAY, DAY).verdict, Verdict::Ok);
        assert_eq!(ending(6 * DAY, DAY / 2).verdict, Verdict::Warn);
    }
}
