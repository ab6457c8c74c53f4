//! Comments that allow findings where they are: `aerostack-publish: allow CODE` on the line, or alone on the line above.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::finding::{Code, Finding, MAX_FINDINGS};
use crate::source::{Location, SourceFile};
use crate::text;

/// What precedes the codes in a comment, however that begins.
const MARK: &str = "aerostack-publish: allow ";

/// The comment that allows a finding.
pub(super) fn comment(code: Code) -> String {
    format!("{MARK}{}", code.name())
}

/// A code that a comment allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Allowed<'t> {
    pub(super) code: &'t str,
    /// Where the code is written.
    pub(super) range: Range<usize>,
    /// Where it is allowed: on the comment's line, and on the next one if the comment is alone on its line.
    pub(super) place: Range<usize>,
}

/// Every code that comments of a text allow, in source order.
pub(super) fn allowed_in(text: &str) -> Vec<Allowed<'_>> {
    let marks = text.match_indices(MARK).flat_map(|(at, _)| {
        let line = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
        let is_alone = !text.get(line..at).unwrap_or_default().contains(char::is_alphanumeric);
        let place = line..end_of_lines(text, at, if is_alone { 2 } else { 1 });
        codes(text, at + MARK.len()).map(move |range| (range, place.clone()))
    });
    marks
        .map(|(range, place)| Allowed { code: text.get(range.clone()).unwrap_or_default(), range, place })
        .collect()
}

/// Where so many lines end, the first of which is at an offset.
fn end_of_lines(text: &str, at: usize, lines: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.match_indices('\n').nth(lines - 1).map_or(text.len(), |(end, _)| at + end + 1)
}

/// The codes from an offset on, with commas or spaces between them; what follows them is free.
fn codes(text: &str, from: usize) -> impl Iterator<Item = Range<usize>> {
    let is_code = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let mut at = from;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let start = at + rest.len() - rest.trim_start_matches([' ', ',']).len();
        let code = text.get(start..)?;
        let length = code.find(|c| !is_code(c)).unwrap_or(code.len());
        at = start + length;
        let has_end = text.get(at..).is_some_and(|after| !after.starts_with(char::is_alphanumeric));
        (length > 1 && has_end).then_some(start..at)
    })
}

/// What a comment allowed: the file as reports show it, and where the code is written.
pub(super) type Used = BTreeSet<(String, usize)>;

/// Leaves out the findings that comments in code allow. A comment that allows nothing is a notice; `used` are those that the
/// search for secrets has used.
pub(super) fn apply<'f>(
    code: impl Iterator<Item = &'f SourceFile>,
    findings: &mut Vec<Finding>,
    mut used: Used,
) {
    let mut unused = Vec::new();
    for file in code {
        let allowed = allowed_in(&file.text);
        if allowed.is_empty() {
            continue;
        }
        findings.retain(|finding| {
            // A secret was judged where it was found: the key of this run can't be allowed.
            let start =
                finding.location.as_ref().filter(|place| place.file == *file.shown).and_then(Location::start);
            let Some(start) = start.filter(|_| finding.code != Code::SecretFound) else { return true };
            let comment =
                allowed.iter().find(|one| one.code == finding.code.name() && one.place.contains(&start));
            used.extend(comment.map(|one| (file.shown.to_string(), one.range.start)));
            comment.is_none()
        });
        let left =
            allowed.into_iter().filter(|one| !used.contains(&(file.shown.to_string(), one.range.start)));
        unused.extend(left.map(|one| unused_finding(&one).at(file.at(one.range))));
    }
    findings.extend(unused.into_iter().take(MAX_FINDINGS));
}

fn unused_finding(allowed: &Allowed<'_>) -> Finding {
    let known = || Code::ALL.iter().map(|code| code.name());
    if known().any(|name| name == allowed.code) {
        return Finding::new(Code::UnusedAllow, format!("there is no `{}` here to allow", allowed.code));
    }
    let finding = Finding::new(Code::UnusedAllow, format!("no finding has the code `{}`", allowed.code));
    let meant = text::did_you_mean(allowed.code, known());
    finding.with_optional_hint(meant.map(|meant| format!("did you mean `{meant}`?")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_follow_the_mark_up_to_other_text() {
        for (text, expected) in [
            ("// aerostack-publish: allow A_B", &["A_B"][..]),
            ("// aerostack-publish: allow A_B, C_D: both are meant", &["A_B", "C_D"]),
            ("// aerostack-publish: allow A_B C_D for now", &["A_B", "C_D"]),
            ("/* aerostack-publish: allow NOT_UTF8 */", &["NOT_UTF8"]),
            ("// aerostack-publish: allow A_B because It is", &["A_B"]),
            ("// aerostack-publish: allow nothing", &[]),
            ("// aerostack-publish: allow Nothing", &[]),
            ("// aerostack-publish: allowA_B", &[]),
            ("// aerostack-publish: allow A_B aerostack-publish: allow C_D", &["A_B", "C_D"]),
        ] {
            let found: Vec<_> = allowed_in(text).into_iter().map(|one| one.code).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_comment_that_is_alone_is_for_the_next_line_too() {
        let place = |text: &str| {
            allowed_in(text).into_iter().map(|one| text[one.place].to_owned()).collect::<Vec<_>>()
        };
        let comment = "// aerostack-publish: allow A_B\n";
        assert_eq!(place(&format!("a\nb {comment}c\nd")), [format!("b {comment}")]);
        assert_eq!(place(&format!("a\n  {comment}c\nd")), [format!("  {comment}c\n")]);
        assert_eq!(place(comment.trim_end()), [comment.trim_end()]);
        assert_eq!(place(&format!("{comment}c")), [format!("{comment}c")]);
    }
}
