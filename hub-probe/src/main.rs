//! Asks a Hub what its documentation leaves open: `cargo run -p hub-probe`.
//!
//! Prints every request, what came back, and whether `aerostack-publish` handles it, and writes a recording without
//! secrets, which is read again by tests.

mod arguments;
mod connection;
mod conversation;
mod draft;
mod error_variants;
mod exchange;
mod field_class;
mod list_variants;
mod masked;
mod pseudonyms;
mod questions;
mod receipt_variants;
mod record;
mod recording;
mod report;
mod sanitize;
mod shape;
mod verdict;

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use aerostack_publish::probing::Connection;
use aerostack_publish::settings::env::Env;
use url::Url;

use crate::arguments::{Command, HELP, Options};
use crate::draft::Stop;
use crate::record::{Session, read_again, recording};
use crate::recording::Recording;
use crate::report::Obstacle;

/// Why a run ends early, or how: its exit code and what is printed to standard error.
struct Failure(u8, String);

/// The client does not handle some response, or reads a recording in another way than before.
const NOT_HANDLED: u8 = 1;

/// Invalid arguments, key or address; or the draft's name is in use.
const WRONG_CALL: u8 = 2;

/// A recording can't be read or written.
const NO_RECORDING: u8 = 3;

/// The Hub did not respond.
const NO_RESPONSE: u8 = 4;

/// The Hub says that the draft is live or in review.
const MAY_BE_LIVE: u8 = 5;

fn main() -> ExitCode {
    let result = match arguments::parse(std::env::args_os().skip(1)) {
        Ok(Command::Help) => print(HELP),
        Ok(Command::Ask(options)) => ask(&options),
        Ok(Command::Replay { file, record }) => replay(&file, record.as_deref()),
        Err(error) => Err(Failure(WRONG_CALL, format!("{error}; see --help"))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(code, message)) => {
            // If this can't be written, there is no one left to report it to.
            let _ = writeln!(std::io::stderr(), "hub-probe: {}", shape::escape(&message));
            ExitCode::from(code)
        }
    }
}

fn ask(options: &Options) -> Result<(), Failure> {
    let wrong_call = |message: String| Failure(WRONG_CALL, message);
    let env = Env::of_process().map_err(wrong_call)?;
    let connection = Connection::of(&env).map_err(wrong_call)?;
    let (base, key) = (connection.base.clone(), connection.key.1.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| wrong_call(error.to_string()))?;
    let mut hub = connection::Hub::new(connection);
    let (account, stop) = runtime.block_on(async {
        let account = conversation::ask_all(&mut hub, options).await;
        let stop = match &options.draft {
            Some(name) if account.list.is_some() => {
                draft::write(&mut hub, name, options.existing, &account).await.err()
            }
            _ => None,
        };
        (account, stop)
    });
    let recording = recording(&Session {
        base: &base,
        key: &key,
        username: options.username.as_deref(),
        function: options.function.as_deref(),
        draft: options.draft.as_deref(),
        author: account.author.as_deref(),
        log: &hub.log,
    });
    if let Some(Stop::MayBeLive) = stop {
        // This matters more than a report or a recording that cannot be written.
        let _ = print(&report::of(&recording));
        let written = options.record.as_ref().map_or(Ok(()), |path| write(&recording, path));
        let lost =
            written.err().map(|Failure(_, error)| format!("; no recording: {error}")).unwrap_or_default();
        let name = options.draft.as_deref().unwrap_or_default();
        return Err(Failure(MAY_BE_LIVE, live(name, account.author.as_deref()) + &lost));
    }
    print(&report::of(&recording))?;
    if let Some(path) = &options.record {
        write(&recording, path)?;
        print(&format!(
            "\nwritten to {}: read it before you send it; names and IDs are replaced, code and texts are left out\n",
            shape::escape(&path.to_string_lossy())
        ))?;
    }
    let obstacle = report::obstacle(&recording);
    if let Some(obstacle) = obstacle.filter(|obstacle| !matches!(obstacle, Obstacle::Failed(_))) {
        return Err(no_hub(obstacle, &base));
    }
    if let Some(Stop::InUse(reason)) = stop {
        return Err(wrong_call(format!("no draft was written: {reason}")));
    }
    if let Some(obstacle) = obstacle {
        return Err(no_hub(obstacle, &base));
    }
    match report::gaps(&recording) {
        0 => Ok(()),
        _ => Err(Failure(NOT_HANDLED, "please send the recording: see README.md".to_owned())),
    }
}

/// What is wrong with the key or the address.
fn no_hub(obstacle: Obstacle, base: &Url) -> Failure {
    let origin = base.origin().ascii_serialization();
    match obstacle {
        Obstacle::NoResponse => Failure(
            NO_RESPONSE,
            format!("the Hub did not respond: {origin} is not reachable; check `AEROSTACK_API_URL`"),
        ),
        Obstacle::KeyRejected(status) => Failure(
            WRONG_CALL,
            format!(
                "the Hub rejected the key with {status}: check `AEROSTACK_API_KEY`, it must be an account key"
            ),
        ),
        Obstacle::NoHub => {
            let meant = if base.path() == "/" { "https://api.aerostack.dev" } else { &origin };
            Failure(
                WRONG_CALL,
                format!("there is no Hub at this address: did you mean `AEROSTACK_API_URL={meant}`?"),
            )
        }
        Obstacle::Failed(status) => Failure(
            NO_RESPONSE,
            format!("the Hub answered the list of your functions with {status}: try again later"),
        ),
    }
}

/// What to do where the Hub published a draft.
fn live(name: &str, author: Option<&str>) -> String {
    let author = author.unwrap_or("YOUR-USER-NAME");
    format!(
        "WARNING: `{name}` was sent with `publish: false`, but the Hub says that it is live or in review. Nothing more was sent. \
         Something may be live: look at your functions on https://hub.aerostack.dev and at \
         /api/community/functions/{author}/{name}, and remove it"
    )
}

fn replay(file: &Path, record: Option<&Path>) -> Result<(), Failure> {
    let unreadable = |error| Failure(NO_RECORDING, format!("{}: {error}", file.display()));
    let recorded = Recording::read(file).map_err(unreadable)?;
    let again = read_again(&recorded);
    print(&report::of(&again))?;
    if let Some(path) = record {
        return write(&again, path);
    }
    let mut differences = Vec::new();
    for (before, now) in recorded.exchanges.iter().zip(&again.exchanges) {
        if before.client != now.client {
            differences.push(format!("{:?}: before: {}; now: {}", before.ask, before.client, now.client));
        }
    }
    // A question that is newer than the recording has no answer there.
    let changed = recorded.answers.iter().filter(|(name, answer)| again.answers.get(*name) != Some(answer));
    differences.extend(changed.map(|(name, _)| format!("the answer to `{name}`")));
    if differences.is_empty() {
        return Ok(());
    }
    Err(Failure(NOT_HANDLED, format!("it reads differently now: {}", differences.join("; "))))
}

fn write(recording: &Recording, path: &Path) -> Result<(), Failure> {
    recording.write(path).map_err(|error| Failure(NO_RECORDING, format!("{}: {error}", path.display())))
}

fn print(text: &str) -> Result<(), Failure> {
    let written = std::io::stdout().write_all(text.as_bytes());
    written.map_err(|error| Failure(NO_RECORDING, format!("the report cannot be printed: {error}")))
}
