//! Cancelling: the signals by which a CI system asks this process to end.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::runtime::Builder;
use tokio::sync::watch;

/// How often a wait for a thread looks for a signal: a small part of the second in which everything must be written.
pub(crate) const SIGNAL_INTERVAL: Duration = Duration::from_millis(20);

/// The stack of a thread for work, in bytes: as much as a main thread has (Linux).
pub(crate) const STACK: usize = 8 << 20;

/// A signal that asks a process to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C, and the first signal that GitHub's runner sends.
    Interrupt,
    /// What containers and other CI systems send; on Windows, the end of the console or of the session.
    Terminate,
}

impl Signal {
    /// The exit code that a shell shows for a process that the signal ended: 128 and its number (POSIX).
    pub(crate) const fn exit_code(self) -> u8 {
        match self {
            Self::Interrupt => 128 + 2,
            Self::Terminate => 128 + 15,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
        }
    }
}

/// Whether this run was cancelled. All copies are one.
#[derive(Debug, Clone)]
pub struct Cancellation(watch::Receiver<Option<Signal>>);

impl Cancellation {
    /// From now on, the signals no longer end this process by themselves. As process 1 of a container, which has no default
    /// action for them, it can be cancelled in the same way.
    pub fn of_process() -> Self {
        let (sender, receiver) = watch::channel(None);
        let (listening, is_listening) = channel();
        // Without a thread for it, the signals keep their default action.
        if thread::Builder::new().spawn(move || listen(&sender, listening)).is_ok() {
            // Ends when the other side is dropped.
            let _ = is_listening.recv();
        }
        Self(receiver)
    }

    /// For a process that its signals end by themselves.
    #[cfg(fuzzing)]
    pub fn never() -> Self {
        Self(watch::channel(None).1)
    }

    /// The first signal that was received.
    pub(crate) fn signal(&self) -> Option<Signal> {
        *self.0.borrow()
    }

    /// Does the work, unless a signal is there first: then what is left of the work is dropped.
    pub(crate) async fn unless_cancelled<T>(&self, work: impl Future<Output = T>) -> Result<T, Signal> {
        match select(pin!(self.cancelled()), pin!(work)).await {
            Either::Left((signal, _)) => Err(signal),
            Either::Right((done, _)) => Ok(done),
        }
    }

    async fn cancelled(&self) -> Signal {
        let mut receiver = self.0.clone();
        let signal = receiver.wait_for(Option::is_some).await.ok().and_then(|signal| *signal);
        match signal {
            Some(signal) => signal,
            // No one listens for signals.
            None => std::future::pending().await,
        }
    }

    /// Does work that can't be interrupted on a thread of its own, unless a signal is there first: then the thread is left to
    /// itself. `None` where this machine has no thread for it.
    pub(crate) fn unless_cancelled_on_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<Result<T, Signal>> {
        let (sender, receiver) = channel();
        let work = move || drop(sender.send(work()));
        let thread = thread::Builder::new().stack_size(STACK).spawn(work).ok()?;
        loop {
            match receiver.recv_timeout(SIGNAL_INTERVAL) {
                // Work that looks for a signal itself may have stopped half-way.
                Ok(done) => return Some(self.signal().map_or(Ok(done), Err)),
                Err(RecvTimeoutError::Timeout) => {
                    if let Some(signal) = self.signal() {
                        return Some(Err(signal));
                    }
                }
                Err(RecvTimeoutError::Disconnected) => match thread.join() {
                    Ok(()) => return None,
                    Err(panic) => std::panic::resume_unwind(panic),
                },
            }
        }
    }
}

/// Waits for signals as long as the process lives. The first one counts: a runner sends more if the process does not end.
fn listen(cancelled: &watch::Sender<Option<Signal>>, listening: Sender<()>) {
    let Ok(runtime) = Builder::new_current_thread().enable_io().build() else { return };
    runtime.block_on(async {
        let Ok(mut signals) = Signals::new() else { return };
        drop(listening);
        loop {
            let signal = poll_fn(|context| signals.poll(context)).await;
            cancelled.send_if_modified(|first| {
                let is_first = first.is_none();
                *first = first.or(Some(signal));
                is_first
            });
        }
    });
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Signal> {
        if self.interrupt.poll_recv(context).is_ready() {
            return Poll::Ready(Signal::Interrupt);
        }
        self.terminate.poll_recv(context).map(|_| Signal::Terminate)
    }
}

/// Microsoft documentation, "`HandlerRoutine` callback function".
#[cfg(windows)]
struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
    r#break: tokio::signal::windows::CtrlBreak,
    close: tokio::signal::windows::CtrlClose,
    logoff: tokio::signal::windows::CtrlLogoff,
    shutdown: tokio::signal::windows::CtrlShutdown,
}

#[cfg(windows)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::windows;
        Ok(Self {
            interrupt: windows::ctrl_c()?,
            r#break: windows::ctrl_break()?,
            close: windows::ctrl_close()?,
            logoff: windows::ctrl_logoff()?,
            shutdown: windows::ctrl_shutdown()?,
        })
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Signal> {
        if self.interrupt.poll_recv(context).is_ready() || self.r#break.poll_recv(context).is_ready() {
            return Poll::Ready(Signal::Interrupt);
        }
        let ends = [
            self.close.poll_recv(context).is_ready(),
            self.logoff.poll_recv(context).is_ready(),
            self.shutdown.poll_recv(context).is_ready(),
        ];
        if ends.contains(&true) { Poll::Ready(Signal::Terminate) } else { Poll::Pending }
    }
}
