//! `docs/limits.md` lists every limit that users can meet, with the value that the program has.
//!
//! A limit is a constant named `MAX_…` or `MIN_…` anywhere in `src`. A row of the page names its constant in a comment
//! behind the value: `10 MiB <!-- function/files.rs: MAX_BYTES -->`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::{files_below, root};
use regex_lite::Regex;

/// Limits that no user can meet, and why.
const INTERNAL: [(&str, &str); 34] = [
    ("parallel.rs: MAX_THREADS", "a machine with more cores only takes longer"),
    ("function/code/worker.rs: MAX_DATA", "the memory is looked at long before"),
    ("decoded.rs: MAX_ENTITY_BYTES", "longer than any that it knows"),
    ("function/allowed.rs: MAX_SHOWN_CODE", "longer than any code"),
    ("echo.rs: MAX_PUBLIC_BYTES", "longer than the public part of any key"),
    ("echo.rs: MAX_UNITS", "follows from MIN_PART_BYTES"),
    ("function/secrets/scan.rs: MIN_BASE64_BYTES", "follows from MIN_SECRET_BYTES"),
    ("function/code/nesting.rs: MAX_OPERANDS", "longer sums are read as flat lists, with the same result"),
    (
        "function/manifest/json.rs: MAX_EXPLAINED_BYTES",
        "syntax errors in longer texts are only described in other words",
    ),
    ("function/manifest/fields.rs: MAX_CANDIDATES", "a renamed field among more is only not recognized"),
    ("function/secrets/findings.rs: MIN_PIECE_BYTES", "which lines of a private key are masked"),
    ("hub/body.rs: MAX_LARGE_REQUESTS", "the others wait"),
    ("hub/body.rs: MAX_SHARED_BYTES", "larger ones are read one at a time"),
    ("hub/attempt.rs: MIN_TIME", "less time is none"),
    ("hub/deadline.rs: MIN_UNIX_MILLIS", "tells milliseconds from seconds"),
    ("hub/deadline.rs: MIN_UNIX_TIME", "tells a moment from a number of seconds"),
    ("hub/http.rs: MAX_SEARCHED_BYTES", "longer responses are no message about a rate limit"),
    ("hub/certificate.rs: MAX_UNIX_TIME", "the last date that a certificate can name"),
    ("hub/tunnel.rs: MAX_STATUS_LINE", "enough for any status line"),
    ("hub/pace.rs: MAX_WAIT", "no run waits that long"),
    ("hub/pace.rs: MIN_JITTER", "spreads many jobs over time"),
    ("hub/attempt.rs: MAX_PAUSE_SHARE", "how the time for reading back is divided"),
    ("report/files.rs: MAX_EARLIER_BYTES", "no report is that large"),
    ("stdout.rs: MAX_FLUSH_TIME", "only a reader that does not read is waited for"),
    ("stdout.rs: MAX_LAST_TIME", "only a reader that does not read is waited for"),
    ("shared_findings.rs: MAX_NAMED", "the report has all of them"),
    ("function/secrets/heuristics.rs: MAX_PERIOD_CHARS", DETECTION),
    ("function/secrets/heuristics.rs: MAX_SEQUENCE_CHARS", DETECTION),
    ("function/secrets/heuristics.rs: MIN_ENTROPY", DETECTION),
    ("function/secrets/heuristics.rs: MIN_HEX_ENTROPY", DETECTION),
    ("function/secrets/heuristics.rs: MIN_KEY_LINE_CHARS", DETECTION),
    ("function/secrets/heuristics.rs: MIN_LONG_CHARS", DETECTION),
    ("function/secrets/heuristics.rs: MIN_PASSWORD_ENTROPY", DETECTION),
    ("function/secrets/heuristics.rs: MIN_SHORT_ENTROPY", DETECTION),
];

const DETECTION: &str = "tells a random text from an ordinary one: no number that a user could count";

/// Every limit in `src` as `FILE: NAME`, with its value in the source. Tests are left out.
fn limits_in_source() -> BTreeMap<String, String> {
    let constant = Regex::new(r"const (M(?:AX|IN)_[A-Z0-9_]+)\s*:[^=;]+=\s*([^;]+);").expect("a pattern");
    let source = root().join("src");
    let mut limits = BTreeMap::new();
    for path in files_below(&source, |folder| !folder.ends_with("tests")) {
        let text = std::fs::read_to_string(&path).expect("UTF-8");
        let code = text.split("#[cfg(test)]\n").next().unwrap_or_default();
        let file = path.strip_prefix(&source).expect("a path in src").display();
        for found in constant.captures_iter(code) {
            limits.insert(format!("{file}: {}", &found[1]), found[2].trim().to_owned());
        }
    }
    limits
}

/// The value of a constant in bytes, seconds or a count: numbers, other limits, `*`, `<<` and `Duration::from_…`.
fn value_of(expression: &str, file: &str, limits: &BTreeMap<String, String>) -> f64 {
    let value = |text: &str| value_of(text.trim(), file, limits);
    let product = |(left, right): (&str, &str)| value(left) * value(right);
    if let Some(inner) = expression.strip_prefix("Duration::from_").and_then(|rest| rest.strip_suffix(')')) {
        let (unit, number) = inner.split_once('(').expect("a unit and a number");
        return value(number) * seconds_in(unit.trim_end_matches('s')).expect("a unit of time");
    }
    if let Some(operands) = expression.split_once('*') {
        return product(operands);
    }
    if let Some((left, right)) = expression.split_once("<<") {
        return value(left) * value(right).exp2();
    }
    if let Some(other) = limits.get(&format!("{file}: {expression}")) {
        return value(other);
    }
    let number = expression.replace('_', "");
    number.parse().unwrap_or_else(|_| panic!("{file}: teach this test to read `{expression}`"))
}

fn seconds_in(unit: &str) -> Option<f64> {
    Some(match unit {
        "milli" | "millisecond" => 0.001,
        "sec" | "second" => 1.0,
        "min" | "minute" => 60.0,
        "hour" => 3_600.0,
        "day" => 86_400.0,
        _ => return None,
    })
}

/// A value as the page has it: `10 MiB`, `5 seconds`, `60 %`, `1,000 functions`, `at least 8 characters`.
fn value_on_page(text: &str) -> f64 {
    let text = text.strip_prefix("at least ").unwrap_or(text);
    let (number, unit) = text.split_once(' ').unwrap_or_else(|| panic!("`{text}` has no unit"));
    let number: f64 = number.replace(',', "").parse().unwrap_or_else(|_| panic!("`{text}` is not a value"));
    let factor = match unit {
        "KiB" => 1024.0,
        "MiB" => 1024.0 * 1024.0,
        "GiB" => 1024.0 * 1024.0 * 1024.0,
        "%" => 0.01,
        unit => seconds_in(unit.trim_end_matches('s')).unwrap_or(1.0),
    };
    number * factor
}

/// The rows of the page: `FILE: NAME`, and the value.
fn limits_on_page() -> BTreeMap<String, f64> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/limits.md");
    let page = std::fs::read_to_string(page).expect("docs/limits.md");
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| limited"));
    let mut limits = BTreeMap::new();
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 4, "{row}");
        assert!(cells.iter().all(|cell| !cell.is_empty()), "{row}");
        let comment = cells[1].strip_suffix(" -->").and_then(|cell| cell.split_once(" <!-- "));
        let (value, name) = comment.unwrap_or_else(|| panic!("the row names no constant: {row}"));
        let previous = limits.insert(name.to_owned(), value_on_page(value));
        assert!(previous.is_none(), "{name} has two rows");
    }
    limits
}

#[test]
fn the_page_has_every_limit_with_its_value_and_no_other() {
    let (source, page) = (limits_in_source(), limits_on_page());
    let is_internal = |name: &str| INTERNAL.iter().any(|(internal, _)| *internal == name);
    let mut differences = Vec::new();
    for (name, expression) in &source {
        let file = name.split(": ").next().unwrap_or_default();
        let difference = match page.get(name) {
            None if is_internal(name) => continue,
            None => format!("{name} = {expression} is missing in docs/limits.md and in INTERNAL"),
            Some(_) if is_internal(name) => format!("{name} is on the page and in INTERNAL"),
            Some(shown) => {
                let value = value_of(expression, file, &source);
                if (value - shown).abs() <= f64::EPSILON * value {
                    continue;
                }
                format!("{name} is {value}, and {shown} on the page")
            }
        };
        differences.push(difference);
    }
    let named = page.keys().map(String::as_str).chain(INTERNAL.iter().map(|(name, _)| *name));
    differences
        .extend(named.filter(|name| !source.contains_key(*name)).map(|name| format!("{name} is not in src")));
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
