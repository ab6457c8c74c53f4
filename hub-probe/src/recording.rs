//! Recordings: what was asked and answered, with what the client makes of it.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::exchange::{Ask, Exchange};

/// The version of the format.
pub(crate) const FORMAT: u32 = 1;

/// Everything that one run asked, without secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recording {
    pub(crate) format: u32,
    /// The Hub's origin if it is Aerostack's, else `loopback` or `other`.
    pub(crate) hub: String,
    /// The documented prefix of the key, or `other`.
    pub(crate) key_prefix: String,
    /// The draft that was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) draft: Option<Draft>,
    pub(crate) exchanges: Vec<Exchange>,
    /// The answers, by question.
    pub(crate) answers: Map<String, Value>,
}

/// The draft, under the names that replace its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Draft {
    pub(crate) slug: String,
    pub(crate) version: String,
    /// The account's user name, if it was known.
    pub(crate) author: Option<String>,
}

impl Recording {
    /// The last exchange of a kind, which is not the one that the rate limit refused.
    pub(crate) fn last(&self, ask: Ask) -> Option<&Exchange> {
        self.all(ask).last()
    }

    pub(crate) fn all(&self, ask: Ask) -> impl Iterator<Item = &Exchange> {
        self.exchanges.iter().filter(move |exchange| exchange.ask == ask)
    }

    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        let recording: Self = serde_json::from_slice(&std::fs::read(path)?)?;
        if recording.format == FORMAT {
            return Ok(recording);
        }
        Err(io::Error::other(format!("its format is {}, and {FORMAT} is known", recording.format)))
    }

    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        std::fs::write(path, serde_json::to_string_pretty(self)? + "\n")
    }
}
