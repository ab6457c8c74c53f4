//! Symbolic links that were checked out as text. Where git can't make links (`core.symlinks=false`, the default on Windows), it
//! writes the path that a link leads to into an ordinary file, without a line break (git documentation, "git-config").

use std::path::Path;

use oxc_span::SourceType;

/// Longest path that a link can lead to, in bytes (Linux, `PATH_MAX`).
pub(super) const MAX_TARGET_BYTES: u64 = 4096;

/// How to fix the text that should be a link to a directory.
pub(super) const FIX_OF_DIRECTORY: &str = "check out links as links (`git config core.symlinks true`), or replace it with \
     the directory that it leads to";

/// The path that a link led to, if this text of a file is all that is left of one; `is_file` looks up a path from the file's
/// own directory.
///
/// The README, the manifest and code are never a path alone: for them, it begins with `./` or `../`, is the absolute path of
/// a file, which may be on another machine, or leads to a file. Another text may be one, so that it must be as a link to a
/// file of the same kind.
pub(super) fn target_of_file<'t>(
    path: &str,
    text: &'t str,
    is_file: impl Fn(&str) -> bool,
) -> Option<&'t str> {
    if is_other_text(path) {
        let extension = |path: &str| Path::new(path).extension().map(ToOwned::to_owned);
        let target = Some(text).filter(|text| is_path(text) && extension(text) == extension(path))?;
        return (is_relative(target) || is_file(target)).then_some(target);
    }
    // An editor may have added a line break.
    let target = Some(text.trim_end_matches(['\r', '\n'])).filter(|text| is_path(text))?;
    (is_relative(target) || is_absolute(target) || is_file(target)).then_some(target)
}

/// The path that a link to a directory led to, if this text of the file at `path` is all that is left of it. Git adds no line
/// break, as an editor or `echo` does to a text that is meant.
pub(super) fn target_of_directory(path: &Path, text: Vec<u8>) -> Option<String> {
    let target = String::from_utf8(text).ok()?;
    let is_link = is_path(&target) && !matches!(target.as_str(), "." | "..");
    (is_link && path.parent()?.join(&target).is_dir()).then_some(target)
}

/// Whether a file may hold any text, a path included.
fn is_other_text(path: &str) -> bool {
    let is_data = [".md", ".json"].iter().any(|extension| path.ends_with(extension));
    !is_data && SourceType::from_path(path).is_err()
}

/// Whether a text can be what git writes for a link.
fn is_path(text: &str) -> bool {
    !text.is_empty()
        && text.len() as u64 <= MAX_TARGET_BYTES
        && text.trim() == text
        && !text.contains(char::is_control)
}

fn is_relative(target: &str) -> bool {
    let starts = ["./", "../", ".\\", "..\\"].iter().any(|start| target.starts_with(start));
    starts && !target.contains(char::is_whitespace)
}

/// Whether a text is the absolute path of a file, and neither a comment nor a regular expression.
fn is_absolute(target: &str) -> bool {
    let is_on_drive = || {
        let (drive, path) = target.split_once(':')?;
        let is_letter = drive.len() == 1 && drive.starts_with(|c: char| c.is_ascii_alphabetic());
        (is_letter && path.starts_with(['\\', '/'])).then_some(())
    };
    let is_windows = target.starts_with(r"\\") || is_on_drive().is_some();
    let is_unix = target.starts_with('/')
        && !["//", "/*"].iter().any(|start| target.starts_with(start))
        && !target.contains(char::is_whitespace);
    let name = target.rsplit(['/', '\\']).next().unwrap_or_default();
    (is_windows || is_unix) && name.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_only_a_path_was_a_link() {
        let files = ["docs/there.md", "there is more.md", "there.ts", "there.json", "there.txt"];
        for (path, text, is_link) in [
            ("README.md", "../../README.md", true),
            ("README.md", "../../README.md\n", true),
            ("README.md", "..\\..\\README.md\r\n", true),
            ("README.md", "docs/there.md", true),
            ("README.md", "there is more.md", true),
            ("README.md", "docs/elsewhere.md", false),
            ("README.md", "Greeter", false),
            ("README.md", "https://example.com/docs", false),
            ("README.md", "# Greeter", false),
            ("README.md", "../see the docs", false),
            ("README.md", "../README.md\n../LICENSE\n", false),
            ("README.md", " ../README.md", false),
            ("README.md", "", false),
            ("README.md", "/home/ci/repo/README.md", true),
            ("README.md", "/README.md\n", true),
            ("README.md", "C:\\repo\\README.md", true),
            ("README.md", "d:/my repo/README.md", true),
            ("README.md", r"\\server\share\README.md", true),
            ("README.md", "/api/greet", false),
            ("README.md", "/greet someone, as README.md says", false),
            ("README.md", "C: the language", false),
            ("README.md", "C:README.md", false),
            ("README.md", "//server/share/README.md", false),
            ("README.md", "https://example.com/README.md", false),
            ("aerostack.json", "/srv/base/aerostack.json", true),
            ("index.ts", "/srv/common/util.ts", true),
            ("index.ts", "C:\\repo\\util.ts", true),
            ("index.ts", "//index.ts", false),
            ("index.ts", "/*index.ts*/", false),
            ("index.ts", "/index.ts/", false),
            ("prompt.txt", "/srv/prompt.txt", false),
            ("index.ts", "../common/util.ts", true),
            ("index.ts", "./util.ts", true),
            ("index.ts", "there.ts", true),
            ("index.ts", "elsewhere.ts", false),
            ("src/index.mjs", "../there.js", true),
            ("aerostack.json", "../base/aerostack.json", true),
            ("data.json", "there.json", true),
            ("data.json", "\"../there.json\"", false),
            ("prompt.txt", "../common/prompt.txt", true),
            ("prompt.txt", "there.txt", true),
            ("prompt.txt", "there.ts", false),
            ("prompt.txt", "../assets", false),
            ("prompt.txt", "../common/prompt.txt\n", false),
            ("style.css", "../common/style.css", true),
            ("query.sql", "elsewhere.sql", false),
        ] {
            let found = target_of_file(path, text, |target| files.contains(&target));
            let expected = is_link.then(|| text.trim_end_matches(['\r', '\n']));
            assert_eq!(found, expected, "{path}: {text:?}");
        }
        let longest = format!("../{}", "a".repeat(4096 - 3));
        assert!(target_of_file("README.md", &longest, |_| false).is_some());
        assert_eq!(target_of_file("README.md", &format!("{longest}a"), |_| false), None);
    }

    #[test]
    fn a_link_to_a_directory_leads_to_one() {
        let root = tempfile::TempDir::new().unwrap();
        std::fs::create_dir_all(root.path().join("common/lib")).unwrap();
        for (name, text, expected) in [
            ("lib", "common/lib", Some("common/lib")),
            ("dots", "./common/../common/lib", Some("./common/../common/lib")),
            ("line", "common/lib\n", None),
            ("windows-line", "common/lib\r\n", None),
            ("here", ".", None),
            ("parent", "..", None),
            ("other", "../nowhere-at-all", None),
            ("text", "any text", None),
            ("empty", "", None),
        ] {
            let found = target_of_directory(&root.path().join(name), text.into());
            assert_eq!(found.as_deref(), expected, "{name}");
        }
    }
}
