//! The pages that a person opens: where a function is shown, and where it is edited.

use url::Url;

use super::client::Hub;
use super::response::FunctionRecord;
use crate::function::manifest::slug::Slug;
use crate::text;

/// Base of the functions' own pages (Aerostack documentation, "Publishing to the Hub").
const PAGES: &str = "https://hub.aerostack.dev/functions";

/// Base of the pages where functions are edited (same source).
const ADMIN_PAGES: &str = "https://app.aerostack.dev/functions/edit";

/// The domain whose addresses may be shown as a function's page, besides that of `api-url` (Aerostack documentation).
const DOMAIN: &str = "aerostack.dev";

/// Where a function is on the Hub, as far as it is known.
#[derive(Default)]
pub(crate) struct Links {
    pub(crate) id: Option<String>,
    /// Its own page.
    pub(crate) url: Option<String>,
    /// The page where it is edited.
    pub(crate) admin_url: Option<String>,
}

impl Hub {
    /// The function's ID, and its pages, as the Hub names them or as documented.
    pub(crate) fn links(&self, slug: &Slug, record: &FunctionRecord) -> Links {
        let named = record.url.as_deref().and_then(|url| self.own_page(url));
        let documented = || page(PAGES, &[self.author_of(record)?, slug.as_str()]);
        let id = record.id.as_deref();
        Links {
            id: id.map(text::clean_line),
            url: named.or_else(documented),
            admin_url: id.and_then(|id| page(ADMIN_PAGES, &[id])),
        }
    }

    /// A page that the Hub names, by its address or its path, if it is one of Aerostack's or of the Hub's own.
    fn own_page(&self, url: &str) -> Option<String> {
        let url = Url::parse(PAGES).ok()?.join(url).ok()?;
        let is_aerostack = url.scheme() == "https"
            && url
                .host_str()
                .and_then(|host| host.strip_suffix(DOMAIN))
                .is_some_and(|rest| (rest.is_empty() || rest.ends_with('.')) && url.port().is_none());
        let has_login = !url.username().is_empty() || url.password().is_some();
        ((is_aerostack || url.origin() == self.http.origin()) && !has_login).then(|| url.into())
    }
}

fn page(base: &str, parts: &[&str]) -> Option<String> {
    let mut url = Url::parse(base).ok()?;
    url.path_segments_mut().ok()?.extend(parts);
    Some(url.into())
}
