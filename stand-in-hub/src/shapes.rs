//! The shapes of responses that the Hub's public documentation leaves open.

use crate::named::named;

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
