//! One request and its response, as they are recorded: without secrets.

use std::collections::BTreeMap;

use aerostack_publish::probing::Received;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Ask {
    /// Whose key it is.
    Validate,
    /// The account's list, as the client asks for it.
    List,
    /// Its first page, with one entry.
    ListLimit,
    /// Its second page.
    ListPage2,
    /// A function that does not exist.
    AbsentFunction,
    /// An ID that does not exist.
    AbsentId,
    /// A function by its ID.
    ById,
    /// A function at its public address.
    Public,
    /// The same without the key.
    PublicWithoutKey,
    /// What is needed to install it.
    Install,
    /// The account's list with an invalid key.
    WrongKey,
    /// Writes the draft.
    Draft,
    /// The account's list after that, several times.
    DraftList,
    /// Writes the same draft again.
    DraftAgain,
    /// The account's list after that.
    DraftAgainList,
    /// The draft by its ID.
    DraftById,
    /// The draft at the public address.
    DraftPublic,
    /// What is needed to install the draft.
    DraftInstall,
}

/// A request and what came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exchange {
    pub(crate) ask: Ask,
    pub(crate) method: String,
    pub(crate) path: String,
    /// Whether the key was sent.
    pub(crate) with_key: bool,
    /// Time since the draft was sent, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) after_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) response: Option<Response>,
    /// Why there is no response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<String>,
    /// What the client makes of it.
    pub(crate) client: String,
    /// What the client made of the response itself, where that was something else: the recording lacks something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client_of_original: Option<String>,
}

/// A response as it is recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// Values by name, in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    /// The names of the headers whose values are not recorded.
    pub(crate) other_headers: Vec<String>,
    /// Length of the original body, in bytes.
    pub(crate) bytes: usize,
    pub(crate) body: Body,
}

/// A body as it is recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Body {
    Empty,
    Json(Value),
    Text(String),
}

impl Body {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        match serde_json::from_slice(bytes) {
            Ok(value) => Self::Json(value),
            Err(_) if bytes.is_empty() => Self::Empty,
            Err(_) => Self::Text(String::from_utf8_lossy(bytes).into_owned()),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Empty => Vec::new(),
            Self::Json(value) => value.to_string().into_bytes(),
            Self::Text(text) => text.clone().into_bytes(),
        }
    }
}

impl Response {
    /// The response as the client would receive it.
    pub(crate) fn received(&self) -> Received {
        let headers = self.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        Received { status: self.status, headers, body: self.body.bytes() }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(crate) fn json(&self) -> Option<&Value> {
        match &self.body {
            Body::Json(value) => Some(value),
            Body::Empty | Body::Text(_) => None,
        }
    }
}

impl Exchange {
    /// The JSON of a response with this status.
    pub(crate) fn json(&self, status: u16) -> Option<&Value> {
        self.response.as_ref().filter(|response| response.status == status)?.json()
    }

    pub(crate) fn status(&self) -> Option<u16> {
        self.response.as_ref().map(|response| response.status)
    }
}
