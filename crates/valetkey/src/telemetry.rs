//! The log, and what keeps secrets in memory off the disk.

use std::io::{IsTerminal, stderr};

use crate::config::log::{Log, LogFormat};

/// Starts the log on standard error, in colours where that is a terminal.
pub fn start(log: &Log) {
    let builder = tracing_subscriber::fmt()
        .with_env_filter(log.level.filter())
        .with_ansi(stderr().is_terminal())
        .with_writer(stderr);
    match log.format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
}

/// Forbids core dumps of this process, in which its secrets would be. Other processes of the same user can no longer
/// read its memory either.
#[cfg(target_os = "linux")]
pub fn forbid_core_dumps() -> std::io::Result<()> {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

/// Forbids core dumps of this process, in which its secrets would be.
#[cfg(not(target_os = "linux"))]
pub fn forbid_core_dumps() -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    Ok(setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?)
}

/// Warns where memory can reach the disk by swapping.
pub fn warn_about_swap() {
    let swaps = std::fs::read_to_string("/proc/swaps").unwrap_or_default();
    for device in devices(&swaps) {
        tracing::warn!(device, "swap is on, and secrets in memory can reach it; turn it off or encrypt it");
    }
}

/// The swap devices that hold memory on a disk, from the text of `/proc/swaps`.
fn devices(swaps: &str) -> impl Iterator<Item = &str> {
    let names = swaps.lines().skip(1).filter_map(|line| line.split_whitespace().next());
    names.filter(|name| !name.starts_with("/dev/zram"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t86_swap_on_a_disk_is_seen_and_swap_in_memory_is_not() {
        let swaps =
            "Filename Type Size Used Priority\n/dev/sda2 partition 8 0 -2\n/dev/zram0 partition 8 0 100\n";
        assert_eq!(devices(swaps).collect::<Vec<_>>(), ["/dev/sda2"]);
        assert_eq!(devices("").count(), 0);
    }
}
