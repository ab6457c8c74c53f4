//! The pictures in `docs/pictures` show what the program writes. Where a test here fails after a change, read the difference, then
//! make the pictures again: `scripts/pictures`.

use std::path::{Path, PathBuf};

use stand_in_hub::StandInHub;

use crate::snapshots::assert_snapshot_in;
use crate::support::{Run, Step};

/// Every picture, by the name of the text that it is made of.
const PICTURES: [&str; 4] =
    ["summary-published.snap", "summary-conflict.snap", "log-findings.snap", "demo.txt"];

/// Most bytes of a picture: a page with all of them loads fast.
const MAX_PICTURE: usize = 200_000;

/// Widths of a picture in pixels, of which there are two for each of the page: as wide as GitHub shows a README, at most.
const WIDTHS: std::ops::RangeInclusive<u32> = 1_600..=1_800;

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures")
}

#[track_caller]
fn assert_shown(name: &str, text: &str) {
    assert_snapshot_in("../../docs/pictures", name, text);
}

/// Code that uses one more package.
fn with_zod(step: Step) -> Step {
    step.edit("index.ts", "import { Hono }", "import { z } from 'zod';\nimport { Hono }").edit(
        "index.ts",
        "const DEFAULT_QUALITY = 85;",
        "const DEFAULT_QUALITY = z.number().parse(85);",
    )
}

/// `image-resizer` with changed code, of which 1.0.0 is published.
fn changed(hub: &StandInHub) -> Step {
    let published = Step::example().hub(hub).run();
    assert_eq!(published.exit_code, 0, "{}", published.stdout);
    Step::example()
        .edit("index.ts", "const LONGEST_SIDE = 4096;", "const LONGEST_SIDE = 2048;")
        .hub(hub)
        .github()
        .env("GITHUB_SERVER_URL", "https://github.com")
        .env("GITHUB_REPOSITORY", "acme/functions")
        .env("GITHUB_SHA", "0123abc")
}

fn summary_of(run: Run, exit_code: i32) -> String {
    assert_eq!(run.exit_code, exit_code, "{}", run.stdout);
    run.summary
}

#[test]
fn the_summary_of_a_success_is_the_one_in_the_picture() {
    let hub = StandInHub::start();
    let step = changed(&hub).edit("aerostack.json", "\"1.0.0\"", "\"1.0.1\"");
    assert_shown("summary-published", &summary_of(step.run(), 0));
}

#[test]
fn the_summary_of_a_conflict_is_the_one_in_the_picture() {
    let hub = StandInHub::start();
    let step = with_zod(changed(&hub));
    assert_shown("summary-conflict", &summary_of(step.run(), 1));
    assert_eq!(hub.publishes().len(), 1, "only the first version was sent");
}

#[test]
fn the_log_with_findings_is_the_one_in_the_picture() {
    let hub = StandInHub::start();
    let step = Step::example()
        .edit("aerostack.json", "\"media\"", "\"medai\"")
        .edit("index.ts", "import { Hono }", "import { cached } from './cache';\nimport { Hono }")
        .edit("index.ts", "return fetch(source,", "return cached(source,");
    let step = with_zod(step);
    let run = step.hub(&hub).env("FORCE_COLOR", "1").run();
    assert_eq!(run.exit_code, 1, "{}", run.stdout);
    assert_shown("log-findings", &run.stdout);
    assert!(hub.requests().is_empty());
}

/// A big-endian number in a picture.
fn number(picture: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(picture[at..at + 4].try_into().expect("four bytes"))
}

#[test]
fn every_picture_is_there_in_light_and_dark_and_was_made_of_its_text() {
    let mut expected = Vec::new();
    for source in PICTURES {
        let text = std::fs::read_to_string(directory().join(source)).expect("the text");
        let (name, _) = source.split_once('.').expect("an extension");
        expected.push(source.to_owned());
        for scheme in ["light", "dark"] {
            let file = format!("{name}-{scheme}.png");
            let picture =
                std::fs::read(directory().join(&file)).unwrap_or_else(|cause| panic!("{file}: {cause}"));
            assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n"), "{file}");
            assert!(picture.len() < MAX_PICTURE, "{file}: {} bytes", picture.len());
            assert!(WIDTHS.contains(&number(&picture, 16)), "{file}: {} wide", number(&picture, 16));
            // `scripts/pictures` keeps the text in the picture (PNG, "iTXt").
            let has_text = picture.windows(text.len()).any(|part| part == text.as_bytes());
            assert!(has_text, "{file} was made of another text: run scripts/pictures");
            expected.push(file);
        }
    }
    let found = directory().read_dir().expect("a directory");
    let mut found: Vec<_> =
        found.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
    // What a failed test leaves to compare with; Git ignores it.
    found.retain(|name| !name.ends_with(".snap.new"));
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}
