//! What `--help` prints: all inputs, outputs and exit codes, from the tables that the code itself uses.

use std::fmt::Write as _;

use crate::finding::EXIT_CODES;
use crate::outputs::OUTPUTS;
use crate::settings::inputs::INPUTS;

/// The whole text. Writing into a string never fails.
pub fn text() -> String {
    let mut text = concat!(
        "aerostack-publish ",
        env!("CARGO_PKG_VERSION"),
        "\nPublishes Aerostack functions to the Hub from CI: checks, compares with what is published, publishes and reports.\n\n",
        "Takes no arguments but --help and --version. Everything else comes from the environment.\n\n",
        "INPUTS, as AEROSTACK_<NAME> (upper case, `-` as `_`), or as INPUT_<NAME> (upper case, `-` kept), which wins:\n",
    )
    .to_owned();
    for input in &INPUTS {
        let default = input.default.map(|default| format!(" [default: {default}]")).unwrap_or_default();
        let _ = writeln!(text, "  {:<18}{}{default}", input.name, input.meaning);
    }
    text += "\nOUTPUTS, in $GITHUB_OUTPUT, the dotenv report (all but `result`) and the JSON report:\n";
    for output in &OUTPUTS {
        let _ = writeln!(text, "  {:<18}{}", output.name, output.meaning);
    }
    text += "\nEXIT CODES, and who acts:\n";
    for row in &EXIT_CODES {
        let _ = writeln!(text, "  {}  {}: {}", row.code, row.who, row.when);
    }
    text += "\nWith several functions: the first of 2, 1, 3, 4 that applies.\n";
    text
}
