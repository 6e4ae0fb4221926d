//! Shares of what was tried.

use std::ops::AddAssign;

/// How many were tried, and how many of them failed.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Rate {
    /// How many ended, well or not.
    pub all: i64,
    /// How many of them failed.
    pub failed: i64,
}

impl Rate {
    /// How many succeeded.
    pub const fn succeeded(self) -> i64 {
        self.all - self.failed
    }

    /// The share that succeeded, 0 to 1; `None` where nothing was tried.
    pub fn success(self) -> Option<f64> {
        share(self.succeeded(), self.all)
    }

    /// The share that failed, 0 to 1; `None` where nothing was tried.
    pub fn failure(self) -> Option<f64> {
        share(self.failed, self.all)
    }
}

impl AddAssign for Rate {
    fn add_assign(&mut self, other: Self) {
        self.all += other.all;
        self.failed += other.failed;
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share of more than 2^52 calls is near enough")]
fn share(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn shares_are_between_nothing_and_all_and_add_up(all in 0_i64..1_000_000, part in 0_i64..1_000_000) {
            let rate = Rate { all, failed: part.min(all) };
            let (Some(success), Some(failure)) = (rate.success(), rate.failure()) else {
                prop_assert_eq!(all, 0);
                return Ok(());
            };
            prop_assert!((0.0..=1.0).contains(&success) && (0.0..=1.0).contains(&failure));
            prop_assert!((success + failure - 1.0).abs() < 1e-9);
            prop_assert_eq!(failure == 0.0, rate.failed == 0);
        }
    }
}
