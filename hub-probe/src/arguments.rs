//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::{Arg, Parser, ValueExt as _};

/// How the name of a draft starts, so that it is nobody's function.
const DRAFT_PREFIX: &str = "hub-probe-";

/// The text of `--help`.
pub(crate) const HELP: &str = "\
Asks a Hub what its documentation leaves open, and shows whether aerostack-publish understands the answers

Usage: hub-probe [OPTION]…
       hub-probe --replay FILE [--record FILE]

      --username NAME   your user name on the Hub, if the list of your functions does not show it
      --function SLUG   the published function to look at (default: the first one in your list)
      --record FILE     write a recording without secrets to this file
      --wrong-key       also ask once with an invalid key
      --draft NAME      also write a draft under this name, twice, and read it back; NAME starts with `hub-probe-`
      --existing        allow any NAME, also one that you use: the draft replaces an unpublished draft of that function
      --replay FILE     read a recording again instead of asking a Hub; with --record, write it with today's readings
  -h, --help            show this help

Environment: AEROSTACK_API_KEY (your account key), AEROSTACK_API_URL (default: https://api.aerostack.dev;
http:// for this machine only), SSL_CERT_FILE, SSL_CERT_DIR, HTTPS_PROXY and NO_PROXY.

Without --draft it sends GET requests, and one POST to /api/v1/cli/validate, which only says whose key it is.
It never publishes anything live. The key is sent to AEROSTACK_API_URL only.

Exit codes:
  0  the client handles every response
  1  the client does not handle some response, or a recording no longer reads as it did
  2  invalid arguments, key or address, or NAME is in use; nothing was written to the Hub
  3  a recording cannot be read or written
  4  the Hub did not respond, or did not show your functions because of a failure of its own
  5  the Hub says that the draft is live or in review: look at once
";

/// What to do.
#[derive(Debug)]
pub(crate) enum Command {
    Help,
    Ask(Options),
    Replay { file: PathBuf, record: Option<PathBuf> },
}

/// What to ask, and where to record it.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) username: Option<String>,
    pub(crate) function: Option<String>,
    pub(crate) record: Option<PathBuf>,
    pub(crate) wrong_key: bool,
    pub(crate) draft: Option<String>,
    pub(crate) existing: bool,
}

/// Parses the arguments, without the program's name.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, lexopt::Error> {
    let (mut options, mut replay, mut asks) = (Options::default(), None, None);
    let mut parser = Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        let name = match argument {
            Arg::Long(name) => name.to_owned(),
            Arg::Short('h') => return Ok(Command::Help),
            Arg::Short(_) | Arg::Value(_) => return Err(argument.unexpected()),
        };
        match name.as_str() {
            "help" => return Ok(Command::Help),
            "record" => options.record = Some(parser.value()?.into()),
            "replay" => replay = Some(parser.value()?.into()),
            _ => {
                match name.as_str() {
                    "username" => options.username = Some(parser.value()?.parse_with(username)?),
                    "function" => options.function = Some(parser.value()?.parse_with(slug)?),
                    "draft" => options.draft = Some(parser.value()?.parse_with(slug)?),
                    "wrong-key" => options.wrong_key = true,
                    "existing" => options.existing = true,
                    _ => return Err(Arg::Long(&name).unexpected()),
                }
                asks = Some(name);
            }
        }
    }
    match (replay, asks) {
        (Some(_), Some(name)) => Err(format!("`--replay` asks no Hub, and `--{name}` is for that").into()),
        (Some(file), None) => Ok(Command::Replay { file, record: options.record }),
        (None, _) if options.existing && options.draft.is_none() => {
            Err("`--existing` is for `--draft NAME`".into())
        }
        (None, _) => {
            // The list of an account proves nothing about a name: it may be incomplete.
            let is_foreign = |name: &&String| !options.existing && !name.starts_with(DRAFT_PREFIX);
            if let Some(name) = options.draft.as_ref().filter(is_foreign) {
                return Err(format!(
                    "`{name}` may be in use, and a draft would overwrite it: choose a name that starts with `{DRAFT_PREFIX}`, or \
                     allow it with `--existing`"
                )
                .into());
            }
            Ok(Command::Ask(options))
        }
    }
}

fn username(text: &str) -> Result<String, &'static str> {
    let name = text.strip_prefix('@').unwrap_or(text);
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || matches!(name, "." | "..") || !name.chars().all(is_plain) {
        return Err("not a user name");
    }
    Ok(name.to_owned())
}

/// A slug: `a-z`, `0-9`, and single hyphens between them.
fn slug(text: &str) -> Result<String, &'static str> {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if text.split('-').all(is_word) {
        return Ok(text.to_owned());
    }
    Err("not a slug: use a-z, 0-9 and single hyphens between them")
}
