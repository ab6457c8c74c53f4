//! The Hub's refusals: every shape its errors are known to have, read into one.

use serde_json::Value;

use crate::finding::{Code, Finding};
use crate::function::load::Function;
use crate::text;

/// Longest text of an answer that is shown, in characters: enough for a proxy's whole error page.
const SHOWN_TEXT: usize = 4_000;

/// A refusal: the documented code, if it is one, and the Hub's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: Option<Code>,
    /// Cleaned of control characters; may be empty.
    pub(crate) words: String,
}

/// Where in a function the fault lies that a refusal names.
#[derive(Clone, Copy)]
enum At {
    Field(&'static str),
    Entrypoint,
}

/// The documented codes and causes (Aerostack documentation, "Publishing via GitHub Actions", list of errors), and where
/// each fault lies.
const DOCUMENTED: [(Code, &str, Option<At>); 6] = [
    (Code::InvalidCategory, "the category is not in the Hub's list", Some(At::Field("category"))),
    (Code::MissingEntrypoint, "the Hub did not find the entrypoint", Some(At::Field("entrypoint"))),
    (Code::EmptyCode, "the entrypoint is empty", Some(At::Entrypoint)),
    (Code::DuplicateSlug, "the slug exists under a different account", Some(At::Field("name"))),
    (Code::Unauthorized, "the API key is invalid or expired", None),
    (Code::VersionConflict, "this version is published already", Some(At::Field("version"))),
];

impl Refusal {
    /// Decides by the code first, wherever it stands, then by the status.
    pub(crate) fn of_answer(status: u16, body: &[u8]) -> Self {
        let raw = String::from_utf8_lossy(body);
        let value = serde_json::from_slice::<Value>(body).ok();
        let (code, words) = match &value {
            Some(value) => read(value),
            None => (None, raw.trim().to_owned()),
        };
        let named = code.as_deref().and_then(documented);
        let code_in_words =
            || DOCUMENTED.iter().map(|(code, ..)| *code).find(|code| has_word(&words, code.name()));
        let by_status = || (status == 401).then_some(Code::Unauthorized);
        let found = named.or_else(code_in_words).or_else(by_status);
        let words = match (&code, named) {
            (Some(code), None) if words.is_empty() => code.clone(),
            (Some(code), None) if !words.contains(code.as_str()) => format!("{code}: {words}"),
            _ => words,
        };
        let words = text::shorten(&text::clean(words.trim()), SHOWN_TEXT);
        Self { status, code: found, words }
    }

    /// The finding: the documented cause, the Hub's words, and the place of the fault in the function.
    pub(crate) fn finding(&self, function: &Function) -> Finding {
        let words = if self.words.is_empty() { String::new() } else { format!(": {}", self.words) };
        let Some((code, cause, place)) = DOCUMENTED.iter().find(|(code, ..)| Some(*code) == self.code) else {
            let message = format!("the Hub answered with status {}{words}", self.status);
            return Finding::new(Code::HubRefused, message);
        };
        let finding =
            Finding::new(*code, format!("{cause}; the Hub answered with status {}{words}", self.status));
        match place {
            Some(At::Field(field)) => finding.at(function.manifest.location(field)),
            Some(At::Entrypoint) => finding.at(function.entrypoint.whole()),
            None => finding,
        }
    }
}

/// The documented code of this name.
pub(super) fn documented(name: &str) -> Option<Code> {
    DOCUMENTED.iter().map(|(code, ..)| *code).find(|code| code.name().eq_ignore_ascii_case(name.trim()))
}

/// Whether a text holds a code as a word of its own.
fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|part| part == word)
}

/// Code and words of the shapes seen in public clients: `{"error": {"code", "message", "details"}}`, `{"error": "text"}`,
/// `{"success": false, "error": …}` and `{"code", "message"}`.
fn read(value: &Value) -> (Option<String>, String) {
    let error = value.get("error").filter(|error| !error.is_null()).unwrap_or(value);
    if let Some(words) = error.as_str() {
        let code = value.get("code").and_then(Value::as_str);
        return (
            code.map(str::to_owned).or_else(|| documented(words).map(|code| code.name().to_owned())),
            words.to_owned(),
        );
    }
    let code = error.get("code").or_else(|| value.get("code")).and_then(Value::as_str).map(str::to_owned);
    let words = ["message", "details", "detail", "description"].iter().filter_map(|name| {
        error
            .get(*name)
            .or_else(|| value.get(*name))
            .filter(|part| !part.is_null())
            .map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned))
    });
    let words: Vec<_> = words.filter(|part| !part.is_empty()).collect();
    let words = if words.is_empty() && code.is_none() { value.to_string() } else { words.join("; ") };
    (code, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_found_in_every_known_shape() {
        for body in [
            r#"{"error":{"code":"VERSION_CONFLICT","message":"m","details":"d"}}"#,
            r#"{"error":"VERSION_CONFLICT: m"}"#,
            r#"{"error":"VERSION_CONFLICT"}"#,
            r#"{"success":false,"error":{"code":"VERSION_CONFLICT","message":"m"}}"#,
            r#"{"code":"VERSION_CONFLICT","message":"m"}"#,
            r#"{"error":"m","code":"version_conflict"}"#,
            "refused (VERSION_CONFLICT)",
            "<html><body>VERSION_CONFLICT</body></html>",
        ] {
            assert_eq!(Refusal::of_answer(500, body.as_bytes()).code, Some(Code::VersionConflict), "{body}");
        }
    }

    #[test]
    fn without_a_code_only_401_says_what_it_is() {
        assert_eq!(Refusal::of_answer(401, b"").code, Some(Code::Unauthorized));
        assert_eq!(Refusal::of_answer(409, b"{}").code, None);
        assert_eq!(Refusal::of_answer(400, br#"{"error":"MY_VERSION_CONFLICT_2"}"#).code, None);
    }

    #[test]
    fn an_unknown_code_is_shown_with_all_its_words_and_no_control_characters() {
        let body = br#"{"error":{"code":"QUOTA","message":"no\u001b[31m more","details":{"limit":3}}}"#;
        assert_eq!(Refusal::of_answer(403, body).words, "QUOTA: no[31m more; {\"limit\":3}");
    }
}
