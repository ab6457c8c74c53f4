//! Arguments that people try, and the variables that mean them: inputs come from the environment alone.

use crate::settings::inputs::{INPUTS, Input};
use crate::settings::key::PREFIXES;
use crate::text::{self, environment_variable};

/// Longest value that is repeated in a message, in characters. Shorter than any part of a key that is redacted elsewhere.
const MAX_REPEATED_VALUE: usize = 11;

/// Above this, an option counts as a misspelled input: `dir` is 0.84 like `directory`, `token` 0.74 like `dotenv`.
const SIMILAR: f64 = 0.78;

/// What other tools call inputs.
const SYNONYMS: [(&str, &str); 10] = [
    ("n", "dry-run"),
    ("check", "dry-run"),
    ("validate", "dry-run"),
    ("key", "api-key"),
    ("token", "api-key"),
    ("url", "api-url"),
    ("draft", "publish"),
    ("live", "publish"),
    ("path", "directory"),
    ("output", "report"),
];

/// What options for a key are called.
const KEY_WORDS: [&str; 6] = ["api-key", "apikey", "key", "k", "token", "secret"];

/// What to run instead. No value is repeated that may be a key, or that a shell could interpret.
pub fn explain(arguments: &[String]) -> String {
    let mut assignments = Vec::new();
    let mut rest = arguments.iter().map(String::as_str).peekable();
    while let Some(argument) = rest.next() {
        let (word, value) =
            argument.split_once('=').map_or((argument, None), |(word, value)| (word, Some(value)));
        let Some((input, is_negated)) = input_of(word) else {
            if !is_path(word) {
                return explain_unknown(word) + warning(arguments);
            }
            assignments.push(format!("{}=…", environment_variable("directory")));
            continue;
        };
        let follows = |next: &&str| !next.starts_with('-') && (!is_boolean(input) || is_word(next));
        let value = match value {
            None if is_negated => Some("false"),
            None if is_boolean(input) => rest.next_if(follows).or(Some("true")),
            None => rest.next_if(follows),
            Some(value) => Some(value),
        };
        let value = value.filter(|value| input.name != "api-key" && is_repeated(value)).unwrap_or("…");
        assignments.push(format!("{}={value}", environment_variable(input.name)));
    }
    let assignments = assignments.join(" ");
    format!(
        "inputs are environment variables, not arguments: run `{assignments} aerostack-publish`; see `--help`{}",
        warning(arguments)
    )
}

/// What to do about a key, if one of the arguments is one.
fn warning(arguments: &[String]) -> &'static str {
    let names_key = |argument: &String| {
        let word = argument.split('=').next().unwrap_or_default();
        word.starts_with('-') && KEY_WORDS.contains(&name_of(word).as_str())
    };
    let is_key = |argument: &String| PREFIXES.iter().any(|start| argument.contains(*start));
    let is_there = arguments.iter().any(|argument| names_key(argument) || is_key(argument));
    if is_there {
        ". Arguments can be read by all users of this machine: revoke a key that was one"
    } else {
        ""
    }
}

/// The input that a word names in any spelling (`--dry-run`, `dry_run`, `AEROSTACK_DRY_RUN`), and whether it says no to it
/// (`--no-dry-run`).
fn input_of(word: &str) -> Option<(&'static Input, bool)> {
    // A word such as `publish` asks for nothing.
    if !word.starts_with('-') && word == word.to_lowercase() {
        return None;
    }
    let name = name_of(word);
    let named = |name: &str| INPUTS.iter().find(|input| input.name == name);
    let negated = || named(name.strip_prefix("no-")?).filter(|input| is_boolean(input));
    named(&name).map(|input| (input, false)).or_else(|| Some((negated()?, true)))
}

/// The word as the names of inputs are written.
fn name_of(word: &str) -> String {
    let name = word.trim_start_matches('-').to_lowercase().replace('_', "-");
    let prefixes = ["aerostack-", "input-"];
    prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(&name).to_owned()
}

/// Names the input that was probably meant, or all of them. What does not begin with a hyphen is not repeated: it may be a key.
fn explain_unknown(word: &str) -> String {
    let name = name_of(word);
    let synonym = || SYNONYMS.iter().find(|(synonym, _)| *synonym == name).map(|(_, meant)| *meant);
    if let Some(meant) = synonym().or_else(|| nearest(&name)) {
        let shown = text::clean_line(&text::shorten(word, 2 * MAX_REPEATED_VALUE));
        let shown = if word.starts_with('-') { format!("`{shown}` is") } else { "this is".to_owned() };
        let variable = environment_variable(meant);
        return format!("{shown} not an argument; did you mean the variable `{variable}`? see `--help`");
    }
    let variables: Vec<_> = INPUTS.iter().map(|input| environment_variable(input.name)).collect();
    format!(
        "the only arguments are `--help` and `--version`; inputs are environment variables: {}; see `--help`",
        variables.join(", ")
    )
}

/// Whether a word is no option but a path.
fn is_path(word: &str) -> bool {
    !word.starts_with('-') && word.contains(['/', '\\', '.', '*'])
}

/// The input whose name is most like this one, if one is.
fn nearest(name: &str) -> Option<&'static str> {
    let similarity = |input: &Input| strsim::jaro_winkler(name, input.name);
    let likely = INPUTS.iter().filter(|input| similarity(input) >= SIMILAR);
    likely.max_by(|a, b| similarity(a).total_cmp(&similarity(b))).map(|input| input.name)
}

/// Whether an option of this name has a meaning without a value.
fn is_boolean(input: &Input) -> bool {
    input.default.is_some_and(|default| ["true", "false"].contains(&default))
}

fn is_word(value: &str) -> bool {
    ["true", "false", "auto"].contains(&value.to_lowercase().as_str())
}

/// Whether a value is short, and means the same to every shell.
fn is_repeated(value: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:*".contains(c);
    !value.is_empty() && value.chars().count() <= MAX_REPEATED_VALUE && value.chars().all(is_plain)
}
