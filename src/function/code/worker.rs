//! The child process that parses modules: it ends as soon as one needs too much memory or time, or nobody waits for it.

use std::io::{stdin, stdout};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use super::module::Module;
use super::parse::{STACK, parse};
use super::protocol::{
    Answer, NOT_STARTED, Request, TOO_MUCH_MEMORY, TOO_MUCH_TIME, read_request, write_all,
};

/// Most memory that the process may use, in bytes: 256 MiB. 10 MiB of real code take about half of it.
const MAX_PARSER_MEMORY: usize = 256 << 20;

/// Most bytes that the process can have at all: its stack, which is only used as far as it is needed, and memory for what it
/// allocates before it is looked at, on a machine that does everything else first. 320 MiB.
const MAX_DATA: usize = STACK + (320 << 20);

/// How often memory and time are looked at. In the meantime, code can take a few MiB more.
const INTERVAL: Duration = Duration::from_millis(2);

/// The exit codes of every system.
const SUCCESS: u8 = 0;
const FAILURE: u8 = 1;

/// The processor time of this process at which the module that is being parsed is given up, in microseconds.
static END: AtomicU64 = AtomicU64::new(NOTHING_PARSED);

const NOTHING_PARSED: u64 = u64::MAX;

/// Parses every module that is written to standard input. Returns the exit code of the process, which is to end then.
pub fn serve() -> u8 {
    set_limits();
    // A debug build would only end the thread. What aborts has no memory left.
    #[expect(clippy::disallowed_methods, reason = "the thread that panics is not the main one")]
    std::panic::set_hook(Box::new(|_| std::process::exit(FAILURE.into())));
    let Ok(parser) = thread::Builder::new().stack_size(STACK).spawn(answer_all) else { return NOT_STARTED };
    while !parser.is_finished() {
        thread::sleep(INTERVAL);
        let end = END.load(Ordering::Relaxed);
        if end == NOTHING_PARSED {
            continue;
        }
        let used = memory_stats::memory_stats().map_or(usize::MAX, |memory| memory.physical_mem);
        if used > MAX_PARSER_MEMORY {
            return TOO_MUCH_MEMORY;
        }
        if micros(time_used()) > end {
            return TOO_MUCH_TIME;
        }
        if is_abandoned() {
            break;
        }
    }
    SUCCESS
}

/// Until there are no more requests, or nobody reads the answers. One thread does it all: a module of a few lines takes less time
/// than another thread takes to wake up.
fn answer_all() {
    let (mut from, mut to) = (stdin().lock(), stdout().lock());
    while let Some(Request { path, text, time_left }) = read_request(&mut from) {
        let started = time_used();
        END.store(micros(started + time_left), Ordering::Relaxed);
        let module = parse(&path, &text);
        let answer: Answer<Module> = (micros(time_used().saturating_sub(started)), module);
        let answer = serde_json::to_vec(&answer).unwrap_or_default();
        END.store(NOTHING_PARSED, Ordering::Relaxed);
        if write_all(&mut to, [answer.as_slice()]).is_err() {
            return;
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Whether the other side of standard input is gone. Where that is not known, a module is parsed to its end, or to its limits.
#[cfg(unix)]
fn is_abandoned() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdin = stdin();
    let mut input = [PollFd::new(&stdin, PollFlags::empty())];
    poll(&mut input, Some(&Timespec::default())).is_ok_and(|found| found > 0)
}

#[cfg(not(unix))]
fn is_abandoned() -> bool {
    false
}

/// Processor time that this process has used; where that is not known, how long it has run.
#[cfg(unix)]
fn time_used() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or_default(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}

#[cfg(not(unix))]
fn time_used() -> Duration {
    use std::sync::LazyLock;
    use std::time::Instant;

    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}

/// What the system itself holds the process to. It can only fail where it is forbidden.
fn set_limits() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let limits = [
            // Code that crashes the parser must not fill the disk.
            (Resource::Core, 0),
            (Resource::Data, MAX_DATA as u64),
        ];
        for (resource, most) in limits {
            let _ = setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
        }
    }
}
