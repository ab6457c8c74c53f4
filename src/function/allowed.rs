//! Comments that allow findings where they are: `aerostack-publish: allow CODE`.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::finding::{Code, Finding, MAX_FINDINGS};
use crate::source::{Location, SourceFile};
use crate::text;

/// What a comment begins with that allows findings, in any case.
const NAME: &str = "aerostack-publish";
const WORD: &str = "allow";

/// Most codes that the comments of one file allow.
pub(super) const MAX_ALLOWED: usize = 1_000;

/// Most characters of a code in a message: no code is as long.
const MAX_SHOWN_CODE: usize = 64;

/// The codes of findings at a line of code. The others are about the manifest, about files as a whole, or about the run.
const ALLOWABLE: [Code; 11] = [
    Code::SyntaxError,
    Code::ExportNotFound,
    Code::MissingFile,
    Code::ImportOutsideDirectory,
    Code::WithheldFile,
    Code::NotUtf8,
    Code::UndeclaredDependency,
    Code::UndeclaredEnvVar,
    Code::UnsupportedImport,
    Code::ComputedImport,
    Code::SecretFound,
];

/// The comment that allows a finding.
pub(super) fn comment(code: Code) -> String {
    format!("{NAME}: {WORD} {}", code.name())
}

/// A comment that may allow findings.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Comment {
    pub(super) range: Range<usize>,
    /// Where it allows findings.
    pub(super) place: Range<usize>,
}

/// The comments of a text that may allow findings. By default, nothing is known of them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Comments {
    /// In source order.
    pub(super) known: Vec<Comment>,
    /// From here on it is not known what is a comment: any text counts as one.
    pub(super) unknown_from: usize,
}

/// What the comments of a file allow, in source order.
#[derive(Debug, Default)]
pub(crate) struct Allows(Vec<Allow>);

/// What the comments of each file of the code allow, by path.
pub(crate) type AllowsByPath = BTreeMap<String, Allows>;

/// A code that a comment allows.
#[derive(Debug)]
struct Allow {
    /// `None` where there is none, or it is not that of a finding.
    code: Option<Code>,
    /// Where the code is written; empty where there is none.
    range: Range<usize>,
    place: Range<usize>,
    is_used: Cell<bool>,
}

impl Allows {
    /// What comments of a text allow that is not code: on their line, and on the next one if they are alone.
    pub(super) fn of_text(text: &str) -> Self {
        Self::of_code(text, &Comments::default())
    }

    pub(super) fn of_code(text: &str, comments: &Comments) -> Self {
        let known = comments.known.iter().flat_map(|comment| {
            let written = text.get(comment.range.clone()).unwrap_or_default();
            let codes = marks(written).into_iter().flat_map(move |mark| codes(written, mark.end));
            let start = comment.range.start;
            codes.map(move |code| (start + code.start..start + code.end, comment.place.clone()))
        });
        let from = comments.unknown_from;
        let unknown = marks(text.get(from..).unwrap_or_default()).into_iter().flat_map(|mark| {
            let line = line_of(text, from + mark.start);
            let before = text.get(line.start..from + mark.start).unwrap_or_default();
            let is_alone = !before.contains(char::is_alphanumeric);
            let end = if is_alone { line_of(text, line.end).end } else { line.end };
            let code = text.get(..line.end).map(|text| codes(text, from + mark.end)).into_iter().flatten();
            code.map(move |code| (code, line.start..end))
        });
        let all = known.chain(unknown).take(MAX_ALLOWED).map(|(range, place)| {
            let written = text.get(range.clone()).unwrap_or_default();
            let code = Code::ALL.iter().copied().find(|code| code.name() == written);
            Allow { code, range, place, is_used: Cell::new(false) }
        });
        Self(all.collect())
    }

    /// Whether a comment allows a finding at an offset; it is then used.
    pub(super) fn contains(&self, code: Code, at: usize) -> bool {
        let mut all = self.0.iter().filter(|one| one.code == Some(code) && one.place.contains(&at));
        // Of several comments, each would do.
        let first = all.next();
        first.into_iter().chain(all).for_each(|one| one.is_used.set(true));
        first.is_some()
    }
}

/// The line of an offset, with its end.
fn line_of(text: &str, at: usize) -> Range<usize> {
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let end = text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |end| at + end + 1);
    start..end
}

/// Whether a text may have a comment that allows findings.
pub(super) fn may_allow(text: &str) -> bool {
    !marks(text).is_empty()
}

/// What precedes the codes: `aerostack-publish: allow`, also without the colon.
fn marks(text: &str) -> Vec<Range<usize>> {
    let before_hyphen = NAME.find('-').unwrap_or_default();
    let marks = text.match_indices('-').filter_map(|(hyphen, _)| {
        let start = hyphen.checked_sub(before_hyphen)?;
        let (name, rest) = text.get(start..)?.split_at_checked(NAME.len())?;
        let (word, after) = rest.trim_start_matches([' ', '\t', ':']).split_at_checked(WORD.len())?;
        // `allow-create` is an input.
        let is_longer = after.starts_with(|c: char| is_of_word(c) || c == '-');
        let is_mark = name.eq_ignore_ascii_case(NAME) && word.eq_ignore_ascii_case(WORD) && !is_longer;
        is_mark.then(|| start..text.len() - after.len())
    });
    marks.collect()
}

const fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The codes after a mark, with commas, spaces or `and` between them, up to other text. The first word is surely meant as a code;
/// where there is none, its range is empty.
fn codes(text: &str, from: usize) -> impl Iterator<Item = Range<usize>> {
    let first = word(text, from, " \t:([{=,;`'\"").unwrap_or(from..from);
    let mut at = first.end;
    let is_none = first.is_empty();
    let others = std::iter::from_fn(move || {
        let mut next = word(text, at, " \t\r\n,;&|+*`'\"")?;
        let mut is_listed = text.get(at..next.start)?.contains([',', ';', '&', '|', '+']);
        if text.get(next.clone())?.eq_ignore_ascii_case("and") {
            (next, is_listed) = (word(text, next.end, " \t\r\n`'\"")?, true);
        }
        let is_same_line = !text.get(at..next.start)?.contains('\n');
        let written = text.get(next.clone())?;
        let is_upper = written.len() > 1 && !written.contains(|c: char| c.is_ascii_lowercase());
        let is_known = written.contains('_') && known().any(|name| name.eq_ignore_ascii_case(written));
        // Without a comma, it may be the first word of a reason.
        let is_meant = is_known || (is_upper && (is_listed || written.contains('_')));
        at = next.end;
        (is_meant && (is_listed || is_same_line)).then_some(next)
    });
    std::iter::once(first).chain(others.take_while(move |_| !is_none))
}

/// The word after an offset and separators.
fn word(text: &str, from: usize, separators: &str) -> Option<Range<usize>> {
    let rest = text.get(from..)?;
    let start = text.len() - rest.trim_start_matches(|c| separators.contains(c)).len();
    let rest = text.get(start..)?;
    let length = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
    (length > 0).then_some(start..start + length)
}

fn known() -> impl Iterator<Item = &'static str> {
    Code::ALL.iter().map(|code| code.name())
}

/// Leaves out the findings that comments in code allow. A comment that allows nothing is a notice.
pub(super) fn apply<'f>(
    code: impl Iterator<Item = &'f SourceFile>,
    allows: &AllowsByPath,
    findings: &mut Vec<Finding>,
) {
    // Of code that can't be parsed, nothing else is known.
    let is_parsed = findings.iter().all(|finding| finding.code != Code::SyntaxError);
    let allows_of =
        |file: &'f SourceFile| Some((file, allows.get(&file.path).filter(|all| !all.0.is_empty())?));
    let files: Vec<_> = code.filter_map(allows_of).collect();
    findings.retain(|finding| {
        // A secret was judged where it was found: the key of this run can't be allowed.
        finding.code == Code::SecretFound
            || !files.iter().any(|(file, allows)| {
                start_in(finding, file).is_some_and(|start| allows.contains(finding.code, start))
            })
    });
    let is_checked = is_parsed && !findings.iter().any(Finding::is_error);
    let unused = files.iter().flat_map(|(file, allows)| {
        let unused = allows.0.iter().filter(|one| !one.is_used.get());
        unused.filter_map(|one| Some(one.finding(file, findings, is_checked)?.at(file.at(one.shown()))))
    });
    let unused: Vec<_> = unused.take(MAX_FINDINGS).collect();
    findings.extend(unused);
}

/// Where a finding starts, if it is in this file.
fn start_in(finding: &Finding, file: &SourceFile) -> Option<usize> {
    finding.location.as_ref().filter(|place| place.file == *file.shown).and_then(Location::start)
}

impl Allow {
    /// What a finding shows: the code, or the character before where it should be.
    fn shown(&self) -> Range<usize> {
        self.range.start.min(self.range.end.saturating_sub(1))..self.range.end
    }

    /// Why it allows nothing; `None` where that can't be known, as not everything was checked.
    fn finding(&self, file: &SourceFile, findings: &[Finding], is_checked: bool) -> Option<Finding> {
        let unused = |message: String| Finding::new(Code::UnusedAllow, message);
        if self.range.is_empty() {
            let finding = unused(format!("no code follows `{NAME}: {WORD}`"));
            return Some(
                finding.with_hint("add the code of the finding that it allows, or remove the comment"),
            );
        }
        let written = text::shorten(file.text.get(self.range.clone())?, MAX_SHOWN_CODE);
        let Some(code) = self.code else {
            let meant = text::did_you_mean(&written, known());
            let finding = unused(format!("no finding has the code `{written}`"));
            return Some(finding.with_optional_hint(meant.map(|meant| format!("did you mean `{meant}`?"))));
        };
        if !ALLOWABLE.contains(&code) {
            let is =
                if code == Code::UnusedAllow { "is about a comment" } else { "is not about a line of code" };
            let message = format!("no comment can allow `{written}`: it {is}");
            return Some(unused(message).with_hint("remove the comment"));
        }
        let line = file.line_of(self.range.start);
        let same = || findings.iter().filter(|finding| finding.code == code);
        let lines = same().filter_map(|finding| start_in(finding, file)).map(|start| file.line_of(start));
        let nearest = lines.min_by_key(|other| other.abs_diff(line));
        // A comment that is alone reaches down to a line with code.
        let is_beside_code = file.line_of(self.place.end.saturating_sub(1)) == line;
        if is_beside_code && nearest == Some(line + 1) {
            let message = format!(
                "there is no `{written}` on this line: beside code, a comment holds for its own line only"
            );
            return Some(unused(message).with_hint("move the comment to a line of its own, above the code"));
        }
        let is_sure = is_checked && same().count() < MAX_FINDINGS;
        let hint = nearest
            .map(|line| format!("the nearest is on line {line}: move the comment there, or remove it"));
        is_sure.then(|| unused(format!("there is no `{written}` here to allow")).with_optional_hint(hint))
    }
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
            ("// aerostack-publish: allow A_B; C_D", &["A_B", "C_D"]),
            ("// aerostack-publish: allow A_B and C_D, and E_F", &["A_B", "C_D", "E_F"]),
            ("// aerostack-publish: allow A_B and so on", &["A_B"]),
            ("// aerostack-publish: allow `A_B`, `C_D`", &["A_B", "C_D"]),
            ("// aerostack-publish: allow A_B CI sets it", &["A_B"]),
            ("// aerostack-publish: allow A_B - C_D is not meant", &["A_B"]),
            ("// aerostack-publish: allow A_B (C_D)", &["A_B"]),
            ("// aerostack-publish: allow A_B, unused_allow", &["A_B", "unused_allow"]),
            ("// aerostack-publish: allow A_B process_env", &["A_B"]),
            ("// aerostack-publish:allow A_B", &["A_B"]),
            ("// aerostack-publish : allow: A_B", &["A_B"]),
            ("// aerostack-publish allow A_B", &["A_B"]),
            ("// Aerostack-Publish: Allow(A_B)", &["A_B"]),
            ("/* aerostack-publish: allow NOT_UTF8 */", &["NOT_UTF8"]),
            ("// aerostack-publish: allow A_B because It is", &["A_B"]),
            ("// aerostack-publish: allow nothing", &["nothing"]),
            ("// aerostack-publish: allow", &[""]),
            ("// aerostack-publish: allow:\nA_B", &[""]),
            ("// aerostack-publish: allow …", &[""]),
            ("// aerostack-publish: allowA_B", &[]),
            ("// aerostack-publish: allows A_B", &[]),
            ("// aerostack-publish: allow-create: false", &[]),
            ("// aerostack-publish: allow A_B aerostack-publish: allow C_D", &["A_B", "C_D"]),
            ("<!-- aerostack-publish: allow A_B --> C_D", &["A_B"]),
        ] {
            let found: Vec<_> =
                Allows::of_text(text).0.into_iter().map(|one| text[one.range].to_owned()).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn in_a_comment_of_several_lines_codes_go_on_after_a_comma_only() {
        let written = |text: &str| {
            let known = vec![Comment { range: 0..text.len(), place: 0..1 }];
            let allows = Allows::of_code(text, &Comments { known, unknown_from: text.len() });
            allows.0.into_iter().map(|one| text[one.range].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(written("/** aerostack-publish: allow A_B,\n * C_D */"), ["A_B", "C_D"]);
        assert_eq!(written("/* aerostack-publish: allow A_B\n C_D is a reason */"), ["A_B"]);
    }

    #[test]
    fn in_text_a_comment_that_is_alone_is_for_the_next_line_too() {
        let place = |text: &str| {
            let all = Allows::of_text(text).0.into_iter();
            all.map(|one| text[one.place].to_owned()).collect::<Vec<_>>()
        };
        let comment = "// aerostack-publish: allow A_B\n";
        assert_eq!(place(&format!("a\nb {comment}c\nd")), [format!("b {comment}")]);
        assert_eq!(place(&format!("a\n  {comment}c\nd")), [format!("  {comment}c\n")]);
        assert_eq!(place(comment.trim_end()), [comment.trim_end()]);
        assert_eq!(place(&format!("{comment}c")), [format!("{comment}c")]);
    }
}
