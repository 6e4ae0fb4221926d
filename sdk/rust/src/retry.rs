//! Which calls are repeated, and when.

use std::time::Duration;

use tonic::Code;

use crate::Error;

/// The pause before the first repetition, at the most; it doubles with each further one.
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(8);

/// The pause after an error; `None` where another attempt would not help. `random` is from 0 to 1: callers that failed
/// together do not come back together.
pub(crate) fn pause(error: &Error, repetitions: u32, random: f64) -> Option<Duration> {
    let transient = matches!(error.grpc, Code::Unavailable | Code::ResourceExhausted)
        || matches!(error.code.as_str(), "CONNECTION_FAILED" | "TIMEOUT");
    let longest = LONGEST.min(FIRST * 2_u32.saturating_pow(repetitions.min(10)));
    transient.then(|| longest.mul_f64(random.clamp(0.0, 1.0)))
}

/// A number from 0 to 1.
pub(crate) fn random() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}

/// A text that no other call has, as an idempotency key.
pub(crate) fn idempotency_key() -> String {
    let mut bytes = [0_u8; 16];
    // Without randomness the call goes without a key: it is then carried out once for each attempt.
    match getrandom::fill(&mut bytes) {
        Ok(()) => format!("{:032x}", u128::from_be_bytes(bytes)),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: &str, grpc: Code) -> Error {
        Error::local(code, grpc, "")
    }

    #[test]
    fn what_may_pass_is_repeated_with_growing_pauses() {
        let busy = error("UNAVAILABLE", Code::Unavailable);
        let pauses: Vec<_> = (0..6).filter_map(|n| pause(&busy, n, 1.0)).map(|p| p.as_millis()).collect();
        assert_eq!(pauses, [500, 1000, 2000, 4000, 8000, 8000]);
        assert_eq!(pause(&busy, 3, 0.0), Some(Duration::ZERO));
    }

    #[test]
    fn what_is_wrong_is_not_repeated() {
        assert_eq!(pause(&error("ACCOUNT_NOT_FOUND", Code::NotFound), 0, 1.0), None);
        assert_eq!(pause(&error("INTERNAL", Code::Internal), 0, 1.0), None);
    }

    #[test]
    fn two_keys_differ() {
        assert_ne!(idempotency_key(), idempotency_key());
    }
}
