//! The program: environment → run → exit code.

use std::io::Write as _;
use std::process::ExitCode;

use aerostack_publish::help;
use aerostack_publish::settings::env::Env;

/// A wrong call is the pipeline owner's to mend.
const WRONG_CALL: u8 = 2;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let mut out = std::io::stdout().lock();
    let say = |out: &mut std::io::StdoutLock<'_>, text: &str| {
        // Nobody is left to tell if this can't be written.
        let _ = out.write_all(text.as_bytes());
    };
    match arguments.as_slice() {
        [] => match Env::of_process() {
            Ok(env) => aerostack_publish::run(&env, &mut out),
            Err(cause) => {
                say(&mut out, &format!("error: this process has no working directory: {cause}\n"));
                ExitCode::from(WRONG_CALL)
            }
        },
        [only] if only == "--help" || only == "-h" => {
            say(&mut out, &help::text());
            ExitCode::SUCCESS
        }
        [only] if only == "--version" || only == "-V" => {
            say(&mut out, concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"), "\n"));
            ExitCode::SUCCESS
        }
        _ => {
            say(
                &mut out,
                "error: the only arguments are `--help` and `--version`; inputs come from the environment, as `--help` says\n",
            );
            ExitCode::from(WRONG_CALL)
        }
    }
}
