//! What a summary is to say of a run, worked out again from its findings.

use super::case::Written;
use super::markdown;
use super::plain::plain;
use crate::finding::{Finding, Severity};
use crate::outcome::FunctionOutcome;
use crate::text;

/// The forge's view of the files of a [`Case`].
const FILES_URL: &str = "https://forge.example/a/b/blob/0123";

/// The page that a summary links wherever a message names it.
const KEYS_PAGE: &str = "https://app.aerostack.dev/account/keys";

/// Longer lists are folded.
const UNFOLDED: usize = 5;

/// A text without the brackets around the page that is a link.
fn plain_with_page(text: &str) -> String {
    plain(text).replace(&format!("<{KEYS_PAGE}>"), KEYS_PAGE)
}

/// What a summary is to show of a text.
fn summarized(text: &str) -> String {
    plain_with_page(&text::shorten(&text::clean_line(text), 500))
}

/// A row of a summary as it is to be: its text up to where a long list is cut, and its links.
#[derive(Default)]
struct Row {
    code: &'static str,
    severity: &'static str,
    problem: String,
    location: String,
    links: Vec<String>,
}

/// Where a finding is, as a summary shows it, and the link there.
fn place(finding: &Finding, directory: Option<&str>) -> Option<(String, Option<String>)> {
    let shortened = |text: &str| text::shorten(&text::clean_line(text), 500);
    let Some(location) = &finding.location else {
        return directory.map(|directory| (shortened(directory), None));
    };
    let number = location.span().map(|span| span.line);
    let after = |mark| number.map_or(String::new(), |number| format!("{mark}{number}"));
    let [shown, anchor] = [":", "#L"].map(after);
    let link = (!location.file.starts_with('/')).then(|| format!("{FILES_URL}/{}{anchor}", location.file));
    Some((shortened(&location.file) + &shown, link))
}

/// The rows of the findings of these severities: one for each text, or for each code that many functions have.
fn expected_rows(written: &Written, severities: &[Severity]) -> Vec<Row> {
    let functions = &written.outcome.functions;
    let of_functions = functions
        .iter()
        .flat_map(|it| it.findings.iter().map(|finding| (finding, Some(it.directory.as_str()))));
    let found: Vec<_> =
        written.outcome.findings.iter().map(|finding| (finding, None)).chain(of_functions).collect();
    let mut rows = Vec::new();
    for severity in severities {
        let of_severity: Vec<_> = found.iter().filter(|(it, _)| it.severity == *severity).copied().collect();
        for kind in same(&of_severity, |(one, _), (other, _)| one.code == other.code) {
            let variants = same(&kind, |(one, _), (other, _)| {
                (&one.message, &one.hint) == (&other.message, &other.hint)
            });
            let number = |kind: &[(&Finding, Option<&str>)]| {
                let mut directories: Vec<_> = kind.iter().filter_map(|(_, directory)| *directory).collect();
                directories.sort_unstable();
                directories.dedup();
                directories.len()
            };
            let is_one = number(&kind) > 1 && variants.len() > UNFOLDED;
            for variant in if is_one { vec![kind] } else { variants } {
                let (first, _) = variant[0];
                let places = variant
                    .iter()
                    .map(|(finding, directory)| place(finding, directory.filter(|_| functions.len() > 1)));
                let places: Vec<_> = places.collect();
                let text = |place: &Option<(String, _)>| {
                    place.as_ref().map_or(String::new(), |(shown, _)| plain_with_page(shown))
                };
                let mut row =
                    Row { code: first.code.name(), severity: severity.row().word, ..Row::default() };
                row.problem = summarized(&first.message) + &summarized(&first.hint);
                row.links.push(first.code.url());
                if is_one {
                    row.location = text(&places[0]);
                    row.problem += &plain(&format!(
                        "{} more, in {}",
                        variant.len() - 1,
                        text::count(number(&variant[1..]), "function")
                    ));
                    for ((finding, _), place) in variant.iter().zip(&places).skip(1) {
                        let hint = if finding.hint == first.hint { "" } else { &finding.hint };
                        row.problem += &(text(place) + &summarized(&finding.message) + &summarized(hint));
                    }
                } else {
                    let places: Vec<_> = places.iter().filter(|place| place.is_some()).collect();
                    let places = same(&places, PartialEq::eq);
                    if places.len() > UNFOLDED {
                        row.location = match number(&variant) {
                            0 | 1 => format!("{}places", places.len()),
                            number if number == places.len() => format!("{number}functions"),
                            number => format!("{}placesin{number}functions", places.len()),
                        };
                    }
                    row.location += &places.iter().map(|same| text(same[0])).collect::<String>();
                    if !places.is_empty() && variant.len() > places.len() {
                        row.location += &plain(&format!("{} times", variant.len()));
                    }
                }
                let linked: Vec<_> = places.into_iter().flatten().filter_map(|(_, link)| link).collect();
                let once = same(&linked, PartialEq::eq).into_iter().map(|same| same[0].clone());
                row.links.extend(if is_one { linked.clone() } else { once.collect() });
                rows.push(row);
            }
        }
    }
    rows
}

/// The items that are the same in a way, in the order in which the first of each was seen.
fn same<T: Clone>(items: &[T], is_same: impl Fn(&T, &T) -> bool) -> Vec<Vec<T>> {
    let mut groups: Vec<Vec<T>> = Vec::new();
    for item in items {
        match groups.iter_mut().find(|group| is_same(&group[0], item)) {
            Some(group) => group.push(item.clone()),
            None => groups.push(vec![item.clone()]),
        }
    }
    groups
}

/// The text and the links of a summary are those of the run.
#[track_caller]
pub(super) fn assert_summary(written: &Written) {
    let page = markdown::read(&written.summary);
    let outcome = &written.outcome;
    assert!(!page.heading.is_empty());
    if let Some(function) = outcome.only_function() {
        let title = summarized(&function.title());
        assert!(plain_with_page(&page.heading).contains(&title), "{title} in {}", page.heading);
    }
    let is_cut =
        ["more in the log.", "The summary is cut here"].iter().any(|note| written.summary.contains(note));
    let rows = |table: &str| {
        page.rows.iter().filter(|(name, _)| name == table).map(|(_, cells)| cells).collect::<Vec<_>>()
    };
    let mut links = Vec::new();
    for (table, severities) in [("Problem", &Severity::ALL[..2]), ("Notice", &Severity::ALL[2..])] {
        let (rows, expected) = (rows(table), expected_rows(written, severities));
        assert!(rows.len() == expected.len() || is_cut, "{} of {} in {table}", rows.len(), expected.len());
        for (row, expected) in rows.iter().zip(expected) {
            assert_eq!((row[2].as_str(), row.len()), (expected.code, 4));
            assert!(row[0].ends_with(expected.severity), "{row:?}");
            for (cell, expected) in [(&row[1], expected.problem), (&row[3], expected.location)] {
                let shown = plain_with_page(cell);
                let cut = shown.split_once("moreinthelog.");
                let start = cut.map(|(shown, _)| shown.trim_end_matches(|c: char| c.is_ascii_digit()));
                let is_it = start.map_or(shown == expected, |start| expected.starts_with(start));
                assert!(is_it, "{shown}\n{expected}");
            }
            links.extend(expected.links);
        }
    }
    let functions = &outcome.functions;
    if functions.len() > 1 {
        let name =
            |function: &FunctionOutcome| function.written_name.clone().unwrap_or(function.directory.clone());
        let mut expected: Vec<_> = functions.iter().map(|function| summarized(&name(function))).collect();
        let mut found: Vec<_> = rows("Function").iter().map(|row| plain_with_page(&row[1])).collect();
        expected.sort();
        found.sort();
        assert!(found == expected || is_cut, "{found:?}, {expected:?}");
    }
    let of_function = |function: &FunctionOutcome| {
        function.url.iter().chain(&function.admin_url).cloned().collect::<Vec<_>>()
    };
    let of_functions = functions.iter().flat_map(of_function).collect::<Vec<_>>();
    let (pages, found): (Vec<_>, Vec<_>) = page.links.iter().partition(|link| *link == KEYS_PAGE);
    for link in &found {
        let is_ours = [link.as_str(), &markdown::decoded(link)]
            .iter()
            .any(|link| links.iter().chain(&of_functions).any(|ours| ours == link));
        assert!(is_ours, "{link} is none of {links:?}");
    }
    assert!(pages.len() <= written.summary.matches("account/keys)").count());
    assert!(found.len() <= links.len() + of_functions.len() && (found.len() >= links.len() || is_cut));
    let sent = functions.iter().filter(|it| it.status.row().is_sent);
    let broken: Vec<_> =
        sent.flat_map(|function| &function.broken_code).map(|line| summarized(line)).collect();
    let items: Vec<_> = page.items.iter().map(|item| plain_with_page(item)).collect();
    assert!(items == broken || is_cut, "{items:?}, {broken:?}");
    let files = functions
        .iter()
        .filter(|it| it.status.row().is_sent)
        .map(|function| function.files.len())
        .sum::<usize>();
    assert!(rows("File").len() == files || is_cut);
}
