//! The child process that parses modules: it ends as soon as one needs too much memory or time, or nobody waits for it.

use std::io::{stdin, stdout};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use super::module::Module;
use super::parse::{STACK, parse};
use super::protocol::{Answer, Request, TOO_MUCH_MEMORY, TOO_MUCH_TIME, read_request, write_all};

/// Most memory that the process may use, in bytes: 256 MiB. 10 MiB of real code take about half of it.
const MAX_PARSER_MEMORY: usize = 256 << 20;

/// Most bytes that the process can have at all: its stack, which is only used as far as it is needed, and memory for what it
/// allocates before it is looked at, on a machine that does everything else first. 320 MiB.
const MAX_DATA: usize = STACK + (320 << 20);

/// How often the memory is looked at. In the meantime, code can take a few MiB more.
const INTERVAL: Duration = Duration::from_millis(2);

/// The exit codes of every system.
const SUCCESS: u8 = 0;
const FAILURE: u8 = 1;

enum Event {
    Request(Request<String>),
    Answered,
    /// Nobody waits for answers any more.
    Closed,
}

/// Parses every module that is written to standard input. Returns the exit code of the process, which is to end then.
pub fn serve() -> u8 {
    set_limits();
    // A debug build would only end the thread. What aborts has no memory left.
    #[expect(clippy::disallowed_methods, reason = "the thread that panics is not the main one")]
    std::panic::set_hook(Box::new(|_| std::process::exit(FAILURE.into())));
    let (sender, events) = channel();
    let reader = sender.clone();
    if thread::Builder::new().spawn(move || read_requests(&reader)).is_err() {
        return FAILURE;
    }
    while let Ok(Event::Request(Request { path, text, time_left })) = events.recv() {
        let answered = sender.clone();
        let end = time_used() + time_left;
        // A thread for each module: its stack is freed with it.
        let parser = thread::Builder::new().stack_size(STACK).spawn(move || answer(&path, &text, &answered));
        let Ok(parser) = parser else { return FAILURE };
        if let Err(exit_code) = watch(&events, end) {
            return exit_code;
        }
        // There is only room for one stack.
        let _ = parser.join();
    }
    SUCCESS
}

/// Waits for the end of a module, up to this time.
fn watch(events: &Receiver<Event>, end: Duration) -> Result<(), u8> {
    loop {
        match events.recv_timeout(INTERVAL) {
            Ok(Event::Answered) => return Ok(()),
            Ok(Event::Closed | Event::Request(_)) | Err(RecvTimeoutError::Disconnected) => {
                return Err(SUCCESS);
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        let used = memory_stats::memory_stats().map_or(usize::MAX, |memory| memory.physical_mem);
        if used > MAX_PARSER_MEMORY {
            return Err(TOO_MUCH_MEMORY);
        }
        if time_used() > end {
            return Err(TOO_MUCH_TIME);
        }
    }
}

fn read_requests(events: &Sender<Event>) {
    let mut from = stdin().lock();
    while let Some(request) = read_request(&mut from) {
        if events.send(Event::Request(request)).is_err() {
            return;
        }
    }
    // The other side ends with the process.
    let _ = events.send(Event::Closed);
}

fn answer(path: &str, text: &str, events: &Sender<Event>) {
    let started = time_used();
    let module = parse(path, text);
    let micros = u64::try_from(time_used().saturating_sub(started).as_micros()).unwrap_or(u64::MAX);
    let answer: Answer<Module> = (micros, module);
    let answer = serde_json::to_vec(&answer).unwrap_or_default();
    // Before it is written: the next request may follow at once.
    let _ = events.send(Event::Answered);
    // If nobody reads it, standard input is closed too.
    let _ = write_all(stdout().lock(), [answer.as_slice()]);
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
