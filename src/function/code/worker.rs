//! The child process that parses modules: it ends as soon as one needs too much memory or time, or nobody waits for it.

use std::io::{stdin, stdout};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::parse::{STACK, parse};
use super::protocol::{
    MAX_MODULE_BYTES, MAX_PARSE_TIME, TOO_MUCH_MEMORY, TOO_MUCH_TIME, read_bytes, write_bytes,
};

/// Most memory that the process may use, in bytes: 256 MiB. 10 MiB of real code take about half of it.
const MAX_PARSER_MEMORY: usize = 256 << 20;

/// How often the memory is looked at. In the meantime, code can take a few MiB more.
const INTERVAL: Duration = Duration::from_millis(2);

enum Event {
    /// The path and the text of a module.
    Request(String, String),
    Answered,
    /// Nobody waits for answers any more.
    Closed,
}

/// Parses every module that is written to standard input.
pub fn serve() -> ExitCode {
    without_core_dumps();
    // A debug build would only end the thread.
    std::panic::set_hook(Box::new(|_| std::process::abort()));
    let (sender, events) = channel();
    let reader = sender.clone();
    if thread::Builder::new().spawn(move || read_requests(&reader)).is_err() {
        return ExitCode::FAILURE;
    }
    while let Ok(Event::Request(path, text)) = events.recv() {
        let answered = sender.clone();
        // A thread for each module: its stack is freed with it.
        let parser = thread::Builder::new().stack_size(STACK).spawn(move || answer(&path, &text, &answered));
        if parser.is_err() {
            return ExitCode::FAILURE;
        }
        if let Err(exit_code) = watch(&events) {
            return exit_code;
        }
    }
    ExitCode::SUCCESS
}

/// Waits for the end of a module.
fn watch(events: &Receiver<Event>) -> Result<(), ExitCode> {
    let started = Instant::now();
    loop {
        match events.recv_timeout(INTERVAL) {
            Ok(Event::Answered) => return Ok(()),
            Ok(Event::Closed | Event::Request(..)) | Err(RecvTimeoutError::Disconnected) => {
                return Err(ExitCode::SUCCESS);
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        let used = memory_stats::memory_stats().map_or(usize::MAX, |memory| memory.physical_mem);
        if used > MAX_PARSER_MEMORY {
            return Err(ExitCode::from(TOO_MUCH_MEMORY));
        }
        if started.elapsed() > MAX_PARSE_TIME {
            return Err(ExitCode::from(TOO_MUCH_TIME));
        }
    }
}

fn read_requests(events: &Sender<Event>) {
    let mut from = stdin().lock();
    let mut next = || String::from_utf8(read_bytes(&mut from, MAX_MODULE_BYTES).ok()?).ok();
    while let Some((path, text)) = next().zip(next()) {
        if events.send(Event::Request(path, text)).is_err() {
            return;
        }
    }
    // The other side ends with the process.
    let _ = events.send(Event::Closed);
}

fn answer(path: &str, text: &str, events: &Sender<Event>) {
    let module = parse(path, text);
    let answer = serde_json::to_vec(&module).unwrap_or_default();
    drop(module);
    // Before it is written: the next request may follow at once.
    let _ = events.send(Event::Answered);
    // If nobody reads it, standard input is closed too.
    let _ = write_bytes(&mut stdout().lock(), &answer);
}

/// Code that crashes the parser must not fill the disk.
fn without_core_dumps() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // It can only fail where it is forbidden, and then the crash is as harmless.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
}
