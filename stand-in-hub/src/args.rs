//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use lexopt::{Arg, Parser, ValueExt};
use stand_in_hub::{Fault, Route, Shapes};

/// What `--help` shows.
pub(crate) const HELP: &str = "\
A stand-in for the Aerostack Hub on 127.0.0.1, for tests and demos

Usage: stand-in-hub [OPTION]…

      --port N                 port to listen on; a free one without it
      --state FILE             read the state at start and write it after each change
      --account KEY=USERNAME   add an account key (`ac_test_key_0123456789=alice` is always there)
      --project-key KEY=USERNAME
                               add a project key: it validates, but cannot publish
      --tls-ca-out FILE        speak HTTPS and write the throwaway authority's certificate here
      --port-file FILE         write the address here once it listens
      --answer PLACE           place of a publish answer: top, function or data
      --errors SHAPE           object, code-in-text, text, success-false, flat, plain, html or empty
      --error-status N         one HTTP status for every error but NOT_FOUND
      --versions SHAPE         versions in a function's answer: none, strings or objects
      --fault ROUTE:KIND       misbehave once; repeat it to queue
      --fault-always ROUTE:KIND
                               misbehave every time
      --log                    print method, path and status of each request
  -h, --help                   show this

ROUTE: publish, my, by-id, public, install, validate or any
KIND:  status=N, process-then-status=N, cut-before, cut-after, hang, process-then-hang, delay=SECONDS,
       truncate, redirect=URL, garbage or html
";

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Command {
    Help,
    Serve(Box<Options>),
}

/// The options of a run.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) port: u16,
    pub(crate) state: Option<PathBuf>,
    pub(crate) accounts: Vec<Pair>,
    pub(crate) project_keys: Vec<Pair>,
    pub(crate) tls_ca_out: Option<PathBuf>,
    pub(crate) port_file: Option<PathBuf>,
    pub(crate) shapes: Shapes,
    pub(crate) faults: Vec<Misbehaviour>,
    pub(crate) standing_faults: Vec<Misbehaviour>,
    pub(crate) log: bool,
}

/// `KEY=USERNAME`
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) key: String,
    pub(crate) username: String,
}

impl FromStr for Pair {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((key, username)) if !key.is_empty() && !username.is_empty() => {
                Ok(Self { key: key.to_owned(), username: username.to_owned() })
            }
            _ => Err("a key is given as `KEY=USERNAME`".to_owned()),
        }
    }
}

/// `ROUTE:KIND`
#[derive(Debug)]
pub(crate) struct Misbehaviour {
    pub(crate) route: Route,
    pub(crate) fault: Fault,
}

impl FromStr for Misbehaviour {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (route, kind) = text.split_once(':').ok_or("a fault is given as `ROUTE:KIND`")?;
        let route = route.parse().map_err(|cause| format!("route: {cause}"))?;
        let fault = kind.parse().map_err(|cause| format!("kind: {cause}"))?;
        Ok(Self { route, fault })
    }
}

/// Reads the command line, without the program's name.
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
            "answer" => options.shapes.answer = parser.value()?.parse()?,
            "errors" => options.shapes.errors = parser.value()?.parse()?,
            "error-status" => options.shapes.error_status = Some(parser.value()?.parse()?),
            "versions" => options.shapes.versions = parser.value()?.parse()?,
            "fault" => options.faults.push(parser.value()?.parse()?),
            "fault-always" => options.standing_faults.push(parser.value()?.parse()?),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(Command::Serve(Box::new(options)))
}
