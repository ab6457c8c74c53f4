//! Runs whose every text is foreign: names of files, values of a manifest, messages of the Hub.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use proptest::sample::{Index, select};

use crate::finding::{Code, Finding};
use crate::outcome::tests::function;
use crate::outcome::{FunctionOutcome, SentFile};
use crate::release::history::ReleaseType;
use crate::source::{Location, SourceFile};
use crate::status::Status;

/// Syntax of every reader of a sink.
#[rustfmt::skip]
const SYNTAX: &[&str] = &[
    // GitHub, Gitea, Forgejo.
    "::", ":", "error", "::error::", "::error file=a,line=1::", "::add-mask::", "::stop-commands::x", "##[", "##", "#",
    "[", "]", "##[error]", "##[endgroup]", "%0A", "%0D", "%25", "%3A", "%2C", "%", ",", "=", "file=", "title=",
    "status=published", "<<", "result<<EOF", "EOF", "aerostack_",
    // Azure Pipelines, TeamCity.
    "##vso[", "##vso[task.complete result=Succeeded;]", "##vso[task.setvariable variable=x]y", ";", "%3B", "%5D",
    "%AZP25", "##teamcity[", "##teamcity[buildProblem description='x']", "|n", "|'",
    // GitLab, Travis.
    "section_start:", "section_end:1:aerostack_1", "section_start:1:x[collapsed=true]\r\u{1b}[0K", "section_", "end:1:x",
    "travis_fold:", "travis_fold:start:x\r", "AEROSTACK_STATUS=", "AEROSTACK_",
    // Buildkite.
    "--- ", "+++ ", "~~~ ", "^^^ +++", "-", "+", "~", "^",
    // Terminals, and the sequences of Buildkite and Jenkins.
    "\u{1b}", "\u{1b}[31m", "\u{1b}[2J", "\u{1b}[0K", "\u{1b}]8;;https://evil.example\u{7}", "\u{1b}]1338;url=x\u{7}",
    "\u{1b}[8mha:AAAA\u{1b}[0m", "\u{9b}31m", "\u{9d}0;x\u{9c}", "\u{8}", "\u{7f}", "\0", "[0K", "[31m",
    // Markdown and HTML.
    "`", "``", "```", "*", "**", "_", "~~", "# x", "> ", "- ", "1. ", "- [ ] ", "|", "||", "|---|", "\\", "![x](y)", "!",
    "[x](https://evil.example)", "[x]: https://evil.example", "[^1]", "<", ">", "&", "&lt;", "&#60;", "<br>", "</td>",
    "<img src=x onerror=y>", "<script>", "</details>", "<!--", "-->", "<?", "<![CDATA[", "https://evil.example", "www.",
    "Www.", "evil.example", "http", "//", "mailto:a@b.example", "<https://app.aerostack.dev/account/keys>", "a@b.example", "xmpp:", "@", "@team", "$x$", ":smile:",
    "(", ")", "\"", "'",
    // JSON and shells.
    "{", "}", "\\u0000", "/", "$(id)", "${x}", "&&", ".", "..", "…", "·", "⏎", "***",
];

/// What ends a line somewhere: in POSIX, the Unicode Standard (section 5.8, "Newline Guidelines") and Python.
#[rustfmt::skip]
const LINE_BREAKS: &[&str] =
    &["\n", "\r", "\r\n", "\n\r", "\u{85}", "\u{2028}", "\u{2029}", "\u{b}", "\u{c}", "\u{1c}", "\u{1e}"];

/// Characters that are not seen, of every kind.
#[rustfmt::skip]
const INVISIBLE: &[&str] = &[
    "\u{200b}", "\u{200d}", "\u{202e}", "\u{2066}", "\u{2069}", "\u{feff}", "\u{ad}", "\u{34f}", "\u{61c}", "\u{115f}",
    "\u{3164}", "\u{ffa0}", "\u{e0041}", "\u{e0100}", "\u{fe0f}", "\u{180e}", "\u{2061}",
];

/// White space, which readers trim.
const SPACES: &[&str] = &[" ", "  ", "\t", "\u{a0}", "\u{1680}", "\u{2003}", "\u{202f}", "\u{3000}"];

const WORDS: &[&str] = &["a", "index.ts", "größe", "日本語", "1.2.3", "e\u{301}", "👩\u{200d}💻", "pwned"];

/// Stands for the key in a generated text, which is generated before it.
pub(super) const KEY: &str = "\u{f8ff}";

/// Pieces of a text, at most.
const PIECES: usize = 10;

/// Longer than every limit of a text, in characters.
const LONG: usize = 6_000;

fn piece() -> impl Strategy<Value = String> {
    let chars = vec(any::<char>(), 1..4).prop_map(String::from_iter);
    let one_of = |list: &'static [&'static str]| select(list).prop_map(str::to_owned);
    prop_oneof![
        8 => one_of(SYNTAX),
        3 => one_of(LINE_BREAKS),
        2 => one_of(INVISIBLE),
        2 => one_of(SPACES),
        2 => one_of(WORDS),
        2 => chars,
        1 => Just(KEY.to_owned()),
    ]
}

/// A foreign text.
pub(super) fn text() -> BoxedStrategy<String> {
    let short = vec(piece(), 0..PIECES).prop_map(|pieces| pieces.concat());
    let long = vec(piece(), 1..4).prop_map(|pieces| {
        let text = pieces.concat();
        text.repeat(LONG / text.chars().count())
    });
    prop_oneof![200 => short, 1 => long].boxed()
}

/// A value that is usually in order.
fn value(plain: &'static str) -> BoxedStrategy<Option<String>> {
    prop_oneof![1 => Just(None), 2 => Just(Some(plain.to_owned())), 3 => text().prop_map(Some)].boxed()
}

/// A location: none, a file, or a place in a file with foreign text.
fn location() -> impl Strategy<Value = Option<Location>> {
    let parts = (text(), text(), any::<Index>(), 0_usize..9, any::<bool>());
    let place = parts.prop_map(|(file, content, start, length, is_searched)| {
        let start = start.index(content.len() + 1);
        let file = SourceFile::published(&file, content.as_str());
        if is_searched {
            file.show_without(Vec::new());
        }
        file.at(start..start + length)
    });
    option::of(prop_oneof![text().prop_map(Location::file), place])
}

fn finding() -> impl Strategy<Value = Finding> {
    (select(Code::ALL), text(), text(), location()).prop_map(|(code, message, hint, location)| Finding {
        location,
        ..Finding::new(code, message).with_hint(hint)
    })
}

/// One of few codes, and often of the same words.
fn alike() -> impl Strategy<Value = Finding> {
    let words = || prop_oneof![Just("`x` is <y>".to_owned()), text()];
    (select(vec![Code::MissingFile, Code::ReadmeMissing]), words(), words(), location()).prop_map(
        |(code, message, hint, location)| Finding { location, ..Finding::new(code, message).with_hint(hint) },
    )
}

/// Findings, now and then more than GitHub shows, or many of a kind.
pub(super) fn findings() -> BoxedStrategy<Vec<Finding>> {
    prop_oneof![17 => vec(finding(), 0..3), 1 => vec(finding(), 20..40), 2 => vec(alike(), 0..20)].boxed()
}

/// The outcome of a function, before it is sanitized.
pub(super) fn outcome() -> impl Strategy<Value = FunctionOutcome> {
    let sent_file = text().prop_map(|path| SentFile { path, bytes: 1, sha256: "0".repeat(64) });
    let words = (text(), value("greeter"), value("greeter"), value("1.1.0"), value("1.0.0"));
    let links = (value("fn_1"), value("https://hub.example/a"), value("https://app.example/a"));
    let release = select(vec![ReleaseType::First, ReleaseType::Minor, ReleaseType::None]);
    let facts = (select(Status::MOST_URGENT_FIRST.to_vec()), release, any::<bool>());
    let parts = (vec(sent_file, 0..3), findings(), option::of(text()), option::of(text()));
    (words, links, facts, parts).prop_map(|(words, links, facts, parts)| FunctionOutcome {
        directory: words.0,
        name: words.1,
        slug: words.2,
        version: words.3,
        previous_version: words.4,
        id: links.0,
        url: links.1,
        admin_url: links.2,
        release_type: facts.1,
        live: facts.2,
        digest: facts.2.then(|| format!("sha256:{}", "0".repeat(64))),
        files: parts.0,
        findings: parts.1,
        broken_code: parts.2.iter().cloned().collect(),
        advice: parts.2,
        request: parts.3,
        ..function("greeter", facts.0, &[])
    })
}

/// Keys, with what escapes and separators are made of.
pub(super) fn key() -> impl Strategy<Value = String> {
    let character = prop_oneof![6 => select(('a'..='z').collect::<Vec<_>>()), 1 => select("%:;,=]/+\"".chars().collect::<Vec<_>>())];
    vec(character, 8..24).prop_map(|characters| format!("ac_{}", String::from_iter(characters)))
}
