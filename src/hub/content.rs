//! The content of a published version, collected from the responses that may show parts of it.

use semver::Version;

use super::client::{Hub, RemoteFunction};
use super::deadline::Deadline;
use super::http::{Access, ReadError};
use super::response::FunctionRecord;
use crate::function::load::Function;
use crate::release::comparison::{Comparison, Content};
use crate::text;

/// Why the content of a published version is not known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ContentError {
    #[error("the Hub does not show its code")]
    NotShown,
    #[error(transparent)]
    NotRead(ReadError),
}

impl From<ContentError> for Comparison {
    fn from(error: ContentError) -> Self {
        let reason = text::with_causes(&error);
        match error {
            ContentError::NotShown => Self::Unknown(reason),
            ContentError::NotRead(_) => Self::Unread(reason),
        }
    }
}

impl Hub {
    /// The content of a published version. The Hub is asked until all files that `function` has are known.
    pub(crate) async fn content(
        &self,
        function: &Function,
        version: &Version,
        remote: &RemoteFunction,
        deadline: Deadline,
    ) -> Result<Content, ContentError> {
        let of_version = |record: &FunctionRecord| record.has_version(version) && !record.is_draft();
        let is_complete = |content: &Content| {
            content.files.is_some() || (content.code.is_some() && !function.has_modules())
        };
        let known = Some(remote.record.clone()).filter(of_version);
        let mut content = known.map(|record| record.content).unwrap_or_default();
        let mut failure = None;
        let author = remote.record.author.as_ref().or(self.username.as_ref());
        let by_id = self.id_url(&remote.record).map(|url| (url, Access::Account));
        let public = author.map(|author| self.function_url(author, &function.slug, &[]));
        let install = author.map(|author| self.function_url(author, &function.slug, &["install"]));
        let public = public.into_iter().chain(install).map(|url| (url, Access::Public));
        for (url, access) in by_id.into_iter().chain(public) {
            if is_complete(&content) {
                break;
            }
            match self.record_at(&url, access, deadline).await {
                Ok(record) => content.complete(record.filter(of_version).unwrap_or_default().content),
                Err(error) => failure = Some(error),
            }
        }
        match failure {
            _ if is_complete(&content) => Ok(content),
            Some(error) => Err(ContentError::NotRead(error)),
            None if content.code.is_some() => Ok(content),
            None => Err(ContentError::NotShown),
        }
    }
}
