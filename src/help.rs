//! What `--help` prints: all inputs, outputs and exit codes, from the tables that the code itself uses.

use std::fmt::Write as _;

use crate::report::OUTPUTS;
use crate::settings::inputs::INPUTS;

/// The exit codes: who must act, and when.
pub const EXIT_CODES: [(u8, &str, &str); 5] = [
    (0, "nobody", "published, draft, unchanged, clean dry run"),
    (1, "the function's author", "any error finding, here or from the Hub"),
    (2, "the pipeline's owner", "a bad input, no key, `UNAUTHORIZED`"),
    (3, "the Hub's operator", "the Hub refused with a reason this tool does not know"),
    (4, "nobody; run it again", "the Hub could not be reached, or did not confirm (`unconfirmed`)"),
];

/// The whole text. Writing into a string never fails.
pub fn text() -> String {
    let mut text = concat!(
        "aerostack-publish ",
        env!("CARGO_PKG_VERSION"),
        "\nPublishes Aerostack functions to the Hub from CI: validates, compares with what is published, publishes, reports.\n\n",
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
    text += "\nEXIT CODES, and who must act:\n";
    for (code, who, when) in &EXIT_CODES {
        let _ = writeln!(text, "  {code}  {who}: {when}");
    }
    text += "\nWith several functions: the first of 2, 1, 3, 4 that applies.\n";
    text
}
