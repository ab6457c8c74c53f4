//! The memory that a run uses, measured for all of its processes.

use std::collections::BTreeMap;
use std::fs::read_to_string;
use std::path::Path;
use std::thread::{self, sleep};
use std::time::Duration;

use crate::support::{Run, Started};

/// Most memory of a run with one hostile function, in bytes: 400 MB.
pub const MAX_MEMORY: u64 = 400_000_000;

/// Most memory of a run with any number of them, in bytes: 600 MB.
pub const MAX_MEMORY_OF_RUN: u64 = 600_000_000;

/// The processes that a process has started and that still run.
pub fn children(process: u32) -> Vec<u32> {
    let threads = Path::new("/proc").join(process.to_string()).join("task").read_dir();
    let lists = threads.into_iter().flatten().flatten().map(|thread| thread.path().join("children"));
    let lists: Vec<_> = lists.filter_map(|list| read_to_string(list).ok()).collect();
    lists.iter().flat_map(|list| list.split_whitespace()).filter_map(|id| id.parse().ok()).collect()
}

/// The most memory that a process has used so far, in bytes; `None` if it has ended.
pub fn peak(process: u32) -> Option<u64> {
    let status = read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024)
}

/// What a run used.
pub struct Used {
    pub run: Run,
    /// The most memory of the program and of one of its child processes, in bytes.
    pub memory: u64,
    /// How many child processes it had.
    pub children: usize,
}

/// Waits for the end of a run, and looks at its memory all the time.
pub fn measured(started: Started<'_>) -> Used {
    let process = started.process();
    let measure = thread::spawn(move || {
        let (mut own, mut peaks) = (0, BTreeMap::new());
        while let Some(peak_of_program) = peak(process) {
            own = peak_of_program;
            for child in children(process) {
                let peak = peak(child).unwrap_or_default();
                peaks.entry(child).and_modify(|known| *known = peak.max(*known)).or_insert(peak);
            }
            sleep(Duration::from_millis(1));
        }
        (own + peaks.values().max().copied().unwrap_or_default(), peaks.len())
    });
    let run = started.wait();
    let (memory, children) = measure.join().expect("a measurement");
    Used { run, memory, children }
}
