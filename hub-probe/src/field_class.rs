//! What the fields of the Hub's responses hold, by their names.

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Id,
    Email,
    /// A person's name.
    User,
    /// A function's name or slug.
    Function,
    Version,
    /// An address or a path at the Hub.
    Address,
    /// A word out of a small set, such as a status.
    Token,
    /// An error's code, or source text.
    Code,
    /// Text of the Hub for a person.
    Message,
    /// A number that counts something of the response.
    Count,
    Date,
    /// Files by path, or a list of them.
    Files,
    /// The path of a file.
    Path,
    /// Text of an author, such as a README.
    Text,
}

/// The class of a field; `None` where its parent's counts.
pub(crate) fn of_field(name: &str) -> Option<Class> {
    Some(match name {
        "id" | "_id" | "uuid" | "ID" => Class::Id,
        "author" | "authorUsername" | "author_username" | "creator" | "handle" | "login" | "owner"
        | "publisher" | "user" | "username" => Class::User,
        "name" | "slug" | "function_slug" | "functionSlug" => Class::Function,
        "version" | "versions" | "latest" => Class::Version,
        "href" | "html_url" | "link" | "next" | "prev" | "previous" | "url" => Class::Address,
        "category" | "decision" | "keyType" | "key_type" | "language" | "runtime" | "state" | "status"
        | "type" | "visibility" => Class::Token,
        "code" => Class::Code,
        "detail" | "details" | "error" | "errors" | "hint" | "issues" | "message" | "reason" | "reasons" => {
            Class::Message
        }
        "count" | "limit" | "page" | "pageSize" | "page_size" | "pages" | "perPage" | "per_page"
        | "score" | "statusCode" | "total" | "totalCount" | "totalPages" | "total_count" | "total_pages" => {
            Class::Count
        }
        "files" => Class::Files,
        "entrypoint" | "path" => Class::Path,
        "content" | "description" | "field" | "readme" | "routeExport" | "routePath" | "source" => {
            Class::Text
        }
        "function" | "functions" | "data" | "items" | "results" | "meta" | "pagination" => return None,
        _ if name.ends_with("_id") || name.ends_with("Id") || name.ends_with("_ID") => Class::Id,
        _ if name.to_lowercase().contains("mail") => Class::Email,
        _ if name.ends_with("_name") || name.ends_with("Name") => Class::User,
        _ if name.ends_with("_version") || name.ends_with("Version") => Class::Version,
        _ if name.ends_with("_url") || name.ends_with("Url") || name.ends_with("URL") => Class::Address,
        _ if name.ends_with("_at") || name.ends_with("At") || name.ends_with("_date") => Class::Date,
        _ => return None,
    })
}
