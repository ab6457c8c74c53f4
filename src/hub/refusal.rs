//! The Hub's refusals: every format of an error that its clients know, parsed into one type.

use serde_json::Value;

use super::http::Response;
use crate::finding::{Code, Finding};
use crate::function::load::Function;
use crate::text;

/// Most characters of a refusal that a finding shows: enough for a proxy's whole error page.
const MAX_REFUSAL_CHARS: usize = 4_000;

/// Most characters of a refusal that are shown as the reason of something else.
const MAX_REASON_CHARS: usize = 200;

/// A refusal: the documented code, if there is one, and the Hub's own text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: Option<Code>,
    /// Without control characters; may be empty.
    text: String,
}

/// The documented codes and causes (Aerostack documentation, "Publishing via GitHub Actions", list of errors), and the
/// field of the manifest that has to be fixed.
const DOCUMENTED: [(Code, &str, Option<&str>); 6] = [
    (Code::InvalidCategory, "the category is not in the Hub's list", Some("category")),
    (Code::MissingEntrypoint, "the Hub did not find the entrypoint", Some("entrypoint")),
    (Code::EmptyCode, "the entrypoint is empty", None),
    (Code::DuplicateSlug, "the slug exists under a different account", Some("name")),
    (Code::Unauthorized, "the API key is invalid or expired", None),
    (Code::VersionConflict, "this version is published already", Some("version")),
];

impl Refusal {
    /// Reads the code wherever it is in the response; without one, the status decides.
    pub(crate) fn of(response: &Response) -> Self {
        let status = response.status;
        let (named, text) = match serde_json::from_slice(&response.body) {
            Ok(value) => code_and_text(&value),
            Err(_) => (None, String::from_utf8_lossy(&response.body).trim().to_owned()),
        };
        let documented = named.as_deref().and_then(documented_code);
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let code = documented
            .or_else(|| words.find_map(|word| documented_code(word).filter(|code| code.name() == word)))
            .or_else(|| (status == 401).then_some(Code::Unauthorized));
        let text = match (&response.location, named) {
            (Some(target), _) if code.is_none() && (300..400).contains(&status) => format!(
                "it redirects to `{}`, which is not followed: set `api-url` to the Hub's own address",
                text::clean_line(target)
            ),
            (_, Some(named)) if documented.is_none() && text.is_empty() => named,
            (_, Some(named)) if documented.is_none() && !text.contains(&named) => format!("{named}: {text}"),
            _ => text,
        };
        let text = text::shorten(&text::clean(text.trim()), MAX_REFUSAL_CHARS);
        Self { status, code, text }
    }

    /// Whether the version may exist already: without a code, 409 is a conflict of versions, or of slugs.
    pub(super) fn may_be_version_conflict(&self) -> bool {
        self.code.map_or(self.status == 409, |code| code == Code::VersionConflict)
    }

    /// The refusal in one line, as the reason why something could not be done.
    pub(crate) fn reason(&self) -> String {
        self.status_and(&text::shorten(&text::clean_line(&self.text), MAX_REASON_CHARS))
    }

    /// The finding: the documented cause, the Hub's text, and the location of what has to be fixed.
    pub(crate) fn finding(&self, function: &Function) -> Finding {
        let response = self.status_and(&self.text);
        let Some((code, cause, field)) = DOCUMENTED.iter().find(|(code, ..)| Some(*code) == self.code) else {
            return Finding::new(Code::HubRefused, response);
        };
        let finding = Finding::new(*code, format!("{cause}; {response}"));
        match field {
            Some(field) => finding.at(function.manifest.location(field)),
            None if *code == Code::EmptyCode => finding.at(function.entrypoint.whole()),
            None => finding,
        }
    }

    fn status_and(&self, text: &str) -> String {
        let colon = if text.is_empty() { "" } else { ": " };
        format!("the Hub answered with status {}{colon}{text}", self.status)
    }
}

/// The documented code of this name.
pub(super) fn documented_code(name: &str) -> Option<Code> {
    DOCUMENTED.iter().map(|(code, ..)| *code).find(|code| code.name().eq_ignore_ascii_case(name.trim()))
}

/// Code and text in the formats that public clients know: `{"error": {"code", "message", "details"}}`, `{"error": "text"}`,
/// `{"success": false, "error": …}` and `{"code", "message"}`.
fn code_and_text(value: &Value) -> (Option<String>, String) {
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let error = value.get("error").filter(|error| !error.is_null()).unwrap_or(value);
    let field = |name| error.get(name).or_else(|| value.get(name)).filter(|field| !field.is_null());
    let text = error.as_str();
    let code = field("code").and_then(Value::as_str).or(text.filter(|text| documented_code(text).is_some()));
    let parts = ["message", "details", "detail", "description"].into_iter().filter_map(field).map(shown);
    let parts = text.map(str::to_owned).into_iter().chain(parts).filter(|part| !part.is_empty());
    let mut parts: Vec<_> = parts.collect();
    // `error` and `message` may say the same.
    parts.dedup();
    let text = if parts.is_empty() && code.is_none() { shown(value) } else { parts.join("; ") };
    (code.map(str::to_owned), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, body: &str) -> Refusal {
        Refusal::of(&Response { status, body: body.into(), retry_after: None, location: None })
    }

    #[test]
    fn every_documented_code_is_found_in_every_known_format_and_under_any_status() {
        for (code, ..) in DOCUMENTED {
            for format in [
                r#"{"error":{"code":"CODE","message":"m","details":"d"}}"#,
                r#"{"error":"CODE: m"}"#,
                r#"{"error":"CODE"}"#,
                r#"{"success":false,"error":{"code":"CODE","message":"m"}}"#,
                r#"{"code":"CODE","message":"m"}"#,
                r#"{"error":"m","code":"CODE"}"#,
                "refused (CODE)",
                "<html><body>CODE</body></html>",
            ] {
                for status in [200, 307, 400, 409, 422, 500] {
                    let body = format.replace("CODE", code.name());
                    assert_eq!(refusal(status, &body).code, Some(code), "{status} {body}");
                }
            }
            let lower_case = format!(r#"{{"code":"{}"}}"#, code.name().to_lowercase());
            assert_eq!(refusal(400, &lower_case).code, Some(code));
        }
    }

    #[test]
    fn without_a_code_only_401_is_understood() {
        for body in ["", "who are you?", "<html>log in</html>", r#"{"error":"no"}"#] {
            assert_eq!(refusal(401, body).code, Some(Code::Unauthorized), "{body}");
            for status in [400, 403, 404, 409, 500] {
                assert_eq!(refusal(status, body).code, None, "{status} {body}");
            }
        }
        assert_eq!(refusal(400, r#"{"error":"MY_VERSION_CONFLICT_2"}"#).code, None);
    }

    #[test]
    fn an_unknown_code_is_shown_with_the_whole_text_and_without_control_characters() {
        let body = r#"{"error":{"code":"QUOTA","message":"no\u001b[31m more","details":{"limit":3}}}"#;
        assert_eq!(refusal(403, body).text, "QUOTA: no[31m more; {\"limit\":3}");
        assert_eq!(refusal(403, r#"{"code":"QUOTA"}"#).text, "QUOTA");
        assert_eq!(refusal(400, r#"{"error":"no","message":"too many"}"#).text, "no; too many");
        assert_eq!(refusal(400, r#"{"error":"no","message":"no"}"#).text, "no");
        assert_eq!(refusal(400, "{\"half\":").text, "{\"half\":");
    }

    #[test]
    fn a_reason_is_one_short_line() {
        assert_eq!(refusal(404, "").reason(), "the Hub answered with status 404");
        assert_eq!(refusal(404, "a\nb").reason(), "the Hub answered with status 404: a ⏎ b");
        assert!(refusal(404, &"x".repeat(5_000)).reason().len() < 300);
    }

    #[test]
    fn a_redirect_names_its_target() {
        let mut response = Response { status: 302, body: Vec::new(), retry_after: None, location: None };
        assert_eq!(Refusal::of(&response).text, "");
        response.location = Some("https://elsewhere.example/\n".to_owned());
        assert!(
            Refusal::of(&response).text.starts_with("it redirects to `https://elsewhere.example/ ⏎ `, which")
        );
        response.status = 201;
        assert_eq!(Refusal::of(&response).text, "");
    }
}
