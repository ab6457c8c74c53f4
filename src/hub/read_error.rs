//! Why something is not known that the Hub may have.

use semver::Version;

use super::failure::NoResponse;
use super::http::HttpError;
use super::refusal::Refusal;

/// Why something is not known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// A later run may succeed.
    #[error(transparent)]
    Failed(#[from] HttpError),
    #[error("{}", .0.reason())]
    Refused(Refusal),
    #[error("{0} has an unknown format")]
    UnknownFormat(&'static str),
    /// In a few words.
    #[error("{0} answered instead of the Hub")]
    WebPage(String),
    #[error("the Hub's response is about another function")]
    OtherFunction,
    #[error("the Hub still shows version {0}")]
    Outdated(Version),
    #[error("the Hub does not show its code")]
    NotShown,
    #[error("there is no API key")]
    NoKey,
}

impl ReadError {
    /// What keeps this machine from the Hub.
    pub(super) fn obstacle(&self) -> Option<&NoResponse> {
        if let Self::Failed(error) = self { error.obstacle() } else { None }
    }

    /// Whether the Hub plainly says that it does not have it.
    pub(super) fn is_absence(&self) -> bool {
        match self {
            Self::NotShown | Self::NoKey => true,
            Self::Refused(refusal) => refusal.status == 404,
            Self::Failed(_)
            | Self::UnknownFormat(_)
            | Self::WebPage(_)
            | Self::OtherFunction
            | Self::Outdated(_) => false,
        }
    }
}
