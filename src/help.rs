//! The text of `--help`: all inputs, outputs and exit codes, from the tables that the code itself uses.

use std::fmt::Write as _;

use crate::report::OUTPUTS;
use crate::settings::inputs::INPUTS;

/// The exit codes: what to do, and when they occur.
pub const EXIT_CODES: [(u8, &str, &str); 5] = [
    (0, "no action needed", "published, saved as a draft, unchanged, or a dry run without errors"),
    (
        1,
        "fix the function",
        "an error in the function or its version, found by this tool or reported by the Hub",
    ),
    (2, "fix the pipeline's configuration", "an invalid input, a missing key, or `UNAUTHORIZED`"),
    (
        3,
        "contact Aerostack support",
        "the Hub rejected the request for a reason that this tool does not know",
    ),
    (
        4,
        "no action needed; re-run the job",
        "the Hub could not be reached or did not confirm the publish (`unconfirmed`)",
    ),
];

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
    for (code, action, when) in &EXIT_CODES {
        let _ = writeln!(text, "  {code}  {action}: {when}");
    }
    text += "\nIf several apply, the first of 2, 1, 3, 4 is used.\n";
    text
}
