//! The outputs: their names, as every platform and the documentation have them.

/// One output: its name and its meaning, as `--help` and the documentation have them.
pub struct Output {
    /// As in a workflow's `steps.….outputs`. A function's outcome has a field of this name, with `_` for `-`.
    pub name: &'static str,
    /// One line for people.
    pub meaning: &'static str,
}

/// The output that holds every function as JSON: too large for a dotenv report or an environment variable.
pub(crate) const RESULT: &str = "result";

/// Every output, in the order users see them.
pub const OUTPUTS: [Output; 13] = [
    output("published", "`true` if this run published live, otherwise `false`"),
    output("live", "`true` if exactly this content is live under this version, whoever published it"),
    output(
        "status",
        "`published`, `draft`, `in-review`, `unchanged`, `skipped`, `dry-run`, `unconfirmed` or `failed`",
    ),
    output("name", "the function's name"),
    output("slug", "the function's slug on the Hub"),
    output("version", "the version in the manifest"),
    output("previous-version", "the newest version published before this run"),
    output("release-type", "`first`, `major`, `minor`, `patch`, `prerelease` or `none`"),
    output("id", "the function's ID on the Hub"),
    output("url", "URL of the function's page on the Hub"),
    output("admin-url", "URL of the page where the function is edited"),
    output(
        "digest",
        "`sha256:` digest of a `sha256sum`-style listing of the files sent, `aerostack.json` included",
    ),
    output(
        RESULT,
        "JSON object: `functions` with the outputs above, findings and files sent of each, and `truncated`",
    ),
];

const fn output(name: &'static str, meaning: &'static str) -> Output {
    Output { name, meaning }
}

/// Whether a text is plainly a name, a version or an ID: a script may use it without quotes, and as an argument.
pub(crate) fn is_plain(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+'))
}

/// The same for a web address. What is left out of its characters (RFC 3986) means something to a shell.
pub(crate) fn is_plain_url(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@%+,=".contains(c);
    ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme)) && text.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_means_something_to_a_shell_is_not_plain() {
        for plain in ["image-resizer", "a_b.c", "1.0.0-rc.1+build.5", "fn_1", "_a", "größe"] {
            assert!(is_plain(plain), "{plain}");
        }
        for odd in [
            "", "a b", "$(id)", "`id`", "a;b", "a|b", "a&b", "a>b", "a'b", "a\"b", "a\\b", "a\nb", "~", "*",
            "a…", "-a", ".a", "+a",
        ] {
            assert!(!is_plain(odd), "{odd}");
        }
        for plain in ["https://hub.example/a/b-c_d~e?x=1#top", "http://127.0.0.1:80/%20"] {
            assert!(is_plain_url(plain), "{plain}");
        }
        for odd in
            ["", "javascript:alert(1)", "https://a/;id", "https://a/$(id)", "https://a/?a&b", "https://a/ b"]
        {
            assert!(!is_plain_url(odd), "{odd}");
        }
    }
}
