//! Time in the model. The true time is the same in every state; a tick moves everything that lies ahead nearer, so that
//! states which differ only in when they happen are one.

use valetkey_core::Timestamp;

/// The true time.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// Seconds of a tick: what clocks may differ by, and what a token request lasts at the most.
pub(crate) const TICK: i64 = 20;

/// The time that lies `ticks` ahead.
pub(crate) const fn ahead(ticks: i64) -> Timestamp {
    NOW.plus_seconds(ticks * TICK)
}

/// What has a time in it.
pub(crate) trait Elapse {
    /// One tick passes; says whether that makes a difference.
    fn elapse(&mut self) -> bool;
}

impl Elapse for Option<Timestamp> {
    fn elapse(&mut self) -> bool {
        match self {
            // What is over for the slowest clock is over for all, and stays so.
            Some(at) if *at > NOW => {
                *at = at.plus_seconds(-TICK);
                true
            }
            Some(_) | None => false,
        }
    }
}
