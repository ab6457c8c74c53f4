//! The stand-in Hub as a program, for demos and for tests that run in CI runners.

mod args;
mod atomic_file;

use std::io::{self, Write};
use std::process::ExitCode;

use stand_in_hub::StandInHub;
use tokio::runtime;

use crate::args::{Command, Key, Options};

fn main() -> ExitCode {
    let result = match args::parse(std::env::args_os().skip(1)) {
        Ok(Command::Help) => io::stdout().write_all(args::HELP.as_bytes()),
        Ok(Command::Serve(options)) => serve(*options),
        Err(error) => {
            print_error(&error);
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "errors are written to stderr")]
fn print_error(error: &dyn std::error::Error) {
    eprintln!("stand-in-hub: {error}");
}

fn serve(options: Options) -> io::Result<()> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    // Registered before the URL is printed, so that no signal is missed.
    let stop = {
        let _context = runtime.enter();
        stop_signal()?
    };
    let hub = start(&options)?;
    if let Some((path, pem)) = options.tls_ca_out.as_deref().zip(hub.ca_pem()) {
        atomic_file::write(path, pem)?;
    }
    for entry in options.faults {
        hub.fault(entry.route, entry.fault);
    }
    for entry in options.permanent_faults {
        hub.fault_always(entry.route, entry.fault);
    }
    writeln!(io::stdout(), "stand-in Hub listening on {}", hub.url())?;
    if let Some(path) = &options.port_file {
        atomic_file::write(path, format!("{}\n", hub.url()))?;
    }
    runtime.block_on(stop);
    Ok(())
}

fn start(options: &Options) -> io::Result<StandInHub> {
    let mut builder = StandInHub::builder().port(options.port).shapes(options.shapes.clone());
    builder = builder.read_lag(options.read_lag.0);
    if let Some(rate) = options.rate_limit {
        builder = builder.rate_limit(rate.with_shape(options.rate_limit_shape));
    }
    for Key { key, username } in &options.accounts {
        builder = builder.account(key, username);
    }
    for Key { key, username } in &options.project_keys {
        builder = builder.project_key(key, username);
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

/// Waits for SIGTERM or Ctrl+C.
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

/// Waits for Ctrl+C.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "registering a Unix signal handler can fail")]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        drop(tokio::signal::ctrl_c().await);
    })
}
