//! The program: environment → run → exit code.

use std::io::{IsTerminal as _, Write};
use std::process::ExitCode;

use aerostack_publish::arguments;
use aerostack_publish::cancellation::Cancellation;
use aerostack_publish::help;
use aerostack_publish::settings::env::Env;
use aerostack_publish::stdout::Stdout;
use aerostack_publish::{PARSER_ARGUMENT, Parser};

/// The exit code of a wrong call: the pipeline's configuration is to be fixed.
const WRONG_CALL: u8 = 2;

fn main() -> ExitCode {
    let given: Vec<_> = std::env::args_os().skip(1).collect();
    match given.as_slice() {
        [] => match Env::of_process() {
            Ok(env) => {
                let (cancellation, mut stdout) = (Cancellation::of_process(), Stdout::start());
                let parser = Parser::in_child_process(&cancellation);
                let exit_code = aerostack_publish::run(&env, &cancellation, &parser, &mut stdout);
                parser.close();
                stdout.finish(&cancellation);
                exit_code
            }
            Err(error) => wrong_call(&error),
        },
        [only] if only == "--help" || only == "-h" => print(&help::text()),
        [only] if only == "--version" || only == "-V" => {
            print(concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"), "\n"))
        }
        [only] if only == PARSER_ARGUMENT && std::io::stdin().is_terminal() => wrong_call(&format!(
            "`{PARSER_ARGUMENT}` is for this program itself, which parses code in a child process; see `--help`"
        )),
        [only] if only == PARSER_ARGUMENT => ExitCode::from(aerostack_publish::parse_for_parent_process()),
        others => {
            let others: Vec<_> = others.iter().map(|it| it.to_string_lossy().into_owned()).collect();
            wrong_call(&arguments::explain(&others))
        }
    }
}

/// If this can't be written, there is no one left to report it to.
fn print(text: &str) -> ExitCode {
    let _ = std::io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

fn wrong_call(error: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "error: {error}");
    ExitCode::from(WRONG_CALL)
}
