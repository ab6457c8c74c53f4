//! What the input `api-key` holds: a key, or what a CI system left in its place.

use crate::secret::ApiKey;

/// The beginnings of keys (Go CLI: `ak_` and `pk_`; Aerostack documentation: `ac_`).
pub(crate) const PREFIXES: [&str; 3] = ["ac_", "ak_", PROJECT_PREFIX];

/// The beginning of a project's key, with which nothing can be published (Go CLI: `ak_` for accounts, `pk_` for projects;
/// Aerostack documentation: `ac_` for accounts).
const PROJECT_PREFIX: &str = "pk_";

/// The input `api-key`.
#[derive(Debug)]
pub(crate) enum KeyInput {
    Missing,
    /// There is no key, but something in its place: what it is, in words, without the value.
    Placeholder(String),
    /// There is a key, and the findings say why it can't be used.
    Unusable,
    Usable(ApiKey),
}

impl KeyInput {
    pub(crate) fn usable(&self) -> Option<&ApiKey> {
        match self {
            Self::Missing | Self::Placeholder(_) | Self::Unusable => None,
            Self::Usable(key) => Some(key),
        }
    }
}

/// What is given as the key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum KeyText<'v> {
    /// A placeholder: its form.
    Placeholder(&'static str),
    /// Between quotes or angle brackets, which would be sent with it.
    Quoted,
    /// After the name of its variable: `NAME=value`.
    Assigned,
    /// Without the whitespace around it; empty if there is nothing else.
    Plain(&'v str),
}

impl<'v> KeyText<'v> {
    pub(super) fn of(value: &'v str) -> Self {
        let trimmed = value.trim();
        let inner = unquoted(trimmed);
        match placeholder(inner) {
            Some(form) => Self::Placeholder(form),
            None if inner.is_empty() && !trimmed.is_empty() => Self::Placeholder("a pair of quotes"),
            None if assigned(inner).is_some() => Self::Assigned,
            None if trimmed.starts_with(is_quote) || trimmed.ends_with(is_quote) => Self::Quoted,
            None if trimmed != inner => Self::Quoted,
            None => Self::Plain(trimmed),
        }
    }
}

/// The secrets in a value that is given as the key, with what is around it and without; none in a placeholder, which is not
/// one.
pub(super) fn secrets(value: &str) -> impl Iterator<Item = &str> {
    let is_secret = !matches!(KeyText::of(value), KeyText::Placeholder(_));
    let inner = unquoted(value.trim());
    let assigned = assigned(inner).map(unquoted);
    [Some(value), Some(inner), assigned].into_iter().flatten().filter(move |_| is_secret)
}

/// The text without the quotes around it, or the angle brackets around a key.
fn unquoted(text: &str) -> &str {
    let inner = text.trim_matches(is_quote).trim();
    let in_brackets = inner.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).map(str::trim);
    in_brackets.filter(|key| PREFIXES.iter().any(|prefix| key.starts_with(prefix))).unwrap_or(inner)
}

/// The value in `NAME=value`, as a line of a file of variables has it.
fn assigned(text: &str) -> Option<&str> {
    let (name, value) = text.split_once('=')?;
    let value = value.trim();
    let is_variable = name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let holds_key = PREFIXES.iter().any(|prefix| unquoted(value).starts_with(prefix));
    // A key may end with the padding of Base64.
    ((is_variable && !value.trim_matches('=').is_empty()) || holds_key).then_some(value)
}

/// Whether the key is a project's.
pub(super) fn is_project_key(key: &str) -> bool {
    key.starts_with(PROJECT_PREFIX)
}

const fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | '\u{2018}'..='\u{201f}' | '«' | '»')
}

/// The form of a placeholder that was not replaced: a variable as CI systems and shells write it, or a mask.
fn placeholder(text: &str) -> Option<&'static str> {
    // A shell or a YAML file may have escaped it.
    let variable = text.trim_start_matches('\\');
    let between = |start: &str, end: &str| {
        variable
            .strip_prefix(start)
            .and_then(|rest| rest.strip_suffix(end))
            .is_some_and(|inner| !inner.is_empty())
    };
    let is_named = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.' | '-'))
    };
    let dollars = variable.trim_start_matches('$');
    let is_reference = |text: &str| {
        ["secrets.", "env.", "vars.", "variables.", "parameters."]
            .iter()
            .any(|context| text.strip_prefix(context).is_some_and(is_named))
    };
    let lower = text.to_ascii_lowercase();
    // No key begins with a scheme (RFC 3986, section 3.1): each has an underscore.
    let is_of_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let is_address = text.split_once("://").is_some_and(|(scheme, _)| scheme.chars().all(is_of_scheme));
    let forms = [
        (between("${{", "}}"), "the placeholder `${{ … }}`"),
        (variable.contains("${"), "the placeholder `${…}`"),
        (variable.contains("$("), "the placeholder `$(…)`"),
        (dollars != variable && is_named(dollars), "the placeholder `$NAME`"),
        (variable.contains("$["), "the placeholder `$[…]`"),
        (variable.contains("#{") && variable.ends_with(['}', '#']), "the placeholder `#{…}`"),
        (variable.starts_with("%("), "the placeholder `%(NAME)`"),
        (between("%", "%"), "the placeholder `%NAME%`"),
        (between("!", "!"), "the placeholder `!NAME!`"),
        (between("{", "}") && !variable.contains('"'), "the placeholder `{NAME}`"),
        (between("[[", "]]"), "the placeholder `[[NAME]]`"),
        (between("@", "@"), "the placeholder `@NAME@`"),
        (between("__", "__"), "the placeholder `__NAME__`"),
        (between("{{", "}}"), "the placeholder `{{ … }}`"),
        (between("((", "))"), "the placeholder `((…))`"),
        (between("<", ">"), "the placeholder `<…>`"),
        (is_reference(text), "the name of a variable"),
        (text == "AEROSTACK_API_KEY", "the name of a variable"),
        (matches!(lower.as_str(), "null" | "undefined" | "none" | "nil"), "a word for no value (`null`)"),
        (is_address, "the address of a secret"),
        (
            ["arn:", "vault:", "ref+", "@Microsoft.KeyVault("].iter().any(|start| text.starts_with(start)),
            "the address of a secret",
        ),
        (text.starts_with("/run/secrets/"), "the path of a secret"),
        (lower.starts_with("your-") || lower.starts_with("your_") || lower == "changeme", "an example"),
        (text.contains("***") || (!text.is_empty() && text.chars().all(|c| c == '*')), "a mask (`***`)"),
        (matches!(lower.as_str(), "[masked]" | "[secure]" | "[redacted]"), "a mask (`[MASKED]`)"),
    ];
    forms.into_iter().find(|(applies, _)| *applies).map(|(_, form)| form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_no_key_in_quotes_or_not() {
        for value in [
            "$(AEROSTACK_API_KEY)",
            "$AEROSTACK_API_KEY",
            "$$AEROSTACK_API_KEY",
            "\\$AEROSTACK_API_KEY",
            "$env:AEROSTACK_API_KEY",
            "${AEROSTACK_API_KEY}",
            "${KEY:-none}",
            "ac_${KEY}",
            "${{ secrets.AEROSTACK_API_KEY }}",
            "${{secrets.KEY}}",
            "$(secrets.key)",
            "%AEROSTACK_API_KEY%",
            "%env.KEY%",
            "{{ key }}",
            "((key))",
            "<your key>",
            "<< pipeline.key >>",
            "*",
            "***",
            "********",
            "[MASKED]",
            "$[variables.AEROSTACK_API_KEY]",
            "#{AEROSTACK_API_KEY}#",
            "#{Key}",
            "@AEROSTACK_API_KEY@",
            "__AEROSTACK_API_KEY__",
            "secrets.AEROSTACK_API_KEY",
            "vars.KEY",
            "AEROSTACK_API_KEY",
            "null",
            "undefined",
            "None",
            "%(KEY)s",
            "!KEY!",
            "{KEY}",
            "[[KEY]]",
            "op://vault/item/key",
            "arn:aws:secretsmanager:eu-west-1:1:secret:key",
            "vault:secret/data/hub#key",
            "@Microsoft.KeyVault(SecretUri=x)",
            "/run/secrets/key",
            "your-api-key",
            "changeme",
            "ac_***",
            "********abcd",
            "\"\"",
        ] {
            for value in
                [value.to_owned(), format!(" {value}\n"), format!("\"{value}\""), format!("'{value}'")]
            {
                assert!(matches!(KeyText::of(&value), KeyText::Placeholder(_)), "{value}");
                assert_eq!(secrets(&value).count(), 0, "{value}");
            }
        }
    }

    #[test]
    fn a_key_may_hold_any_character_inside() {
        for key in [
            "ac_a",
            "a$b",
            "a%b%",
            "%",
            "$",
            "$1",
            "a*",
            "ac_\"x\"y",
            "x",
            "<a",
            "%%",
            "()",
            "ac_{{",
            "ac_a==",
            "ac_://aaaaa",
            "ac_a://b",
            "ABC=",
            "a=b",
            "ac_A=B",
            "secrets.",
            "nulls",
            "@",
            "__",
        ] {
            assert_eq!(KeyText::of(&format!(" {key}\n")), KeyText::Plain(key), "{key}");
        }
        assert_eq!(KeyText::of(" \n"), KeyText::Plain(""));
    }

    #[test]
    fn quotes_around_a_key_are_seen_and_both_forms_are_secret() {
        for value in [
            "\"ac_a\"",
            "'ac_a'",
            "`ac_a`",
            "“ac_a”",
            "«ac_a»",
            "\"ac_a",
            "ac_a'",
            " 'ac_a' ",
            "<ac_a>",
            "'<ac_a>'",
        ] {
            assert_eq!(KeyText::of(value), KeyText::Quoted, "{value}");
            assert_eq!(secrets(value).collect::<Vec<_>>(), [value, "ac_a"], "{value}");
        }
    }

    #[test]
    fn a_line_of_a_file_of_variables_is_no_key_and_its_value_is_secret() {
        for value in ["AEROSTACK_API_KEY=ac_a", " KEY=ac_a\n", "api-key=ac_a", "KEY='ac_a'", "\"KEY=ac_a\""] {
            assert_eq!(KeyText::of(value), KeyText::Assigned, "{value}");
            assert!(secrets(value).any(|secret| secret == "ac_a"), "{value}");
        }
    }
}
