//! Reads inputs out of the environment; what is wrong with them becomes findings.

use std::path::PathBuf;

use super::env::Env;
use super::inputs::{INPUTS, default_of, variables};
use super::values::{InvalidValue, KeyInput, Words, parse_directories, parse_word};
use crate::finding::{Code, Finding};
use crate::outputs::{OUTPUTS, dotenv_name};
use crate::secret::ApiKey;
use crate::text;

/// Longest piece of an invalid value that is shown, in characters.
const MAX_SHOWN_VALUE: usize = 80;

/// A value and the variable it came from.
struct Given<'e> {
    variable: String,
    value: &'e str,
}

/// Reads one input after the other.
pub(super) struct Reader<'e> {
    env: &'e Env,
    pub(super) findings: Vec<Finding>,
}

impl<'e> Reader<'e> {
    pub(super) const fn new(env: &'e Env) -> Self {
        Self { env, findings: Vec::new() }
    }

    fn given(&mut self, name: &str) -> Option<Given<'e>> {
        for variable in variables(name) {
            if self.env.is_broken(&variable) {
                let message = format!("input `{name}` (from `{variable}`) is not UTF-8");
                let finding = Finding::new(Code::InvalidInput, message);
                self.findings.push(finding.with_hint("write the value in UTF-8"));
                return None;
            }
            if let Some(value) = self.env.get(&variable) {
                return Some(Given { variable, value });
            }
        }
        None
    }

    fn refuse(&mut self, name: &str, given: &Given<'_>, reason: &str, hint: String) {
        // A URL may contain a password or a key.
        let value = if name == "api-url" && given.value.contains(['@', '?', '#']) {
            "not shown".to_owned()
        } else {
            format!("`{}`", text::shorten(given.value, MAX_SHOWN_VALUE))
        };
        let message = format!("input `{name}` (from `{}`) is {value}: {reason}", given.variable);
        self.findings.push(Finding::new(Code::InvalidInput, message).with_hint(hint));
    }

    /// An input with a grammar. An invalid value is reported, and the default taken.
    pub(super) fn parsed<T>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, InvalidValue>,
    ) -> Option<T> {
        if let Some(given) = self.given(name) {
            match parse(given.value) {
                Ok(value) => return Some(value),
                Err(InvalidValue { reason, hint }) => self.refuse(name, &given, &reason, hint),
            }
        }
        default_of(name).and_then(|default| parse(default).ok())
    }

    /// The same for an input that has a default.
    #[expect(clippy::expect_used, reason = "a unit test parses every default")]
    pub(super) fn defaulted<T>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, InvalidValue>) -> T {
        self.parsed(name, parse).expect("the default of an input parses")
    }

    /// An input that is exactly one of some words.
    pub(super) fn word<T: Copy>(&mut self, name: &str, words: Words<T>) -> T {
        self.defaulted(name, |text| parse_word(text, words))
    }

    pub(super) fn path(&mut self, name: &str) -> Option<PathBuf> {
        self.given(name).map(|given| self.env.working_directory().join(given.value))
    }

    /// The directories. An invalid value names none, so that the default is not checked instead.
    pub(super) fn directories(&mut self) -> Vec<String> {
        let findings_before = self.findings.len();
        let directories = self.defaulted("directory", parse_directories);
        if self.findings.len() > findings_before { Vec::new() } else { directories }
    }

    pub(super) fn api_key(&mut self) -> KeyInput {
        let findings_before = self.findings.len();
        let Some(Given { variable, value }) = self.given("api-key") else {
            let is_reported = self.findings.len() > findings_before;
            return if is_reported { KeyInput::Unusable } else { KeyInput::Missing };
        };
        let trimmed = value.trim();
        if trimmed != value {
            let message =
                format!("input `api-key` (from `{variable}`) has whitespace around it, which was removed");
            self.findings.push(Finding::new(Code::KeyBlanks, message));
        }
        if trimmed.is_empty() {
            return KeyInput::Missing;
        }
        if !trimmed.starts_with("ac_") {
            let message = format!("input `api-key` (from `{variable}`) does not start with `ac_`");
            self.findings.push(Finding::new(Code::KeyPrefix, message));
        }
        match ApiKey::parse(trimmed) {
            Ok(key) => KeyInput::Usable(key),
            Err(reason) => {
                let message = format!("input `api-key` (from `{variable}`) {reason}; its value is not shown");
                let hint = "store the secret again: the key alone, on one line";
                self.findings.push(Finding::new(Code::InvalidInput, message).with_hint(hint));
                KeyInput::Unusable
            }
        }
    }

    /// Variables that look like a misspelled input. Their values are never shown: they may be secrets.
    pub(super) fn warn_of_near_misses(&mut self) {
        let inputs = INPUTS.iter().flat_map(|input| variables(input.name));
        let known: Vec<_> = inputs.chain(OUTPUTS.iter().map(|output| dotenv_name(output.name))).collect();
        for name in self.env.names().filter(|name| !known.iter().any(|known| known == name)) {
            let upper = name.to_uppercase();
            let prefixed = ["INPUT_", "AEROSTACK_"]
                .iter()
                .find_map(|prefix| Some((*prefix, upper.strip_prefix(prefix)?)));
            let Some((prefix, rest)) = prefixed else { continue };
            let Some(meant) = text::did_you_mean(rest, INPUTS.iter().map(|input| input.name)) else {
                continue;
            };
            let meant = variables(meant).into_iter().find(|variable| variable.starts_with(prefix));
            let hint = format!("did you mean `{}`?", meant.unwrap_or_default());
            let message = format!("`{name}` is not an input of this step and was not read");
            self.findings.push(Finding::new(Code::UnknownInput, message).with_hint(hint));
        }
    }
}
