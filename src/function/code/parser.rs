//! Where modules are parsed: in a child process, so that hostile code exhausts neither the memory nor the stack nor the time of
//! this one. It has no environment, no files and no secrets.

use std::io::{self, BufReader};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::allowance::{FunctionAllowance, RunAllowance};
use super::module::{Module, SyntaxError, is_code};
use super::protocol::{
    ARGUMENT, Answer, MAX_MODULE_BYTES, NOT_STARTED, Request, TOO_MUCH_MEMORY, TOO_MUCH_TIME, read_bytes,
    write_request,
};
use crate::cancellation::{Cancellation, SIGNAL_INTERVAL};
use crate::source::SourceFile;
use crate::text;

/// Parses modules, one after the other. All copies are one.
#[derive(Debug, Clone)]
pub struct Parser(How);

#[derive(Debug, Clone)]
enum How {
    InChildProcess(Arc<Mutex<Parent>>),
    /// Where the program is not the one that is running.
    #[cfg(any(test, fuzzing))]
    InThread,
}

impl Parser {
    /// In a child process, which is started for a module, and ends with [`Self::close`], after a signal, or while nothing is parsed.
    pub fn in_child_process(cancellation: &Cancellation) -> Self {
        let allowance = RunAllowance::new();
        let parent = Parent { cancellation: cancellation.clone(), worker: None, allowance, is_closed: false };
        Self(How::InChildProcess(Arc::new(Mutex::new(parent))))
    }

    #[cfg(any(test, fuzzing))]
    pub(crate) fn in_thread() -> Self {
        Self(How::InThread)
    }

    /// Whether modules of this run took all the time that there is for them.
    #[cfg(fuzzing)]
    pub(crate) fn is_used_up(&self) -> bool {
        match &self.0 {
            How::InChildProcess(parent) => lock(parent).allowance.is_used_up(),
            How::InThread => false,
        }
    }

    /// Ends the child process until there is another module to parse.
    pub(crate) fn rest(&self) {
        self.end(false);
    }

    /// Ends the child process; no other is started.
    pub fn close(&self) {
        self.end(true);
    }

    fn end(&self, is_closed: bool) {
        match &self.0 {
            How::InChildProcess(parent) => {
                let mut parent = lock(parent);
                parent.is_closed |= is_closed;
                parent.worker = None;
            }
            #[cfg(any(test, fuzzing))]
            How::InThread => {}
        }
    }

    /// Parses a module of a function; its language follows from the file name's extension.
    pub(super) fn parse(&self, file: &SourceFile, allowance: &mut FunctionAllowance) -> Module {
        if !is_code(&file.path) {
            return Module::default();
        }
        let parsed = match &self.0 {
            How::InChildProcess(parent) => lock(parent).parse(file, allowance),
            #[cfg(any(test, fuzzing))]
            How::InThread => in_thread(file, allowance),
        };
        parsed.unwrap_or_else(|failure| failure.module(file))
    }
}

type Parsed = Result<Answer<Module>, Failure>;

/// The part of this process.
#[derive(Debug)]
struct Parent {
    cancellation: Cancellation,
    /// `None` before the first module, and after the last one was given up.
    worker: Option<Worker>,
    allowance: RunAllowance,
    is_closed: bool,
}

impl Parent {
    fn parse(&mut self, file: &SourceFile, allowance: &mut FunctionAllowance) -> Result<Module, Failure> {
        if self.allowance.is_used_up() {
            return Err(Failure::NoTimeLeft);
        }
        if file.text.len().max(file.path.len()) > MAX_MODULE_BYTES {
            return Err(Failure::OutOfMemory);
        }
        let started = Instant::now();
        let parsed = self.attempt(file, allowance);
        let took = started.elapsed();
        allowance.wait = allowance.wait.saturating_sub(took);
        match parsed {
            Ok((micros, module)) => {
                let used = Duration::from_micros(micros);
                allowance.time = allowance.time.saturating_sub(used);
                self.allowance.parsed(used, file.text.len());
                Ok(module)
            }
            Err(failure) => {
                self.allowance.given_up(took);
                Err(failure)
            }
        }
    }

    /// A child process that parsed other modules before may have ended because of them: then the module gets one of its own.
    fn attempt(&mut self, file: &SourceFile, allowance: &mut FunctionAllowance) -> Parsed {
        let deadline = Instant::now() + allowance.wait;
        let is_used = self.worker.is_some();
        let first = self.attempt_once(file, allowance, deadline);
        match first {
            Err(Failure::OutOfMemory | Failure::Crashed(_)) if is_used => {
                self.attempt_once(file, allowance, deadline)
            }
            _ => first,
        }
    }

    fn attempt_once(
        &mut self,
        file: &SourceFile,
        allowance: &mut FunctionAllowance,
        deadline: Instant,
    ) -> Parsed {
        if self.is_closed || self.cancellation.signal().is_some() {
            return Err(Failure::Cancelled);
        }
        let mut worker = match self.worker.take() {
            Some(worker) => worker,
            None => Worker::start(&self.cancellation).map_err(Failure::NotStarted)?,
        };
        let answer = worker.ask(file, allowance, deadline)?;
        self.worker = Some(worker);
        Ok(answer)
    }
}

/// Why a module was given up.
#[derive(Debug)]
enum Failure {
    OutOfMemory,
    OutOfTime,
    /// Other modules of this run took all the time.
    NoTimeLeft,
    TooManyNames,
    /// With how the process ended.
    Crashed(String),
    NotStarted(io::Error),
    Cancelled,
}

impl Failure {
    fn module(&self, file: &SourceFile) -> Module {
        const SPLIT: &str = "split it into several modules";
        let (message, hint) = match self {
            Self::OutOfMemory => ("the file takes too much memory to parse".to_owned(), SPLIT),
            Self::OutOfTime => ("the file takes too long to parse".to_owned(), SPLIT),
            Self::NoTimeLeft => (
                "the file was not parsed: other files of this run took too long".to_owned(),
                "fix the files that take too long to parse",
            ),
            Self::TooManyNames => (
                "the code imports, exports and declares more names than can be checked".to_owned(),
                "split it into several functions",
            ),
            Self::Crashed(end) => (format!("the parser crashed at the file ({end})"), SPLIT),
            Self::NotStarted(cause) => (
                format!(
                    "the file can't be parsed: no process can be started for it ({})",
                    text::of_io(cause)
                ),
                "allow this job to start processes, and each at least 2 GiB of address space: code is parsed in one of its own",
            ),
            Self::Cancelled => ("the run was cancelled".to_owned(), SPLIT),
        };
        let line = file.text.find('\n').unwrap_or(file.text.len());
        let error = SyntaxError {
            is_of_machine: matches!(self, Self::NotStarted(_)),
            ..SyntaxError::new(message, 0..line.min(1)).with_hint(hint)
        };
        Module { errors: vec![error], is_given_up: true, ..Module::default() }
    }
}

/// A child process. Writing to it and reading from it may take any time: a thread watches over it, and kills it.
#[derive(Debug)]
struct Worker {
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    watched: Arc<Mutex<Watched>>,
    /// The thread ends when this is dropped.
    _is_needed: Sender<()>,
}

#[derive(Debug)]
struct Watched {
    process: Child,
    /// While it parses a module.
    deadline: Option<Instant>,
    killed_for: Option<Failure>,
}

impl Worker {
    fn start(cancellation: &Cancellation) -> io::Result<Self> {
        let mut command = Command::new(own_program()?);
        command.arg(ARGUMENT).env_clear().current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        // A signal to the process group is for this process, which then ends the other.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process = command.spawn()?;
        let pipes = process.stdin.take().zip(process.stdout.take());
        let (stdin, stdout) = pipes.ok_or(io::ErrorKind::BrokenPipe)?;
        let watched = Arc::new(Mutex::new(Watched { process, deadline: None, killed_for: None }));
        let (is_needed, until_dropped) = channel();
        let (to_watch, cancellation) = (Arc::clone(&watched), cancellation.clone());
        // From here on, the process ends with it.
        let worker = Self { stdin, stdout: BufReader::new(stdout), watched, _is_needed: is_needed };
        let watch = move || {
            while until_dropped.recv_timeout(SIGNAL_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                lock(&to_watch).kill_if_needed(&cancellation);
            }
        };
        thread::Builder::new().spawn(watch)?;
        Ok(worker)
    }

    fn ask(&mut self, file: &SourceFile, allowance: &mut FunctionAllowance, deadline: Instant) -> Parsed {
        let request = Request { path: &*file.path, text: &*file.text, time_left: allowance.time };
        lock(&self.watched).deadline = Some(deadline);
        let answer = write_request(&mut self.stdin, &request)
            .and_then(|()| read_bytes(&mut self.stdout, allowance.names_bytes));
        let mut watched = lock(&self.watched);
        watched.deadline = None;
        match answer {
            Ok(answer) if watched.killed_for.is_none() => {
                allowance.names_bytes -= answer.len();
                serde_json::from_slice(&answer).map_err(|_| watched.end())
            }
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => Err(Failure::TooManyNames),
            Ok(_) | Err(_) => Err(watched.end()),
        }
    }
}

impl Watched {
    fn kill_if_needed(&mut self, cancellation: &Cancellation) {
        let Some(deadline) = self.deadline else { return };
        self.killed_for = if cancellation.signal().is_some() {
            Some(Failure::Cancelled)
        } else if deadline <= Instant::now() {
            Some(Failure::OutOfTime)
        } else {
            return;
        };
        let _ = self.process.kill();
    }

    /// Why it ended. If it has not yet, it ends now.
    fn end(&mut self) -> Failure {
        let _ = self.process.kill();
        let ended = self.process.wait();
        if let Some(reason) = self.killed_for.take() {
            return reason;
        }
        match ended {
            Ok(status) if status.code() == Some(TOO_MUCH_MEMORY.into()) => Failure::OutOfMemory,
            Ok(status) if status.code() == Some(TOO_MUCH_TIME.into()) => Failure::OutOfTime,
            Ok(status) if status.code() == Some(NOT_STARTED.into()) => {
                Failure::NotStarted(io::ErrorKind::OutOfMemory.into())
            }
            Ok(status) if has_aborted(status) => Failure::OutOfMemory,
            Ok(status) => Failure::Crashed(status.to_string()),
            Err(error) => Failure::Crashed(text::of_io(&error)),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        lock(&self.watched).end();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a process ended as Rust ends one that gets no more memory, or no more stack.
#[cfg(unix)]
fn has_aborted(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal() == Some(rustix::process::Signal::ABORT.as_raw())
}

#[cfg(not(unix))]
fn has_aborted(_status: ExitStatus) -> bool {
    false
}

/// Linux runs the very program that is running, even if its file was replaced.
fn own_program() -> io::Result<std::path::PathBuf> {
    if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { std::env::current_exe() }
}

/// Without limits of memory and time.
#[cfg(any(test, fuzzing))]
fn in_thread(file: &SourceFile, allowance: &FunctionAllowance) -> Result<Module, Failure> {
    use super::parse;

    if allowance.time.is_zero() {
        return Err(Failure::OutOfTime);
    }
    let (path, text) = (file.path.clone(), Arc::clone(&file.text));
    let thread = thread::Builder::new().stack_size(parse::STACK).spawn(move || parse::parse(&path, &text));
    let parsed = thread.map_err(Failure::NotStarted)?.join();
    parsed.map_err(|panic| std::panic::resume_unwind(panic))
}
