//! The stand-in Hub as a program, for demos and CI runners' tests.

mod args;

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use stand_in_hub::StandInHub;
use tokio::runtime;

use crate::args::{Command, Options};

fn main() -> ExitCode {
    let outcome = match args::parse(std::env::args_os().skip(1)) {
        Ok(Command::Help) => io::stdout().write_all(args::HELP.as_bytes()),
        Ok(Command::Serve(options)) => serve(*options),
        Err(cause) => {
            complain(&cause);
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            complain(&cause);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "a program's complaint belongs on stderr")]
fn complain(cause: &dyn std::error::Error) {
    eprintln!("stand-in-hub: {cause}");
}

fn serve(options: Options) -> io::Result<()> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    // Listens for signals before anyone learns the address, so that none is missed.
    let stop = {
        let _inside = runtime.enter();
        stop_signal()?
    };
    let hub = start(&options)?;
    if let Some((path, pem)) = options.tls_ca_out.as_deref().zip(hub.ca_pem()) {
        put(path, pem)?;
    }
    for entry in options.faults {
        hub.fault(entry.route, entry.fault);
    }
    for entry in options.standing_faults {
        hub.fault_always(entry.route, entry.fault);
    }
    writeln!(io::stdout(), "stand-in Hub listening on {}", hub.url())?;
    if let Some(path) = &options.port_file {
        put(path, &format!("{}\n", hub.url()))?;
    }
    runtime.block_on(stop);
    Ok(())
}

fn start(options: &Options) -> io::Result<StandInHub> {
    let mut builder = StandInHub::builder().port(options.port).shapes(options.shapes.clone());
    for pair in &options.accounts {
        builder = builder.account(&pair.key, &pair.username);
    }
    for pair in &options.project_keys {
        builder = builder.project_key(&pair.key, &pair.username);
    }
    if let Some(path) = &options.state {
        builder = builder.state_file(path);
    }
    if options.tls_ca_out.is_some() {
        builder = builder.tls();
    }
    if options.log {
        builder = builder.log(io::stdout());
    }
    builder.try_start()
}

/// Puts a whole file in place at once: who waits for it never sees half of it.
fn put(path: &Path, text: &str) -> io::Result<()> {
    let mut new = path.to_owned().into_os_string();
    new.push(format!(".{}.new", std::process::id()));
    fs::write(&new, text)?;
    fs::rename(&new, path)
}

/// Waits for SIGTERM or ctrl-c.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Waits for ctrl-c.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "signals of Unix can fail to be listened for")]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        drop(tokio::signal::ctrl_c().await);
    })
}
