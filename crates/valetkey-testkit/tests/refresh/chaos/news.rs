//! What happens in a world beside the schedule.

use tokio::sync::mpsc::UnboundedSender;
use valetkey_testkit::provider::HeldRequest;

/// Something happened.
pub(super) enum News {
    /// A token request waits at the provider.
    Held(HeldRequest),
    /// An operation has ended: with its result, or with its instance.
    Ended(u64, Option<valetkey_app::Result<()>>),
    /// An instance has committed a transaction.
    Committed(u64),
    /// An instance has died of a write.
    Died(u64),
}

/// Tells of the end of an operation, whichever end it is.
pub(super) struct Teller {
    operation: u64,
    news: UnboundedSender<News>,
    told: bool,
}

impl Teller {
    pub(super) fn new(operation: u64, news: UnboundedSender<News>) -> Self {
        Self { operation, news, told: false }
    }

    pub(super) fn tell(mut self, result: valetkey_app::Result<()>) {
        self.told = true;
        let _ = self.news.send(News::Ended(self.operation, Some(result)));
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        if !self.told {
            let _ = self.news.send(News::Ended(self.operation, None));
        }
    }
}
