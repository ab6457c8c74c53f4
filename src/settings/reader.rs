//! Reads inputs out of the environment; what is wrong with them becomes findings.

use std::path::PathBuf;

use url::Url;

use super::env::Env;
use super::inputs::{INPUTS, variables};
use super::key::{KeyInput, KeyText, is_project_key};
use super::proxy::Proxy;
use super::values::{InvalidValue, Words, parse_directories, parse_word};
use crate::finding::{Code, Finding};
use crate::outputs::OUTPUTS;
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

    /// An input with a grammar. An invalid value is reported, and the default taken.
    pub(super) fn parsed<T>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, InvalidValue>,
    ) -> Option<T> {
        if let Some(given) = self.given(name) {
            match parse(given.value) {
                Ok(value) => return Some(value),
                Err(InvalidValue { reason, hint }) => {
                    // A URL may contain a password or a key.
                    let value = if name == "api-url" && given.value.contains(['@', '?', '#']) {
                        "not shown".to_owned()
                    } else {
                        format!("`{}`", text::clean_line(&text::shorten(given.value, MAX_SHOWN_VALUE)))
                    };
                    let message = format!("input `{name}` (from `{}`) is {value}: {reason}", given.variable);
                    self.findings.push(Finding::new(Code::InvalidInput, message).with_hint(hint));
                }
            }
        }
        let default = INPUTS.iter().find(|input| input.name == name)?.default?;
        parse(default).ok()
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
        let given = self.given(name)?;
        // A directory of this name would be created.
        if ["$(", "${"].iter().any(|start| given.value.contains(start)) {
            let variable = given.variable;
            let message =
                format!("input `{name}` (from `{variable}`) contains a variable that was not replaced");
            let hint = "write the path itself, or check how this CI system replaces variables";
            self.findings.push(Finding::new(Code::InvalidInput, message).with_hint(hint));
            return None;
        }
        Some(self.env.working_directory().join(given.value))
    }

    /// The directories. An invalid value names none, so that the default is not checked instead.
    pub(super) fn directories(&mut self) -> Vec<String> {
        let findings_before = self.findings.len();
        let directories = self.defaulted("directory", parse_directories);
        if self.findings.len() > findings_before { Vec::new() } else { directories }
    }

    /// The proxy for the Hub at this address. One that can't be used is reported.
    pub(super) fn proxy(&mut self, hub: &Url) -> Option<Proxy> {
        Proxy::of(self.env, hub).unwrap_or_else(|finding| {
            self.findings.push(finding);
            None
        })
    }

    pub(super) fn api_key(&mut self) -> KeyInput {
        let findings_before = self.findings.len();
        let Some(Given { variable, value }) = self.given("api-key") else {
            let is_reported = self.findings.len() > findings_before;
            return if is_reported { KeyInput::Unusable } else { KeyInput::Missing };
        };
        let given = format!("input `api-key` (from `{variable}`)");
        let key = match KeyText::of(value) {
            KeyText::Placeholder(form) => {
                return KeyInput::Placeholder(format!(
                    "{given} is {form}, which was not replaced with a key"
                ));
            }
            KeyText::Quoted => {
                return self.unusable(&given, "is in quotes", "store the secret again, without quotes");
            }
            KeyText::Assigned => {
                let reason = "begins with the name of a variable (`NAME=`)";
                return self.unusable(&given, reason, "store the secret again: the key alone");
            }
            KeyText::Plain(key) => key,
        };
        if key != value {
            let message = format!("{given} has whitespace around it, which was removed");
            self.findings.push(Finding::new(Code::KeyBlanks, message));
        }
        if key.is_empty() {
            return KeyInput::Missing;
        }
        if is_project_key(key) {
            let message = format!("{given} looks like the key of a project, not of an account");
            self.findings.push(Finding::new(Code::KeyPrefix, message));
        }
        let hint = "store the secret again: the key alone, on one line";
        ApiKey::parse(key).map_or_else(|reason| self.unusable(&given, reason, hint), KeyInput::Usable)
    }

    /// A key that can't be sent.
    fn unusable(&mut self, given: &str, reason: &str, hint: &str) -> KeyInput {
        let message = format!("{given} {reason}; its value is not shown");
        self.findings.push(Finding::new(Code::InvalidInput, message).with_hint(hint));
        KeyInput::Unusable
    }

    /// Variables that look like a misspelled input. Their values are never shown: they may be secrets.
    pub(super) fn warn_of_near_misses(&mut self) {
        let inputs = INPUTS.iter().flat_map(|input| variables(input.name));
        let known: Vec<_> =
            inputs.chain(OUTPUTS.iter().map(|output| text::environment_variable(output.name))).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    /// The settings under these variables, and each finding as `CODE: message (hint)`.
    fn read(variables: &[(&str, &str)]) -> (Settings, Vec<String>) {
        let (settings, findings) = Settings::read(&Env::of("/work", variables.iter().copied()));
        let shown = |it: &Finding| format!("{}: {} ({})", it.code.name(), it.message, it.hint);
        let findings = findings.iter().map(shown).collect();
        (settings, findings)
    }

    /// A value that each input refuses; none for paths, which take any text.
    const INVALID: [(&str, &str); 11] = [
        ("api-key", "ac_a b"),
        ("directory", " \n "),
        ("publish", "yes"),
        ("dry-run", "yes"),
        ("on-existing", "replace"),
        ("strategy", "any"),
        ("allow-create", "yes"),
        ("username", "a/b"),
        ("tag-check", "on"),
        ("strict", "yes"),
        ("timeout", "soon"),
    ];

    #[test]
    fn an_invalid_value_is_reported_with_the_input_and_the_variable_in_both_spellings() {
        for (name, value) in INVALID.into_iter().chain([("api-url", "nowhere")]) {
            for variable in variables(name) {
                let (_, findings) = read(&[(&variable, value)]);
                let [finding] = findings.as_slice() else { panic!("{variable}: {findings:?}") };
                let start = format!("INVALID_INPUT: input `{name}` (from `{variable}`) ");
                assert!(finding.starts_with(&start), "{finding}");
            }
        }
    }

    #[test]
    fn every_invalid_input_is_reported_in_one_run() {
        let variables = INVALID.map(|(name, value)| (variables(name), value));
        let variables: Vec<_> = variables.iter().map(|([_, name], value)| (name.as_str(), *value)).collect();
        let (settings, findings) = read(&variables);
        assert_eq!(findings.len(), INVALID.len(), "{findings:?}");
        // An invalid directory is not replaced by the default one: nothing would be wrong with that.
        assert!(settings.directories.is_empty());
        assert!(matches!(settings.api_key, KeyInput::Unusable));
    }

    #[test]
    fn the_first_spelling_that_is_set_counts_and_empty_is_unset() {
        for (github, other, expected) in
            [("1", "2", 1), ("", "2", 2), ("1", "", 1), ("", "", 120), ("1", "nonsense", 1)]
        {
            let (settings, findings) = read(&[("INPUT_TIMEOUT", github), ("AEROSTACK_TIMEOUT", other)]);
            assert!(findings.is_empty(), "{findings:?}");
            assert_eq!(settings.timeout.as_secs(), expected, "{github:?}, {other:?}");
        }
    }

    #[test]
    fn whitespace_around_the_key_is_removed_with_a_warning() {
        for key in ["ac_key", "ac_key\n", " ac_key", "\r\n\tac_key\r\n"] {
            let (settings, findings) = read(&[("AEROSTACK_API_KEY", key)]);
            assert_eq!(settings.api_key.usable().map(ApiKey::expose), Some("ac_key"), "{key:?}");
            let is_trimmed = findings.iter().any(|finding| finding.starts_with("KEY_BLANKS: "));
            assert_eq!(
                (is_trimmed, findings.len()),
                (key != "ac_key", usize::from(key != "ac_key")),
                "{key:?}"
            );
        }
        let (settings, findings) = read(&[("AEROSTACK_API_KEY", " \n")]);
        assert!(matches!(settings.api_key, KeyInput::Missing));
        assert_eq!(findings.len(), 1, "{findings:?}");
    }

    #[test]
    fn only_the_key_of_a_project_is_a_warning() {
        for key in ["ac_account_key", "ak_account_key", "another_key", "sk_live_key", "apk_key"] {
            let (settings, findings) = read(&[("INPUT_API-KEY", key)]);
            assert_eq!(settings.api_key.usable().map(ApiKey::expose), Some(key));
            assert!(findings.is_empty(), "{key}: {findings:?}");
        }
        let (settings, findings) = read(&[("INPUT_API-KEY", "pk_project_key")]);
        assert_eq!(settings.api_key.usable().map(ApiKey::expose), Some("pk_project_key"));
        let [finding] = findings.as_slice() else { panic!("{findings:?}") };
        assert!(finding.starts_with("KEY_PREFIX: input `api-key` (from `INPUT_API-KEY`) "), "{finding}");
        assert!(!finding.contains("project_key"), "{finding}");
    }

    #[test]
    fn a_key_that_no_header_can_hold_is_invalid_and_not_shown() {
        for (key, reason) in [
            ("ac_first\nac_second", "line break"),
            ("ac_first\rac_second", "line break"),
            ("ac_first ac_second", "whitespace"),
            ("ac_first\tac_second", "whitespace"),
            ("ac_first_ü_second", "ASCII"),
            ("ac_first\u{7f}_second", "ASCII"),
            ("ac_first\u{200b}_second", "ASCII"),
        ] {
            let (settings, findings) = read(&[("AEROSTACK_API_KEY", key)]);
            assert!(matches!(settings.api_key, KeyInput::Unusable));
            let [finding] = findings.as_slice() else { panic!("{findings:?}") };
            assert!(finding.starts_with("INVALID_INPUT: ") && finding.contains(reason), "{finding}");
            assert!(!finding.contains("first") && !finding.contains("second"), "{finding}");
        }
    }

    #[test]
    fn a_url_that_may_contain_a_secret_is_not_shown() {
        for url in
            ["https://user:hush@hub.example", "https://hub.example/?key=hush", "https://hub.example/#hush"]
        {
            let (_, findings) = read(&[("AEROSTACK_API_URL", url)]);
            let [finding] = findings.as_slice() else { panic!("{findings:?}") };
            assert!(finding.contains("is not shown: ") && !finding.contains("hush"), "{finding}");
        }
    }

    #[test]
    fn a_long_value_is_cut() {
        let (_, findings) = read(&[("AEROSTACK_STRATEGY", &"x".repeat(100_000))]);
        assert!(findings[0].contains("xxx…`: ") && findings[0].len() < 400, "{}", findings[0].len());
    }

    #[test]
    fn a_value_of_several_lines_is_shown_on_one() {
        for (variable, value, shown) in [
            ("AEROSTACK_STRATEGY", "all\nupgrade", "`all ⏎ upgrade`: "),
            ("INPUT_STRICT", "true\r\n", "`true ⏎ `: "),
            ("INPUT_TIMEOUT", "12\u{2028}0\u{1b}[1m", "`12 ⏎ 0[1m`: "),
        ] {
            let (_, findings) = read(&[(variable, value)]);
            assert!(findings[0].contains(shown) && !findings[0].contains('\n'), "{}", findings[0]);
        }
    }

    #[test]
    fn a_variable_whose_name_is_close_to_an_input_is_a_warning_without_its_value() {
        for (name, meant) in [
            ("AEROSTACK_DRYRUN", "AEROSTACK_DRY_RUN"),
            ("AEROSTACK_DRY-RUN", "AEROSTACK_DRY_RUN"),
            ("aerostack_dry_run", "AEROSTACK_DRY_RUN"),
            ("AEROSTACK_APIKEY", "AEROSTACK_API_KEY"),
            ("AEROSTACK_DIRECTORYS", "AEROSTACK_DIRECTORY"),
            ("INPUT_DRY_RUN", "INPUT_DRY-RUN"),
            ("INPUT_TIMEOUTS", "INPUT_TIMEOUT"),
        ] {
            let (_, findings) = read(&[(name, "hush")]);
            let expected = format!(
                "UNKNOWN_INPUT: `{name}` is not an input of this step and was not read (did you mean `{meant}`?)"
            );
            assert_eq!(findings, [expected]);
        }
    }

    #[test]
    fn variables_of_other_tools_and_our_own_outputs_are_ignored() {
        let outputs: Vec<_> = OUTPUTS.iter().map(|output| text::environment_variable(output.name)).collect();
        let others = [
            "AEROSTACK_PROJECT_ID",
            "AEROSTACK_ENVIRONMENT",
            "AEROSTACK_HOME",
            "AEROSTACK_TOKEN",
            "AEROSTACK_",
            "AEROSTACK",
            "INPUT_",
            "INPUT_NAME",
            "INPUT_BINARY",
            "INPUT_FETCH-DEPTH",
            "INPUT_TOKEN",
            "AERO_DRY_RUN",
            "DRY_RUN",
            "MY_AEROSTACK_DRYRUN",
        ];
        let names = outputs.iter().map(String::as_str).chain(others);
        let variables: Vec<_> = names.map(|name| (name, "x")).collect();
        assert!(read(&variables).1.is_empty());
    }
}
