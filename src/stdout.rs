//! Standard output, written by a thread of its own: a reader that no longer reads must not keep a cancelled run from writing its
//! reports.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::cancellation::{Cancellation, SIGNAL_INTERVAL};

/// How long a flush waits for a reader.
const MAX_FLUSH_TIME: Duration = Duration::from_millis(100);

/// How long a cancelled run waits for a reader: a part of the second in which it ends.
const MAX_LAST_TIME: Duration = Duration::from_millis(300);

enum Message {
    Text(Vec<u8>),
    /// To be answered when everything before it is written.
    Flush(Sender<()>),
}

/// Standard output. What can't be written is lost: there is no one left to report it to.
pub struct Stdout {
    /// `None` where this machine has no thread for it.
    thread: Option<Sender<Message>>,
    /// A flush that was waited for in vain.
    late: Option<Receiver<()>>,
}

impl Stdout {
    /// Starts the thread.
    pub fn start() -> Self {
        let (sender, receiver) = channel();
        let thread = thread::Builder::new().spawn(move || write_all(&receiver));
        Self { thread: thread.is_ok().then_some(sender), late: None }
    }

    /// Waits until everything is written; after a signal, not for long.
    pub fn finish(self, cancellation: &Cancellation) {
        let Some(written) = self.written() else { return };
        let started = Instant::now();
        while written.recv_timeout(SIGNAL_INTERVAL) == Err(RecvTimeoutError::Timeout) {
            if cancellation.signal().is_some() && started.elapsed() > MAX_LAST_TIME {
                return;
            }
        }
    }

    /// Where it is reported that everything so far is written.
    fn written(&self) -> Option<Receiver<()>> {
        let (sender, receiver) = channel();
        self.thread.as_ref()?.send(Message::Flush(sender)).ok()?;
        Some(receiver)
    }
}

impl Write for Stdout {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let Some(thread) = &self.thread else { return io::stdout().write(text) };
        let _ = thread.send(Message::Text(text.to_owned()));
        Ok(text.len())
    }

    /// Waits for a reader, but not again for one that still has not read what it was waited for before.
    fn flush(&mut self) -> io::Result<()> {
        if self.late.as_ref().is_some_and(|written| written.try_recv() == Err(TryRecvError::Empty)) {
            return Ok(());
        }
        let is_late =
            |written: &Receiver<()>| written.recv_timeout(MAX_FLUSH_TIME) == Err(RecvTimeoutError::Timeout);
        self.late = self.written().filter(is_late);
        Ok(())
    }
}

fn write_all(messages: &Receiver<Message>) {
    let mut stdout = io::stdout().lock();
    for message in messages {
        match message {
            Message::Text(text) => drop(stdout.write_all(&text)),
            Message::Flush(written) => {
                let _ = stdout.flush();
                let _ = written.send(());
            }
        }
    }
}
