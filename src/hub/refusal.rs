//! The Hub's refusals: every format of an error that its clients know, parsed into one type.

use serde_json::Value;

use super::body;
use super::http::Response;
use crate::finding::{Code, Finding, Owner};
use crate::function::load::Function;
use crate::text;

/// Most characters of a refusal that a finding shows: enough for a long list of reasons.
const MAX_REFUSAL_CHARS: usize = 4_000;

/// Most characters of a refusal that are shown as the reason of something else.
const MAX_REASON_CHARS: usize = 200;

/// A refusal: the documented code, if there is one, and the Hub's own text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: Option<Code>,
    /// Whether it is an error object, and not a text or a page that anything between here and the Hub could have sent.
    is_object: bool,
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

/// Other names of documented codes in first-party sources (sdk-go, `openapi.yaml`; Aerostack's own CI).
const OTHER_NAMES: [(&str, Code); 2] =
    [("AUTH_INVALID_KEY", Code::Unauthorized), ("ALREADY PUBLISHED", Code::VersionConflict)];

/// How a conflict of versions is put where it has no documented code.
const ALREADY_PUBLISHED: [&str; 4] =
    ["already published", "already exists", "version_exists", "version exists"];

/// The statuses with which that can be (none is documented).
const CONFLICT_STATUSES: [u16; 3] = [400, 409, 422];

/// The fields in which a refusal explains itself, apart from `error` and `code`: the usual ones first.
const EXPLANATIONS: [&str; 8] =
    ["message", "title", "details", "detail", "description", "reasons", "errors", "issues"];

/// The fields that explain nothing. All others are shown, whatever their names.
const OTHER_FIELDS: [&str; 14] = [
    "code",
    "error",
    "success",
    "ok",
    "status",
    "state",
    "statusCode",
    "decision",
    "score",
    "type",
    "instance",
    "requestId",
    "request_id",
    "timestamp",
];

impl Refusal {
    /// Reads the code wherever it is in the response; without one, the status decides.
    pub(crate) fn of(response: &Response) -> Self {
        let status = response.status;
        let body = body::parse(&response.body);
        let is_object = body.as_ref().is_some_and(Value::is_object);
        let (named, text) = match &body {
            Some(value) => code_and_text(value),
            None => (None, String::from_utf8_lossy(&response.body).trim().to_owned()),
        };
        let documented = named.as_deref().and_then(documented_code);
        let page = web_page(&response.body);
        let is_page = page.is_some();
        let code =
            documented.or_else(|| code_in(&text, status).filter(|_| !is_page)).or_else(|| match status {
                401 => Some(Code::Unauthorized),
                _ if !is_page && says_already_published(status, named.as_deref(), &text) => {
                    Some(Code::VersionConflict)
                }
                _ => None,
            });
        let text = page.unwrap_or(text);
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
        Self { status, code, is_object, text }
    }

    /// Whether the Hub itself says what is wrong with the request.
    pub(super) fn is_explained(&self) -> bool {
        self.code.is_some() || (self.is_object && matches!(self.status, 400 | 413 | 422))
    }

    /// Whether the version may exist already, although the Hub does not say so: 409 is a conflict of versions, or of slugs.
    pub(super) fn may_be_version_conflict(&self) -> bool {
        self.status == 409
    }

    /// The refusal in one line, as the reason why something could not be done.
    pub(crate) fn reason(&self) -> String {
        self.status_and(&text::shorten(&text::clean_line(&self.text), MAX_REASON_CHARS))
    }

    /// The finding: the documented cause, the Hub's text, and the location of what has to be fixed.
    pub(crate) fn finding(&self, function: &Function) -> Finding {
        let response = self.status_and(&self.text);
        let Some((code, cause, field)) = DOCUMENTED.iter().find(|(code, ..)| Some(*code) == self.code) else {
            let owner = self.owner();
            let finding = Finding::new(Code::HubRefused, response).owned_by(owner);
            return match owner {
                Owner::Author => finding.with_hint("correct what the Hub names"),
                Owner::Pipeline => finding.with_hint(PIPELINE_HINT),
                Owner::Hub | Owner::Nobody => finding,
            };
        };
        let finding = Finding::new(*code, format!("{cause}; {response}"));
        match field {
            Some(field) => finding.at(function.manifest.location(field)),
            None if *code == Code::EmptyCode => finding.at(function.entrypoint.whole()),
            None => finding,
        }
    }

    /// Who can do something about a refusal without a documented code.
    fn owner(&self) -> Owner {
        match self.status {
            400 | 409 | 413 | 422 => Owner::Author,
            300..400 | 401 | 403 | 404 | 405 | 407 => Owner::Pipeline,
            _ => Owner::Hub,
        }
    }

    fn status_and(&self, text: &str) -> String {
        let colon = if text.is_empty() { "" } else { ": " };
        format!("the Hub answered with status {}{colon}{text}", self.status)
    }
}

/// What to check where the request did not get as far as the function.
const PIPELINE_HINT: &str =
    "check `api-url`, the key's permissions, and any proxy or firewall between this machine and the Hub";

/// The documented code of this name.
pub(super) fn documented_code(name: &str) -> Option<Code> {
    let name = name.trim();
    let other = OTHER_NAMES.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, code)| *code);
    other.or_else(|| {
        DOCUMENTED.iter().map(|(code, ..)| *code).find(|code| code.name().eq_ignore_ascii_case(name))
    })
}

/// The documented code that a text contains as a word in upper case; where the Hub failed, only one that it begins with,
/// because the others are about something else.
fn code_in(text: &str, status: u16) -> Option<Code> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let mut words = words.take(if status >= 500 { 1 } else { usize::MAX });
    words.find_map(|word| documented_code(word).filter(|_| word == word.to_uppercase()))
}

/// Whether a refusal says in other words that the version exists. A slug, too, can exist already.
fn says_already_published(status: u16, code: Option<&str>, text: &str) -> bool {
    let words = format!("{} {text}", code.unwrap_or_default()).to_lowercase();
    let is_about_slug = words.contains("slug") || words.contains("name");
    CONFLICT_STATUSES.contains(&status)
        && ALREADY_PUBLISHED.iter().any(|phrase| words.contains(phrase))
        && (words.contains("version") || (words.contains("published") && !is_about_slug))
}

/// What answered instead of the Hub, in a few words, if a response is a web page or another text with markup.
pub(super) fn web_page(body: &[u8]) -> Option<String> {
    let is_markup = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start().starts_with(b"<");
    is_markup.then(|| page_summary(&String::from_utf8_lossy(body)))
}

/// A web page in a few words: its title.
fn page_summary(page: &str) -> String {
    let lower = page.to_ascii_lowercase();
    let title = || {
        let start = lower.find("<title")?;
        let start = start + lower.get(start..)?.find('>')? + 1;
        page.get(start..start + lower.get(start..)?.find('<')?)
    };
    let title = title().map(|title| title.split_whitespace().collect::<Vec<_>>().join(" "));
    match title.filter(|title| !title.is_empty()) {
        Some(title) => format!("a web page titled `{}`", text::shorten(&title, MAX_TITLE_CHARS)),
        None => "a web page".to_owned(),
    }
}

/// Most characters of a web page's title that are shown.
const MAX_TITLE_CHARS: usize = 200;

/// Code and text in the formats that public clients know: `{"error": {"code", "message", "details"}}`, `{"error": "text"}`,
/// `{"success": false, "error": …}` and `{"code", "message"}`, each with further explanations.
fn code_and_text(value: &Value) -> (Option<String>, String) {
    let error = value.get("error").filter(|error| !error.is_null()).unwrap_or(value);
    let text = error.as_str();
    let code = error.get("code").or_else(|| value.get("code")).and_then(Value::as_str);
    let code = code.or(text.filter(|text| documented_code(text).is_some()));
    let levels = if std::ptr::eq(error, value) { vec![value] } else { vec![error, value] };
    let explanations = levels.iter().flat_map(|level| explanations(level));
    let mut parts: Vec<String> = Vec::new();
    for part in text.map(str::to_owned).into_iter().chain(explanations) {
        // `error` and `message` may say the same.
        if !part.is_empty() && !parts.contains(&part) {
            parts.push(part);
        }
    }
    let text = if parts.is_empty() && code.is_none() { shown(value) } else { parts.join("; ") };
    (code.map(str::to_owned), text)
}

/// All fields of an error that explain it: the usual ones first, and the others with their names.
fn explanations(level: &Value) -> Vec<String> {
    let usual = EXPLANATIONS.iter().filter_map(|name| level.get(*name)).map(shown);
    let is_other = |name: &str| !EXPLANATIONS.contains(&name) && !OTHER_FIELDS.contains(&name);
    let others = level.as_object().into_iter().flatten().filter(|(name, _)| is_other(name));
    let others = others.map(|(name, value)| (name, shown(value))).filter(|(_, text)| !text.is_empty());
    usual.chain(others.map(|(name, text)| format!("{name}: {text}"))).collect()
}

/// An explanation as text: a list entry by entry, and each entry with the field that it is about.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(entries) => entries.iter().map(shown).collect::<Vec<_>>().join("; "),
        Value::Object(fields) => {
            let field = |names: &[&str]| names.iter().find_map(|name| fields.get(*name)?.as_str());
            match (field(&["field", "path", "code"]), field(&["message", "reason", "error"])) {
                (Some(about), Some(message)) => format!("{about}: {message}"),
                (None, Some(message)) if fields.len() == 1 => message.to_owned(),
                _ => value.to_string(),
            }
        }
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, body: &str) -> Refusal {
        Refusal::of(&Response { status, body: body.into(), ..Response::default() })
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
            ] {
                for status in [200, 307, 400, 409, 422] {
                    let body = format.replace("CODE", code.name());
                    assert_eq!(refusal(status, &body).code, Some(code), "{status} {body}");
                }
            }
            let lower_case = format!(r#"{{"code":"{}"}}"#, code.name().to_lowercase());
            assert_eq!(refusal(400, &lower_case).code, Some(code));
        }
    }

    #[test]
    fn a_code_in_passing_is_none() {
        for (status, body) in [
            (502, "<html><title>502</title>upstream UNAUTHORIZED</html>"),
            (403, "<html><body>UNAUTHORIZED</body></html>"),
            (500, r#"{"error":"INTERNAL_ERROR: the hook failed: EMPTY_CODE"}"#),
            (500, "the hook failed: EMPTY_CODE"),
        ] {
            assert_eq!(refusal(status, body).code, None, "{body}");
        }
        assert_eq!(refusal(500, r#"{"error":"EMPTY_CODE: no"}"#).code, Some(Code::EmptyCode));
    }

    #[test]
    fn a_conflict_of_versions_is_recognized_in_other_words() {
        for (status, body) in [
            (409, r#"{"error":"Version 1.0.0 already exists"}"#),
            (400, r#"{"error":"Version 1.0.0 is already published"}"#),
            (422, r#"{"code":"VERSION_EXISTS"}"#),
            (409, r#"{"error":{"code":"CONFLICT","message":"version 1.0.0 already exists"}}"#),
        ] {
            assert_eq!(refusal(status, body).code, Some(Code::VersionConflict), "{body}");
        }
        for (status, body) in [
            (409, r#"{"error":"the slug already exists"}"#),
            (409, r#"{"error":{"code":"CONFLICT"}}"#),
            (500, r#"{"error":"Version 1.0.0 already exists"}"#),
        ] {
            assert_eq!(refusal(status, body).code, None, "{body}");
        }
    }

    #[test]
    fn every_field_that_explains_something_is_shown() {
        for field in ["reasons", "violations", "reason", "hint", "feedback", "checks", "fields", "title"] {
            let beside = format!(r#"{{"error":"Rejected","{field}":["no tests","no docs"]}}"#);
            let inside = format!(r#"{{"error":{{"code":"X","{field}":["no tests","no docs"]}}}}"#);
            for body in [beside, inside] {
                let text = refusal(422, &body).text;
                assert!(text.contains("no tests; no docs"), "{body}: {text}");
            }
        }
        assert_eq!(refusal(422, r#"{"error":"no","requestId":"r1","statusCode":422}"#).text, "no");
    }

    #[test]
    fn a_page_is_recognized_by_its_markup() {
        let title = "<title>Blocked</title>";
        for start in
            ["<!DOCTYPE html>", "\u{feff}<html>", " <!-- a --><head>", "<?xml version='1.0'?>", "<h1>x</h1>"]
        {
            assert_eq!(
                refusal(403, &format!("{start}{title}")).text,
                "a web page titled `Blocked`",
                "{start}"
            );
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
        let mut response = Response { status: 302, ..Response::default() };
        assert_eq!(Refusal::of(&response).text, "");
        response.location = Some("https://elsewhere.example/\n".to_owned());
        assert!(
            Refusal::of(&response).text.starts_with("it redirects to `https://elsewhere.example/ ⏎ `, which")
        );
        response.status = 201;
        assert_eq!(Refusal::of(&response).text, "");
    }
}
