//! Lines of the input `directory` that are written as other tools would have them, and how they are written here.

use std::collections::HashSet;

use crate::function::manifest::fields::FILE_NAME;
use crate::text;

/// Most lines that a hint suggests; `{a,b}{c,d}…` could stand for any number.
const MAX_SUGGESTED: usize = 20;

/// Whether a path is a directory that exists.
type IsDirectory<'d> = &'d dyn Fn(&str) -> bool;

/// One spelling: the lines that a line is here, or `None` if it is not written so.
type Rewrite = fn(&str, IsDirectory<'_>) -> Option<Vec<String>>;

/// Every spelling with a rule that it breaks, in the order in which they are taken apart.
const SPELLINGS: [(Rewrite, &str); 14] = [
    (visible, "remove the invisible characters"),
    (without_comment, "a line has no comments"),
    (without_dash, "a line does not start with `- `"),
    (unescaped, "a line is not escaped as in a shell"),
    (elements, "a line is not a list"),
    (alternatives, "a glob has no alternatives"),
    (without_separator, "a line ends with the path"),
    (parts, "one path or glob per line"),
    (unquoted, "a line has no quotes"),
    (path_of_url, "a line is a path, not a URL"),
    (with_slashes, "paths are written with `/`"),
    (expanded, "`~` and variables are not expanded"),
    (without_key, "a line is the path alone"),
    (relative, "paths are relative to the working directory"),
];

/// How to write a line that names no directory; `None` where it is written as lines are.
pub(super) fn hint(line: &str, is_directory: IsDirectory<'_>) -> Option<String> {
    let (mut lines, mut rules) = (vec![line.to_owned()], Vec::new());
    for (rewrite, rule) in SPELLINGS {
        let before = std::mem::take(&mut lines);
        for line in before {
            match rewrite(&line, is_directory) {
                Some(rewritten) => {
                    rules.push(rule);
                    lines.extend(rewritten);
                }
                None => lines.push(line),
            }
        }
        lines.truncate(MAX_SUGGESTED);
    }
    if let Some(reason) = lines.iter().find_map(|line| impossible(line)) {
        return Some(reason.to_owned());
    }
    // Last, because the other spellings hide the end of the path.
    for line in &mut lines {
        if let Some(directory) = directory_of_manifest(line) {
            rules.push("the line names the directory that contains the manifest");
            *line = directory;
        }
    }
    rules.dedup();
    let mut seen = HashSet::new();
    lines.retain(|line| seen.insert(line.clone()));
    let list: Vec<_> = lines.iter().map(|line| format!("`{line}`")).collect();
    let rules = Some(rules.join("; ")).filter(|rules| !rules.is_empty())?;
    Some(match list.as_slice() {
        [] => format!("remove the line: {rules}"),
        [line] => format!("write {line}: {rules}"),
        lines => format!("write {} on lines of their own: {rules}", lines.join(", ")),
    })
}

/// Whether a line is a list of JSON or YAML, which would be a strange glob.
pub(super) fn is_list(line: &str) -> bool {
    elements(line, &|_| false).is_some()
}

/// Why a line can't be written in another way.
fn impossible(line: &str) -> Option<&'static str> {
    let is_variable = line.contains('$') || line.starts_with('~') || line.matches('%').count() > 1;
    if line.starts_with('!') {
        Some(
            "nothing can be excluded: remove the line, and write each directory to publish instead of a glob",
        )
    } else if is_variable {
        Some("`~` and variables are not expanded: write the path itself")
    } else if line.contains("://") {
        Some("write the path of a directory in this workspace: a URL is not a path")
    } else {
        None
    }
}

/// The line if it differs.
fn changed(line: &str, text: &str) -> Option<Vec<String>> {
    let text = text.trim();
    (text != line)
        .then(|| Some(text).filter(|text| !text.is_empty()).map(str::to_owned).into_iter().collect())
}

/// Without a byte order mark and the like.
fn visible(line: &str, _: IsDirectory<'_>) -> Option<Vec<String>> {
    let is_visible = |c: &char| !text::clean(c.encode_utf8(&mut [0; 4])).is_empty();
    changed(line, &line.chars().filter(is_visible).collect::<String>())
}

/// YAML has comments; a line of a text in it has none.
fn without_comment(line: &str, _: IsDirectory<'_>) -> Option<Vec<String>> {
    let start = if line.starts_with('#') { 0 } else { line.find(" #")? };
    changed(line, line.get(..start)?)
}

/// The items of a list in YAML or Markdown.
fn without_dash(line: &str, _: IsDirectory<'_>) -> Option<Vec<String>> {
    changed(line, if line == "-" { "" } else { line.strip_prefix("- ").or_else(|| line.strip_prefix("• "))? })
}

/// `my\ function`, `with\[brackets\]`: a backslash before a space or a punctuation mark, unless it could be the separator of
/// Windows before a name or a wildcard.
fn unescaped(line: &str, is_directory: IsDirectory<'_>) -> Option<Vec<String>> {
    if is_directory(&line.replace('\\', "/")) {
        return None;
    }
    let path = without_escapes(line, |_| true);
    if is_directory(&path) {
        return changed(line, &path);
    }
    let pairs = [('[', "\\]"), ('(', "\\)"), ('{', "\\}")].map(|(start, end)| (start, line.contains(end)));
    changed(line, &without_escapes(line, |mark| !starts_names(mark) || pairs.contains(&(mark, true))))
}

/// Without the backslashes before marks that are surely escaped, or that are at the start of a part, where no separator is.
fn without_escapes(line: &str, is_escaped: impl Fn(char) -> bool) -> String {
    let mut path = String::new();
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        let is_start = path.is_empty() || path.ends_with('/');
        let is_escape = rest.peek().is_some_and(|next| {
            let is_mark = next.is_whitespace() || next.is_ascii_punctuation();
            is_mark && !matches!(next, '\\' | '.' | '/') && (is_start || is_escaped(*next))
        });
        if c != '\\' || !is_escape {
            path.push(c);
        }
    }
    path
}

/// Whether names of directories and wildcards often start with a punctuation mark.
const fn starts_names(mark: char) -> bool {
    matches!(mark, '*' | '?' | '[' | '(' | '{' | '_' | '-' | '@' | '~' | '$' | '%' | '#' | '+')
}

/// `["a", "b"]`, `[a, b]`, and the lines of one that is written on several lines.
fn elements(line: &str, _: IsDirectory<'_>) -> Option<Vec<String>> {
    if matches!(line, "[" | "]" | "],") {
        return Some(Vec::new());
    }
    let inner = line.strip_prefix('[')?.strip_suffix(']')?;
    // `[ab]` and `[ab]/[cd]` are globs.
    let is_path = inner.contains('/') && !inner.contains(']');
    if !is_path && !inner.contains([',', '"', '\'']) {
        return None;
    }
    Some(split(inner, ","))
}

/// `functions/{a,b}`, `functions/@(a|b)`: shells and other globs have alternatives.
fn alternatives(line: &str, _: IsDirectory<'_>) -> Option<Vec<String>> {
    let lines = expand(line, ['{', ',', '}']);
    let of_patterns = |line: String| expand(&line, ['(', '|', ')']).unwrap_or_else(|| vec![line]);
    match lines {
        Some(lines) => Some(lines.into_iter().flat_map(of_patterns).collect()),
        None => expand(line, ['(', '|', ')']),
    }
}

fn expand(line: &str, marks @ [open, separator, close]: [char; 3]) -> Option<Vec<String>> {
    // The first end, and the last start before it: the innermost pair.
    let (before, after) = line.split_once(close)?;
    let (start, inner) = before.rsplit_once(open)?;
    if start.ends_with(['$', '{', '!']) || !inner.contains(separator) {
        return None;
    }
    let start = if open == '(' { start.trim_end_matches(['@', '+', '?', '*']) } else { start };
    let mut found = Vec::new();
    for alternative in inner.split(separator) {
        // Each further pair would double the work.
        if found.len() < MAX_SUGGESTED {
            let line = format!("{start}{}{after}", alternative.trim());
            found.extend(expand(&line, marks).unwrap_or_else(|| vec![line]));
        }
    }
    Some(found)
}

/// A line of a list that is written on several lines.
fn without_separator(line: &str, _: IsDirectory<'_>) -> Option<Vec<String>> {
    changed(line, line.trim_end_matches([',', ';']))
}

/// Several paths on one line. A comma or a semicolon separates them; what else may be part of a name does if all that it
/// separates are directories or globs.
fn parts(line: &str, is_directory: IsDirectory<'_>) -> Option<Vec<String>> {
    if is_directory(line) {
        return None;
    }
    if line.contains([',', ';']) {
        return Some(line.split([',', ';']).flat_map(|part| split(part, ",")).collect());
    }
    let is_path = |part: &String| {
        let path = part.trim_matches(QUOTES).replace('\\', "/");
        is_directory(&path) || (path.contains('/') && path.contains('*'))
    };
    ["\\n", "|", ":", " "].into_iter().find_map(|separator| {
        let found = split(line, separator);
        (found.len() > 1 && found.iter().all(is_path)).then_some(found)
    })
}

/// The parts of a text that are not empty; a dash alone is a part of a list whose lines were joined.
fn split(text: &str, separator: &str) -> Vec<String> {
    let parts = text.split(separator).map(str::trim);
    parts.filter(|part| !matches!(*part, "" | "-")).map(str::to_owned).collect()
}

const QUOTES: [char; 7] = ['"', '\'', '`', '“', '”', '‘', '’'];

fn unquoted(line: &str, _: IsDirectory<'_>) -> Option<Vec<String>> {
    changed(line, line.trim_matches(QUOTES))
}

/// `file:///srv/functions`.
fn path_of_url(line: &str, _: IsDirectory<'_>) -> Option<Vec<String>> {
    let path = line.strip_prefix("file:")?;
    changed(line, path.strip_prefix("//").unwrap_or(path))
}

/// Windows separates the parts of a path by `\`.
fn with_slashes(line: &str, _: IsDirectory<'_>) -> Option<Vec<String>> {
    let mut path = line.replace('\\', "/");
    while line.contains("\\\\") && path.contains("//") {
        path = path.replace("//", "/");
    }
    changed(line, &path)
}

/// `~/functions`, `$HOME/functions`: what a shell would expand, left out.
fn expanded(line: &str, _: IsDirectory<'_>) -> Option<Vec<String>> {
    let (variable, path) = line.split_once('/')?;
    let is_variable =
        variable == "~" || variable.starts_with('$') || (variable.len() > 2 && variable.starts_with('%'));
    if !is_variable || path.is_empty() { None } else { changed(line, path) }
}

/// `directory: functions/a`, `directory=functions/a`.
fn without_key(line: &str, is_directory: IsDirectory<'_>) -> Option<Vec<String>> {
    let (_, path) = line.split_once([':', '='])?;
    if is_directory(path.trim()) { changed(line, path) } else { None }
}

/// `/functions/a`, as if the repository were the root, and absolute paths of another machine.
fn relative(line: &str, is_directory: IsDirectory<'_>) -> Option<Vec<String>> {
    let is_drive = line.get(1..3) == Some(":/");
    if !is_drive && !line.starts_with('/') {
        return None;
    }
    let is_here = |path: &&str| {
        let start = path.split(['*', '?', '[']).next().unwrap_or_default();
        !start.is_empty() && is_directory(start)
    };
    let mut ends = line.match_indices('/').filter_map(|(at, _)| line.get(at + 1..));
    changed(line, ends.find(is_here)?)
}

fn directory_of_manifest(line: &str) -> Option<String> {
    let directory = line.strip_suffix(FILE_NAME)?;
    match directory.strip_suffix('/') {
        Some(directory) => Some(directory.to_owned()),
        None => directory.is_empty().then(|| ".".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint_of(line: &str) -> Option<String> {
        hint(line, &|path| {
            ["functions/a", "functions/b", "a", "b", "c#", "x/@y"].contains(&path.trim_end_matches('/'))
        })
    }

    #[test]
    fn a_list_is_recognized() {
        for (line, expected) in [("[a, b]", true), ("a", false), ("functions/*", false)] {
            assert_eq!(is_list(line), expected, "{line}");
        }
    }

    #[test]
    fn a_line_of_another_tool_is_written_as_lines_are() {
        let slashes = "paths are written with `/`";
        let quotes = "a line has no quotes";
        let separate = "one path or glob per line";
        let dash = "a line does not start with `- `";
        let list = "a line is not a list";
        let variables = "`~` and variables are not expanded";
        let manifest = "the line names the directory that contains the manifest";
        let shell = "a line is not escaped as in a shell";
        let alternatives = "a glob has no alternatives";
        for (line, written, rule) in [
            ("functions\\x", "`functions/x`", slashes),
            (".\\functions\\*", "`./functions/*`", slashes),
            ("functions\\\\x", "`functions/x`", slashes),
            (".\\..\\_x\\-y\\@z", "`./../_x/-y/@z`", slashes),
            ("app\\[x]\\(y)", "`app/[x]/(y)`", slashes),
            ("my\\ function", "`my function`", shell),
            ("functions/my\\ \\&\\ yours/*", "`functions/my & yours/*`", shell),
            ("with\\[br\\]", "`with[br]`", shell),
            ("c\\#", "`c#`", shell),
            ("x\\@y", "`x/@y`", slashes),
            ("\\[x\\]/\\(y\\)", "`[x]/(y)`", shell),
            ("it\\'s", "`it's`", shell),
            ("functions/\\*", "`functions/*`", shell),
            ("\"functions/x\"", "`functions/x`", quotes),
            ("'x'", "`x`", quotes),
            ("`x`", "`x`", quotes),
            ("“x”", "`x`", quotes),
            ("\"x", "`x`", quotes),
            ("- x", "`x`", dash),
            ("• x", "`x`", dash),
            ("x,", "`x`", "a line ends with the path"),
            ("x, y", "`x`, `y` on lines of their own", separate),
            ("x,functions/*", "`x`, `functions/*` on lines of their own", separate),
            ("x;y", "`x`, `y` on lines of their own", separate),
            ("functions/a functions/b", "`functions/a`, `functions/b` on lines of their own", separate),
            ("functions/a - functions/b", "`functions/a`, `functions/b` on lines of their own", separate),
            ("functions/a:functions/b", "`functions/a`, `functions/b` on lines of their own", separate),
            ("functions/a|b", "`functions/a`, `b` on lines of their own", separate),
            ("functions/a\\nfunctions/b", "`functions/a`, `functions/b` on lines of their own", separate),
            ("functions/* more/*", "`functions/*`, `more/*` on lines of their own", separate),
            ("[functions/x]", "`functions/x`", list),
            ("[x, y]", "`x`, `y` on lines of their own", list),
            ("functions/{x,y}", "`functions/x`, `functions/y` on lines of their own", alternatives),
            ("{x,y}/*", "`x/*`, `y/*` on lines of their own", alternatives),
            ("{x,{y,z}}", "`x`, `y`, `z` on lines of their own", alternatives),
            ("functions/@(x|y)", "`functions/x`, `functions/y` on lines of their own", alternatives),
            ("(x|y)", "`x`, `y` on lines of their own", alternatives),
            ("directory: functions/a", "`functions/a`", "a line is the path alone"),
            ("directory=a", "`a`", "a line is the path alone"),
            ("functions/x # the first", "`functions/x`", "a line has no comments"),
            ("\u{feff}functions/x", "`functions/x`", "remove the invisible characters"),
            ("x\ty\u{202e}", "`x\ty`", "remove the invisible characters"),
            ("x\u{200b}", "`x`", "remove the invisible characters"),
            ("file:///srv/x", "`/srv/x`", "a line is a path, not a URL"),
            ("file:x", "`x`", "a line is a path, not a URL"),
            ("~/x", "`x`", variables),
            ("$GITHUB_WORKSPACE/functions/x", "`functions/x`", variables),
            ("${HOME}/x", "`x`", variables),
            ("%CD%/x", "`x`", variables),
            ("/functions/a", "`functions/a`", "paths are relative to the working directory"),
            (
                "/builds/group/project/functions/a",
                "`functions/a`",
                "paths are relative to the working directory",
            ),
            ("/b/*", "`b/*`", "paths are relative to the working directory"),
            ("x/aerostack.json", "`x`", manifest),
            ("**/aerostack.json", "`**`", manifest),
            ("aerostack.json", "`.`", manifest),
        ] {
            assert_eq!(hint_of(line), Some(format!("write {written}: {rule}")), "{line}");
        }
        for (line, hint) in [
            ("functions\\my\\ x", format!("write `functions/my x`: {shell}; {slashes}")),
            (
                "[\\\"x\\\", \\\"y\\\"]",
                format!("write `x`, `y` on lines of their own: {shell}; {list}; {quotes}"),
            ),
            ("- \"functions\\x\"", format!("write `functions/x`: {dash}; {quotes}; {slashes}")),
            ("\"x\", \"y\"", format!("write `x`, `y` on lines of their own: {separate}; {quotes}")),
            ("[\"x\", 'y']", format!("write `x`, `y` on lines of their own: {list}; {quotes}")),
            ("C:\\work\\a", format!("write `a`: {slashes}; paths are relative to the working directory")),
            (
                "{x,y}/(a|b)",
                format!("write `x/a`, `x/b`, `y/a`, `y/b` on lines of their own: {alternatives}"),
            ),
            ("%X%\\x", format!("write `x`: {slashes}; {variables}")),
            ("\"x/aerostack.json\"", format!("write `x`: {quotes}; {manifest}")),
        ] {
            assert_eq!(hint_of(line).as_deref(), Some(hint.as_str()), "{line}");
        }
    }

    #[test]
    fn a_line_that_can_not_be_written_is_explained() {
        for (line, start) in [
            ("# functions", "remove the line: a line has no comments"),
            ("[", "remove the line: a line is not a list"),
            ("-", "remove the line"),
            ("!functions/x", "nothing can be excluded"),
            ("\"!x\"", "nothing can be excluded"),
            ("$FUNCTIONS", "`~` and variables are not expanded: write the path itself"),
            ("functions/${{ matrix.function }}", "`~` and variables are not expanded: write the path itself"),
            ("functions/%NAME%", "`~` and variables are not expanded: write the path itself"),
            ("~", "`~` and variables are not expanded: write the path itself"),
            ("%%/a", "`~` and variables are not expanded: write the path itself"),
            ("!(x|y)", "nothing can be excluded"),
            ("https://github.com/x/y", "write the path of a directory in this workspace"),
        ] {
            let hint = hint_of(line).unwrap_or_default();
            assert!(hint.starts_with(start), "{line}: {hint}");
        }
    }

    #[test]
    fn an_ordinary_line_has_no_hint() {
        for line in [
            "functions/x",
            "functions/*",
            "[ab]",
            "[ab]/[!cd]",
            "x y",
            "a/x b",
            "x* b",
            "a:x",
            "C:/x",
            "100%",
            "it's",
            "-x",
            "#1x",
            "a#b",
        ] {
            let is_comment = line.starts_with('#');
            assert_eq!(hint_of(line).is_some(), is_comment, "{line}");
        }
    }

    #[test]
    fn a_hint_suggests_a_few_lines() {
        let hint = hint_of(&"{a,b}".repeat(40)).unwrap();
        assert_eq!(hint.matches("`, `").count() + 1, MAX_SUGGESTED);
        assert!(hint_of(&"{a,a}".repeat(40)).unwrap().starts_with("write `aaa"));
        assert!(hint_of(&"x,".repeat(10_000)).unwrap().len() < 1_000);
        let alternatives = vec!["a"; MAX_SUGGESTED + 9].join(",");
        assert_eq!(expand(&format!("{{{alternatives}}}"), ['{', ',', '}']).unwrap().len(), MAX_SUGGESTED);
    }
}
