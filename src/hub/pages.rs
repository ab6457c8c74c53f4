//! The web pages of a function: its own, and the one where its owner edits it.

use url::Url;

use super::client::Hub;
use super::response::FunctionRecord;
use crate::function::manifest::slug::Slug;

/// Base of the functions' own pages (Aerostack documentation, "Publishing to the Hub").
const PAGES: &str = "https://hub.aerostack.dev/functions";

/// Base of the pages where functions are edited (same source).
const ADMIN_PAGES: &str = "https://app.aerostack.dev/functions/edit";

impl Hub {
    /// The function's page, as the Hub names it or as documented, and its admin page, as far as they are known.
    pub(crate) fn pages(&self, slug: &Slug, record: &FunctionRecord) -> (Option<String>, Option<String>) {
        let named = record.url.as_deref().and_then(|url| Url::parse(url).ok());
        let named = named.filter(|url| matches!(url.scheme(), "https" | "http")).map(|url| url.to_string());
        let author = record.author.as_deref().or(self.username.as_deref());
        let documented = || page(PAGES, &[author?, slug.as_str()]);
        (named.or_else(documented), record.id.as_deref().and_then(|id| page(ADMIN_PAGES, &[id])))
    }
}

fn page(base: &str, parts: &[&str]) -> Option<String> {
    let mut url = Url::parse(base).ok()?;
    url.path_segments_mut().ok()?.extend(parts);
    Some(url.to_string())
}
