//! Messages that `docs/troubleshooting.md` quotes are those of the program, of the action and of the npm package.

use aerostack_publish::finding::Code;

use crate::documentation::{document, section, table};
use crate::support::{files_below, root};

/// Sections whose messages are of the program, and of other files.
const PROGRAM: [&str; 4] = ["Inputs and the key", "Directories", "Versions", "The Hub"];
const OTHERS: [(&str, &str); 2] =
    [("The action", "action/install.sh"), ("npm", "npm/aerostack-publish/launcher.js")];

/// The text of every source file, with strings that continue on the next line joined.
fn source() -> String {
    let files = files_below(&root().join("src"), |_| true);
    let text: String = files.iter().map(|path| std::fs::read_to_string(path).expect("a text")).collect();
    let lines: Vec<_> = text.split("\\\n").collect();
    lines.iter().map(|line| line.trim_start()).collect()
}

/// The parts of a quoted message between what differs: each must be in a source.
fn parts(message: &str) -> impl Iterator<Item = &str> {
    let message = message.split(" (exit code ").next().unwrap_or_default();
    message.split(['…', ':']).map(|part| part.trim_matches([' ', ',', '.'])).filter(|part| !part.is_empty())
}

#[test]
fn every_quoted_message_is_in_the_source() {
    let page = document("docs/troubleshooting.md");
    let source = source();
    let mut quoted = 0;
    let mut check = |heading: &str, source: &str| {
        for row in table(section(&page, heading)) {
            assert!(parts(row[0]).next().is_some(), "{row:?}");
            for part in parts(row[0]) {
                assert!(source.contains(part), "`{part}` of `{}`", row[0]);
            }
            quoted += 1;
        }
    };
    for heading in PROGRAM {
        check(heading, &source);
    }
    // Shell scripts and templates of JavaScript escape what Markdown does not.
    for (heading, file) in OTHERS {
        check(heading, &document(file).replace("\\`", "`"));
    }
    assert!(quoted > 30, "{quoted}");
}

#[test]
fn every_code_in_the_tables_links_to_its_section() {
    let page = document("docs/troubleshooting.md");
    let linked = page.split("](findings.md#").skip(1).filter_map(|rest| rest.split(')').next());
    // Other headings have hyphens.
    let linked: Vec<_> = linked.filter(|anchor| !anchor.contains('-')).collect();
    assert!(linked.len() > 20, "{linked:?}");
    for anchor in linked {
        assert!(Code::ALL.iter().any(|code| code.name().to_lowercase() == anchor), "{anchor}");
        let name = anchor.to_uppercase();
        assert!(page.contains(&format!("[`{name}`](findings.md#{anchor})")), "{anchor}");
    }
}
