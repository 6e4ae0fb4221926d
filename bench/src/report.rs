//! The tables.

use std::fmt;

use crate::{
    load::Sample,
    measure::Series,
    request::{Call, Transport},
};

/// The middle of some numbers.
fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = numbers.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

impl Series {
    fn of(&self, place: usize, part: impl Fn(&Sample) -> f64) -> f64 {
        median(self.samples.iter().map(|samples| part(&samples[place])))
    }

    /// How the rate on one server relates to that of another series on the same one.
    fn relative_to(&self, other: &Self, place: usize) -> f64 {
        let pairs = self.samples.iter().zip(&other.samples);
        median(pairs.map(|(mine, others)| mine[place].rate / others[place].rate))
    }

    /// How many times slower it is with many accounts than with few.
    fn slowdown(&self) -> f64 {
        median(self.samples.iter().map(|[few, many]| few.rate / many.rate))
    }

    fn name(&self) -> String {
        let transport = match self.transport {
            Transport::Grpc => "gRPC",
            Transport::Rest => "REST",
        };
        let call = match self.call {
            Call::Null => "null",
            Call::Open => "null, open",
            Call::Details => "details",
            Call::Credential => "credential",
            Call::ListFirst => "list, first page",
            Call::ListDeep => "list, deep page",
            Call::SearchFew => "search, few match",
            Call::SearchAll => "search, all match",
            Call::Link => "link",
            Call::LinkOfNew => "link, new account",
        };
        format!("{transport} {call}")
    }
}

impl fmt::Display for Series {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:<24}", self.name())?;
        for place in [0, 1] {
            let (rate, p50, p99) = (
                self.of(place, |sample| sample.rate),
                self.of(place, |sample| sample.p50),
                self.of(place, |sample| sample.p99),
            );
            write!(out, " |{rate:>9.0} {p50:>8.2} {p99:>8.2}")?;
        }
        write!(out, " |{:>6.2}", self.slowdown())
    }
}

/// The heading of a table of series.
pub(crate) fn heading(accounts: [u64; 2]) -> String {
    let [few, many] = accounts.map(|count| format!("{count} accounts"));
    format!(
        "{:<24} |{few:>27} |{many:>27} |  slow\n{:<24} |{:>9} {:>8} {:>8} |{:>9} {:>8} {:>8} |  down",
        "", "", "req/s", "p50 ms", "p99 ms", "req/s", "p50 ms", "p99 ms"
    )
}

/// What is asked of this program, and whether it holds: one line per target.
pub(crate) fn verdict(series: &[Series], accounts: [u64; 2]) -> Vec<String> {
    let [null, open, details, credential] =
        [Call::Null, Call::Open, Call::Details, Call::Credential].map(|call| find(series, call));
    let (Some(null), Some(open), Some(details)) = (null, open, details) else { return vec![] };
    let mut lines = Vec::new();
    if let Some(credential) = credential {
        let ratio = credential.relative_to(null, 0);
        let line = format!("{} / {}", credential.name(), null.name());
        lines.push(target(&line, ratio, ">= 0.5", ratio >= 0.5));
    }
    for (place, count) in accounts.into_iter().enumerate() {
        let ratio = details.relative_to(null, place);
        let line = format!("{} / {} at {count} accounts", details.name(), null.name());
        lines.push(target(&line, ratio, ">= 0.5", ratio >= 0.5));
        let ratio = details.relative_to(open, place);
        lines.push(format!("{:<48} {ratio:.2}", format!("  against {}", open.name())));
    }
    let slowdown = details.slowdown();
    lines.push(target(&format!("{}: slowdown by size", details.name()), slowdown, "<= 1.5", slowdown <= 1.5));
    lines
}

fn find(series: &[Series], call: Call) -> Option<&Series> {
    series.iter().find(|series| series.call == call)
}

fn target(name: &str, found: f64, wanted: &str, holds: bool) -> String {
    format!("{name:<48} {found:.2}  (target {wanted}: {})", if holds { "holds" } else { "MISSED" })
}
