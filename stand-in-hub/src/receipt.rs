//! The receipts that a publish may be answered with. The publish is stored with each of them.

use serde_json::{Map, Value, json};

use crate::named::named;

named! {
    /// The receipt of a publish. Which one the Hub sends is not documented.
    Receipt {
        /// `id`, `slug`, `author`, `status` and `url`, where [`Shapes::response`](crate::Shapes::response) says.
        #[default] Full = "full",
        /// The full one inside `function`.
        InFunction = "in-function",
        /// The full one inside `data`.
        InData = "in-data",
        /// The full one inside `function` inside `data`.
        InDataFunction = "in-data-function",
        /// The full one inside `function`, beside `"success": true`.
        WithSuccess = "with-success",
        /// The full one and `version`.
        WithVersion = "with-version",
        /// The full one and `"decision": "auto_publish"`.
        WithDecision = "with-decision",
        /// With a number as `id`.
        NumericId = "numeric-id",
        /// With a path as `url`.
        PathUrl = "path-url",
        /// With the slug as `@user/slug`.
        PrefixedSlug = "prefixed-slug",
        /// Without `status`.
        WithoutStatus = "without-status",
        /// Without `slug`.
        WithoutSlug = "without-slug",
        /// Without `author`.
        WithoutAuthor = "without-author",
        /// Without `url`.
        WithoutUrl = "without-url",
        /// `url` alone.
        UrlOnly = "url-only",
        /// `id` alone.
        IdOnly = "id-only",
        /// `slug` alone.
        SlugOnly = "slug-only",
        /// `status` alone.
        StatusOnly = "status-only",
        /// Every field is `null`.
        NullFields = "null-fields",
        /// `{}`
        EmptyObject = "empty-object",
        /// With the slug of another function.
        OtherSlug = "other-slug",
        /// With another author.
        OtherAuthor = "other-author",
        /// With another version.
        OtherVersion = "other-version",
        /// With a `url` at another host.
        ForeignUrl = "foreign-url",
        /// With the status `queued`.
        Queued = "queued",
        /// With the status `queued`, and 202 as the HTTP status.
        Accepted = "accepted",
        /// With the status of a draft, whatever was asked for.
        Draft = "draft",
        /// Text that claims to be JSON.
        Garbage = "garbage",
        /// Plain text: `OK`.
        Text = "text",
        /// An HTML page.
        Html = "html",
        /// An empty body.
        EmptyBody = "empty-body",
        /// An empty body, and 204 as the HTTP status.
        NoContent = "no-content",
        /// `{"error":{"code","message"}}`, with a success as the HTTP status.
        ErrorObject = "error-object",
        /// `{"error":"text"}`, with a success as the HTTP status.
        ErrorText = "error-text",
        /// `{"success":false}`, with a success as the HTTP status.
        SuccessFalse = "success-false",
        /// An array with the full one.
        Array = "array",
        /// `[]`
        EmptyArray = "empty-array",
        /// `null`
        Null = "null",
        /// A JSON string.
        JsonString = "json-string",
    }
}

/// The body of a receipt.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ReceiptBody {
    Json(Value),
    Garbage,
    Text,
    Html,
    Empty,
}

impl Receipt {
    /// The HTTP status, if it is another one than usual.
    pub(crate) fn status(self) -> Option<u16> {
        if self == Self::NoContent { Some(204) } else { (self == Self::Accepted).then_some(202) }
    }

    /// The body; `full` has all fields, and `version` is the version that was sent.
    pub(crate) fn body(self, full: Map<String, Value>, version: &Value) -> ReceiptBody {
        let text = |name: &str| full.get(name).and_then(Value::as_str).unwrap_or_default();
        let (author, slug) = (text("author").to_owned(), text("slug").to_owned());
        let path = format!("/functions/{author}/{slug}");
        let only = |name: &str| -> Value {
            full.get(name).map(|value| (name.to_owned(), value.clone())).into_iter().collect()
        };
        let without = |name: &str| -> Value {
            let mut fields = full.clone();
            fields.shift_remove(name);
            fields.into()
        };
        let with = |name: &str, value: Value| -> Value {
            let mut fields = full.clone();
            fields.insert(name.to_owned(), value);
            fields.into()
        };
        ReceiptBody::Json(match self {
            Self::Full => full.into(),
            Self::InFunction => json!({ "function": full }),
            Self::InData => json!({ "data": full }),
            Self::InDataFunction => json!({ "data": { "function": full } }),
            Self::WithSuccess => json!({ "success": true, "function": full }),
            Self::WithVersion => with("version", version.clone()),
            Self::WithDecision => with("decision", json!("auto_publish")),
            Self::NumericId => with("id", json!(4711)),
            Self::PathUrl => with("url", path.into()),
            Self::PrefixedSlug => with("slug", format!("@{author}/{slug}").into()),
            Self::WithoutStatus => without("status"),
            Self::WithoutSlug => without("slug"),
            Self::WithoutAuthor => without("author"),
            Self::WithoutUrl => without("url"),
            Self::UrlOnly => only("url"),
            Self::IdOnly => only("id"),
            Self::SlugOnly => only("slug"),
            Self::StatusOnly => only("status"),
            Self::NullFields => full.into_iter().map(|(name, _)| (name, Value::Null)).collect(),
            Self::EmptyObject => json!({}),
            Self::OtherSlug => with("slug", json!("other-function")),
            Self::OtherAuthor => with("author", json!("somebody-else")),
            Self::OtherVersion => with("version", json!("0.0.1-other")),
            Self::ForeignUrl => with("url", format!("https://hub.example.net{path}").into()),
            Self::Queued | Self::Accepted => with("status", json!("queued")),
            Self::Draft => with("status", json!("draft")),
            Self::ErrorObject => {
                json!({ "error": { "code": "INTERNAL_ERROR", "message": "the publish failed" } })
            }
            Self::ErrorText => json!({ "error": "the publish failed" }),
            Self::SuccessFalse => json!({ "success": false }),
            Self::Array => json!([full]),
            Self::EmptyArray => json!([]),
            Self::Null => Value::Null,
            Self::JsonString => json!("published"),
            Self::Garbage => return ReceiptBody::Garbage,
            Self::Text => return ReceiptBody::Text,
            Self::Html => return ReceiptBody::Html,
            Self::EmptyBody | Self::NoContent => return ReceiptBody::Empty,
        })
    }
}
