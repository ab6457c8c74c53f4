//! The shapes of responses that the Hub's public documentation leaves open.

use crate::named::named;
use crate::receipt::Receipt;
use crate::review::{Rejection, Review};

/// Shapes of responses where the public sources differ or say nothing; the default is the most likely one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shapes {
    /// Where the publish response has its fields.
    pub response: ResponsePlace,
    /// The fields omitted from the publish response.
    pub left_out: Vec<ResponseField>,
    /// Where the response has the list of the account's functions.
    pub list: ListPlace,
    /// Whether that list includes each function's `code`.
    pub list_with_code: bool,
    /// Whether and how a function lists all its versions.
    pub versions: VersionsShape,
    /// How `GET …/functions/{id}` wraps the function.
    pub by_id: Wrapping,
    /// The version that the owner sees of a published function with a draft.
    pub owner_view: OwnerView,
    /// The shape of errors.
    pub errors: ErrorShape,
    /// One HTTP status for all errors except `NOT_FOUND`.
    pub error_status: Option<u16>,
    /// The receipt of a publish.
    pub receipt: Receipt,
    /// Whether live versions have to be approved first; see [`StandInHub::approve`](crate::StandInHub::approve).
    pub review: Review,
    /// Whether the owner sees a version in review, in the list and by id, with the status `pending_review`.
    pub shows_reviews: bool,
    /// Whether live versions are rejected by the quality gate.
    pub rejection: Rejection,
    /// The most entries of a page of the list of the account's functions; `None` for a list in one piece, whatever
    /// page the request asks for.
    pub page_size: Option<usize>,
    /// How a page says that there is a further one.
    pub page_info: PageInfo,
    /// How the list writes slugs.
    pub list_slugs: ListSlugs,
    /// Which answers show the files of a function of several.
    pub files: FilesPlace,
    /// Whether the list's entries do not name their author.
    pub list_without_authors: bool,
    /// The slugs of the functions that the list omits.
    pub unlisted: Vec<String>,
    /// The slugs of the functions that the public address and `install` do not show. One that the list omits too is
    /// hidden altogether: it is not found by id either. Their versions still conflict.
    pub not_public: Vec<String>,
}

impl Shapes {
    /// Whether no address shows this function.
    pub(crate) fn hides(&self, slug: &str) -> bool {
        self.omits_from_list(slug) && self.omits_public(slug)
    }

    pub(crate) fn omits_from_list(&self, slug: &str) -> bool {
        self.unlisted.iter().any(|unlisted| unlisted == slug)
    }

    pub(crate) fn omits_public(&self, slug: &str) -> bool {
        self.not_public.iter().any(|not_public| not_public == slug)
    }
}

named! {
    /// Where the publish response has its fields.
    ResponsePlace {
        /// At the top level.
        #[default] Top = "top",
        /// Inside `function`.
        Function = "function",
        /// Inside `data`.
        Data = "data",
    }
}

named! {
    /// A field of the publish response.
    ResponseField {
        /// `id`
        #[default] Id = "id",
        /// `slug`
        Slug = "slug",
        /// `author`
        Author = "author",
        /// `status`
        Status = "status",
        /// `url`
        Url = "url",
    }
}

named! {
    /// Where the response has the list of the account's functions.
    ListPlace {
        /// Inside `functions`.
        #[default] Functions = "functions",
        /// The array itself.
        Bare = "bare",
        /// Inside `data`.
        Data = "data",
    }
}

named! {
    /// How the list of the account's functions writes slugs.
    ListSlugs {
        /// `slug`
        #[default] Plain = "plain",
        /// `@user/slug`
        Prefixed = "prefixed",
    }
}

named! {
    /// How a page of the list says that there is a further one.
    PageInfo {
        /// Not at all: only a page that is not full ends the list.
        #[default] Absent = "none",
        /// `"hasMore": true`, beside the entries.
        HasMore = "has-more",
        /// `"total"`: the number of all entries, beside the entries.
        Total = "total",
        /// `"pagination": {"total"}`, beside the entries.
        Pagination = "pagination",
    }
}

named! {
    /// How a function lists all its versions.
    VersionsShape {
        /// Not at all.
        #[default] Absent = "none",
        /// `["1.0.0"]`
        Strings = "strings",
        /// `[{"version":"1.0.0"}]`
        Objects = "objects",
    }
}

named! {
    /// How a function is wrapped.
    Wrapping {
        /// Inside `function`.
        #[default] Wrapped = "wrapped",
        /// The function itself.
        Bare = "bare",
    }
}

named! {
    /// Which answers show the files of a function of several.
    FilesPlace {
        /// Every answer about the function.
        #[default] Everywhere = "everywhere",
        /// `install` alone.
        Install = "install",
    }
}

named! {
    /// The version that the owner sees of a published function with a draft.
    OwnerView {
        /// The draft, with status `draft`.
        #[default] Draft = "draft",
        /// The published version, with status `published`.
        Published = "published",
    }
}

named! {
    /// The shape of errors.
    ErrorShape {
        /// `{"error":{"code","message","details"}}`
        #[default] Object = "object",
        /// `{"error":"CODE: text"}`
        CodeInText = "code-in-text",
        /// `{"error":"text"}`, without a code.
        Text = "text",
        /// `{"success":false,"error":{"code","message"}}`
        SuccessFalse = "success-false",
        /// `{"code","message"}`
        Flat = "flat",
        /// Plain text, without a code.
        Plain = "plain",
        /// An HTML page, as from a proxy.
        Html = "html",
        /// An empty body.
        Empty = "empty",
    }
}
