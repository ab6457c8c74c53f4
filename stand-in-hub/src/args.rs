//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use lexopt::{Arg, Parser, ValueExt};
use stand_in_hub::{Fault, RateLimit, RateLimitShape, Route, Shapes};

/// The text of `--help`.
pub(crate) const HELP: &str = "\
A stand-in for the Aerostack Hub on 127.0.0.1, for tests and demos

Usage: stand-in-hub [OPTION]…

      --port N                 port to listen on (default: a free port)
      --state FILE             load the state at start and save it after each change
      --account KEY=USERNAME   add an account key (`ac_test_key_0123456789=alice` always exists)
      --project-key KEY=USERNAME
                               add a project key: it is valid, but cannot publish
      --tls-ca-out FILE        serve HTTPS and write the temporary CA certificate to this file
      --port-file FILE         write the URL to this file when listening
      --response SHAPE         fields of the publish response: top, function or data
      --errors SHAPE           object, code-in-text, text, success-false, flat, plain, html or empty
      --error-status N         one HTTP status for all errors except NOT_FOUND
      --versions SHAPE         versions of a function: none, strings or objects
      --list SHAPE             the account's functions: functions, bare or data
      --by-id SHAPE            a function by its id: wrapped or bare
      --owner-view VERSION     what the owner sees of a published function with a draft: draft or published
      --receipt KIND           receipt of a publish, such as without-status or queued; the library's `Receipt` has all
      --review KIND            live versions have to be approved: pending, in-review, under-review or decision
      --shows-reviews          the owner sees a version in review
      --reject SHAPE           live versions are rejected: reasons, reasons-beside, details, details-by-field, errors,
                               issues or decision
      --page-size N            list the account's functions in pages
      --page-info SHAPE        how a page says that there is another one: none, has-more, total or pagination
      --list-slugs SHAPE       slugs in the list: plain or prefixed (`@user/slug`)
      --list-without-authors   do not name the authors in the list
      --unlisted SLUG          leave a function out of the list
      --not-public SLUG        hide a function at its public address
      --read-lag SECONDS       reads show a publish only this much later
      --rate-limit N/SECONDS   at most N publish requests in each window
      --rate-limit-shape SHAPE retry-after, retry-after-date, reset, neither or empty
      --fault ROUTE:KIND       inject a fault once; repeat the option to queue several
      --fault-always ROUTE:KIND
                               inject a fault into every request
      --log                    print method, path and status of each request
  -h, --help                   show this help

ROUTE: publish, my, by-id, public, install, validate, read-back (reads after a publish) or any
KIND:  status=N, cut-before, cut-after, hang, delay=SECONDS, truncate, redirect=URL, garbage, html, reset,
       reset-unread, hang-in-body, cut-body, drip=SECONDS, endless, gzip-bomb, stream-reset, refused-stream, go-away
       or rate-limited=SHAPE; with `process-then-` in front (process-then-hang), the request is processed first, with
       `process-later=SECONDS:` (process-later=2:status=504) that much later
";

/// What to do.
#[derive(Debug)]
pub(crate) enum Command {
    Help,
    Serve(Box<Options>),
}

/// The options of the server.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) port: u16,
    pub(crate) state: Option<PathBuf>,
    pub(crate) accounts: Vec<Key>,
    pub(crate) project_keys: Vec<Key>,
    pub(crate) tls_ca_out: Option<PathBuf>,
    pub(crate) port_file: Option<PathBuf>,
    pub(crate) shapes: Shapes,
    pub(crate) read_lag: Seconds,
    pub(crate) rate_limit: Option<Rate>,
    pub(crate) rate_limit_shape: RateLimitShape,
    pub(crate) faults: Vec<RouteFault>,
    pub(crate) permanent_faults: Vec<RouteFault>,
    pub(crate) log: bool,
}

/// `KEY=USERNAME`
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) key: String,
    pub(crate) username: String,
}

impl FromStr for Key {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((key, username)) if !key.is_empty() && !username.is_empty() => {
                Ok(Self { key: key.to_owned(), username: username.to_owned() })
            }
            _ => Err("expected `KEY=USERNAME`".to_owned()),
        }
    }
}

/// `ROUTE:KIND`
#[derive(Debug)]
pub(crate) struct RouteFault {
    pub(crate) route: Route,
    pub(crate) fault: Fault,
}

impl FromStr for RouteFault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (route, kind) = text.split_once(':').ok_or("expected `ROUTE:KIND`")?;
        let route = route.parse().map_err(|error| format!("route: {error}"))?;
        let fault = kind.parse().map_err(|error| format!("kind: {error}"))?;
        Ok(Self { route, fault })
    }
}

/// A number of seconds, such as `0.5`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seconds(pub(crate) Duration);

impl FromStr for Seconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        seconds.map(Self).ok_or_else(|| "expected a number of seconds".to_owned())
    }
}

/// `N/SECONDS`
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    limit: usize,
    window: Duration,
}

impl Rate {
    pub(crate) fn with_shape(self, shape: RateLimitShape) -> RateLimit {
        RateLimit::publishes(self.limit, self.window).shape(shape)
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (limit, window) = text.split_once('/').ok_or("expected `N/SECONDS`")?;
        let limit = limit.parse().map_err(|error| format!("N: {error}"))?;
        let Seconds(window) = window.parse()?;
        Ok(Self { limit, window })
    }
}

/// Parses the arguments, without the program's name.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, lexopt::Error> {
    let mut options = Options::default();
    let mut parser = Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        let Arg::Long(name) = argument else {
            if argument == Arg::Short('h') {
                return Ok(Command::Help);
            }
            return Err(argument.unexpected());
        };
        match name {
            "help" => return Ok(Command::Help),
            "log" => options.log = true,
            "port" => options.port = parser.value()?.parse()?,
            "state" => options.state = Some(parser.value()?.into()),
            "account" => options.accounts.push(parser.value()?.parse()?),
            "project-key" => options.project_keys.push(parser.value()?.parse()?),
            "tls-ca-out" => options.tls_ca_out = Some(parser.value()?.into()),
            "port-file" => options.port_file = Some(parser.value()?.into()),
            "fault" => options.faults.push(parser.value()?.parse()?),
            "fault-always" => options.permanent_faults.push(parser.value()?.parse()?),
            "read-lag" => options.read_lag = parser.value()?.parse()?,
            "rate-limit" => options.rate_limit = Some(parser.value()?.parse()?),
            "rate-limit-shape" => options.rate_limit_shape = parser.value()?.parse()?,
            _ => {
                let name = name.to_owned();
                if !parse_shape(&name, &mut parser, &mut options.shapes)? {
                    return Err(Arg::Long(&name).unexpected());
                }
            }
        }
    }
    Ok(Command::Serve(Box::new(options)))
}

/// Parses the value of an option for the shapes of responses, and returns whether it is one.
fn parse_shape(name: &str, parser: &mut Parser, shapes: &mut Shapes) -> Result<bool, lexopt::Error> {
    match name {
        "response" => shapes.response = parser.value()?.parse()?,
        "errors" => shapes.errors = parser.value()?.parse()?,
        "error-status" => shapes.error_status = Some(parser.value()?.parse()?),
        "versions" => shapes.versions = parser.value()?.parse()?,
        "list" => shapes.list = parser.value()?.parse()?,
        "by-id" => shapes.by_id = parser.value()?.parse()?,
        "owner-view" => shapes.owner_view = parser.value()?.parse()?,
        "receipt" => shapes.receipt = parser.value()?.parse()?,
        "review" => shapes.review = parser.value()?.parse()?,
        "shows-reviews" => shapes.shows_reviews = true,
        "reject" => shapes.rejection = parser.value()?.parse()?,
        "page-size" => shapes.page_size = Some(parser.value()?.parse()?),
        "page-info" => shapes.page_info = parser.value()?.parse()?,
        "list-slugs" => shapes.list_slugs = parser.value()?.parse()?,
        "list-without-authors" => shapes.list_without_authors = true,
        "unlisted" => shapes.unlisted.push(parser.value()?.string()?),
        "not-public" => shapes.not_public.push(parser.value()?.string()?),
        _ => return Ok(false),
    }
    Ok(true)
}
