//! The death of an instance at one of its writes.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::UnboundedSender;
use valetkey_store::{WriteObserver, WritePoint};

use super::news::News;

/// Watches what one instance writes, and ends the instance at one of its writes.
pub(super) struct Fuse {
    instance: u64,
    news: UnboundedSender<News>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    dead: bool,
    /// How many write points are left until the death; nothing where none is planned.
    left: Option<usize>,
}

/// Unwinds the task that writes when its instance dies.
struct Death;

impl Fuse {
    pub(super) fn new(instance: u64, news: UnboundedSender<News>) -> Self {
        Self { instance, news, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Plans the death for one of the next write points, or takes back what was planned.
    pub(super) fn set(&self, left: Option<usize>) {
        self.state().left = left;
    }

    /// Ends the instance now: it writes nothing any more.
    pub(super) fn kill(&self) {
        self.state().dead = true;
    }

    /// Counts a write point; says whether the instance is dead, and whether it has died of this.
    fn count(&self) -> (bool, bool) {
        let mut state = self.state();
        let before = state.dead;
        match state.left {
            Some(0) => state.dead = true,
            Some(left) => state.left = Some(left - 1),
            None => {}
        }
        (state.dead, state.dead && !before)
    }
}

impl WriteObserver for Fuse {
    fn observe(&self, point: WritePoint) {
        let (dead, just_now) = self.count();
        // Where nobody listens any more the schedule has failed.
        if just_now {
            let _ = self.news.send(News::Died(self.instance));
        }
        if dead {
            std::panic::resume_unwind(Box::new(Death));
        }
        if point == WritePoint::AfterCommit {
            let _ = self.news.send(News::Committed(self.instance));
        }
    }
}
