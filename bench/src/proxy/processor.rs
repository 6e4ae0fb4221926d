//! The processor time that a way has taken, which does not depend on what else the machine does.

use std::{fs, path::PathBuf, time::Duration};

/// Whose processor time counts.
pub(super) enum Processor {
    /// Nobody's.
    Nobody,
    /// That of the threads of this process with this name.
    Threads(&'static str),
    /// That of the children of a process.
    Children(u32),
}

impl Processor {
    /// What they have taken since they were started.
    pub(super) fn used(&self) -> Duration {
        match self {
            Self::Nobody => Duration::ZERO,
            Self::Threads(name) => tasks("self")
                .into_iter()
                .filter(|task| fs::read_to_string(task.join("comm")).is_ok_and(|comm| comm.trim() == *name))
                .map(|task| on_processor(&task))
                .sum(),
            Self::Children(parent) => {
                let listed =
                    fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
                listed.split_whitespace().flat_map(tasks).map(|task| on_processor(&task)).sum()
            }
        }
    }
}

fn tasks(process: &str) -> Vec<PathBuf> {
    let listed = fs::read_dir(format!("/proc/{process}/task"));
    listed.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect()
}

/// The first number of `schedstat`, in nanoseconds (Documentation/scheduler/sched-stats.rst of Linux).
fn on_processor(task: &std::path::Path) -> Duration {
    let text = fs::read_to_string(task.join("schedstat")).unwrap_or_default();
    let nanoseconds = text.split_whitespace().next().and_then(|number| number.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}
