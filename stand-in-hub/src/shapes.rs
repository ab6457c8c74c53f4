//! The shapes of answers that the Hub's public documentation leaves open.

use std::fmt;
use std::str::FromStr;

/// How answers look where the public sources differ or are silent; the default is the likeliest reading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shapes {
    /// Where a successful publish answer stands.
    pub answer: AnswerPlace,
    /// The fields left out of a successful publish answer.
    pub left_out: Vec<AnswerField>,
    /// Where the list of the account's own functions stands.
    pub list: ListPlace,
    /// Whether that list also carries each function's `code`.
    pub list_with_code: bool,
    /// Whether and how a function's answer lists all its versions.
    pub versions: VersionsShape,
    /// How the function of a `GET …/functions/{id}` stands in its answer.
    pub by_id: Wrapping,
    /// What its owner is shown of a published function with a draft on top.
    pub owner_view: OwnerView,
    /// How errors look.
    pub errors: ErrorShape,
    /// One HTTP status for every error but `NOT_FOUND`, whose status is its meaning.
    pub error_status: Option<u16>,
}

/// A name on the command line that stands for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName(pub(crate) String);

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown name `{}`", self.0)
    }
}

impl std::error::Error for UnknownName {}

/// An enum whose variants have names on the command line.
macro_rules! named {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
        pub enum $type { $($(#[$variant_doc])* $variant,)+ }

        impl $type {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name on the command line.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }

        impl FromStr for $type {
            type Err = UnknownName;

            fn from_str(name: &str) -> Result<Self, UnknownName> {
                match name { $($name => Ok(Self::$variant),)+ _ => Err(UnknownName(name.to_owned())) }
            }
        }
    };
}

named! {
    /// Where a successful publish answer stands.
    AnswerPlace {
        /// At the top level.
        #[default] Top = "top",
        /// Inside `function`.
        Function = "function",
        /// Inside `data`.
        Data = "data",
    }
}

named! {
    /// A field of a successful publish answer.
    AnswerField {
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
    /// Where the list of the account's own functions stands.
    ListPlace {
        /// Inside `functions`.
        #[default] Functions = "functions",
        /// The answer is the array.
        Bare = "bare",
        /// Inside `data`.
        Data = "data",
    }
}

named! {
    /// How a function's answer lists all its versions.
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
    /// How a function stands in its answer.
    Wrapping {
        /// Inside `function`.
        #[default] Wrapped = "wrapped",
        /// The answer is the function.
        Bare = "bare",
    }
}

named! {
    /// What its owner is shown of a published function with a draft on top.
    OwnerView {
        /// The draft, with status `draft`.
        #[default] Draft = "draft",
        /// The published version, with status `published`.
        Published = "published",
    }
}

named! {
    /// How errors look.
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
        /// A proxy's HTML page.
        Html = "html",
        /// Nothing.
        Empty = "empty",
    }
}
