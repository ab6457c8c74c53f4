//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use lexopt::{Arg, Parser, ValueExt};
use stand_in_hub::{Fault, Route, Shapes};

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
      --fault ROUTE:KIND       inject a fault once; repeat the option to queue several
      --fault-always ROUTE:KIND
                               inject a fault into every request
      --log                    print method, path and status of each request
  -h, --help                   show this help

ROUTE: publish, my, by-id, public, install, validate or any
KIND:  status=N, process-then-status=N, cut-before, cut-after, hang, process-then-hang, delay=SECONDS,
       truncate, redirect=URL, garbage or html
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
            "response" => options.shapes.response = parser.value()?.parse()?,
            "errors" => options.shapes.errors = parser.value()?.parse()?,
            "error-status" => options.shapes.error_status = Some(parser.value()?.parse()?),
            "versions" => options.shapes.versions = parser.value()?.parse()?,
            "fault" => options.faults.push(parser.value()?.parse()?),
            "fault-always" => options.permanent_faults.push(parser.value()?.parse()?),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(Command::Serve(Box::new(options)))
}
