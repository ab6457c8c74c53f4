//! The text of `--help`: all inputs, outputs and exit codes, from the tables that the code itself uses.

use std::fmt::Write as _;

use crate::finding::EXIT_CODES;
use crate::outputs::OUTPUTS;
use crate::settings::inputs::INPUTS;
use crate::text::environment_variable;

/// The whole text. Writing to a string never fails.
pub fn text() -> String {
    let mut text = concat!(
        "aerostack-publish ",
        env!("CARGO_PKG_VERSION"),
        "\nValidates Aerostack functions, compares them with what is published on the Hub, and publishes them from CI.\n\n",
        "The only arguments are --help and --version. All inputs are environment variables.\n\n",
        "INPUTS, set as AEROSTACK_<NAME> (upper case, `_` for `-`) or INPUT_<NAME> (upper case, `-` kept); INPUT_<NAME> takes precedence:\n",
    )
    .to_owned();
    for input in &INPUTS {
        let default = input.default.map(|default| format!(" [default: {default}]")).unwrap_or_default();
        let _ = writeln!(text, "  {:<18}{}{default}", input.name, input.meaning);
    }
    text +=
        "\nOUTPUTS, written to $GITHUB_OUTPUT, the dotenv report (except `result`) and the JSON report:\n";
    for output in &OUTPUTS {
        let _ = writeln!(text, "  {:<18}{}", output.name, output.meaning);
    }
    text += "\nEXIT CODES, and what to do:\n";
    for row in &EXIT_CODES {
        let _ = writeln!(text, "  {}  {}: {}", row.code, row.action, row.when);
    }
    text += "\nIf several apply, the first of 2, 1, 3, 4 is used.\n";
    let dry_run = environment_variable("dry-run");
    let _ = writeln!(
        text,
        "\nEXAMPLE, in the directory of a function: checks it, shows the request, and sends nothing\n  {dry_run}=true aerostack-publish"
    );
    text
}
