//! The command line, and how a run ends.

use std::path::Path;

use serde_json::Value;
use stand_in_hub::{DEFAULT_KEY, StandInHub};

use crate::support::{probe, run, seeded};

#[test]
fn help_names_every_option_and_exit_code() {
    let run = run(&[], &["--help"]);
    assert_eq!((run.exit_code, run.stderr.as_str()), (Some(0), ""));
    for words in [
        "--username",
        "--function",
        "--record",
        "--wrong-key",
        "--draft",
        "--existing",
        "--replay",
        "AEROSTACK_API_KEY",
        "AEROSTACK_API_URL",
        "/api/v1/cli/validate",
        "never publishes",
        "  0  ",
        "  1  ",
        "  2  ",
        "  3  ",
        "  4  ",
        "  5  ",
    ] {
        assert!(run.stdout.contains(words), "{words}");
    }
}

#[cfg(unix)]
#[test]
fn a_key_that_is_not_utf_8_is_refused() {
    use std::os::unix::ffi::OsStrExt as _;

    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_hub-probe"));
    let key = std::ffi::OsStr::from_bytes(b"ac_\xff_0123");
    let output = command.env_clear().env("AEROSTACK_API_KEY", key).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "hub-probe: `AEROSTACK_API_KEY` is not UTF-8\n");
}

type Variables<'v> = &'v [(&'v str, &'v str)];

#[test]
fn wrong_calls_ask_nothing() {
    let hub = StandInHub::start();
    let url = hub.url();
    let (key, address) = (("AEROSTACK_API_KEY", DEFAULT_KEY), ("AEROSTACK_API_URL", url.as_str()));
    let all = [key, address];
    let cases: [(Variables<'_>, &[&str], &str); 12] = [
        (&[address], &[], "there is no key: set `AEROSTACK_API_KEY`"),
        (&[("AEROSTACK_API_KEY", "two words"), address], &[], "contains whitespace"),
        (&[key, ("AEROSTACK_API_URL", "http://hub.example")], &[], "would send the key unencrypted"),
        (&[key, ("AEROSTACK_API_URL", "hub")], &[], "not a URL"),
        (&all, &["--publish"], "--publish"),
        (&all, &["--draft", "Not A Slug"], "not a slug"),
        (&all, &["--draft", "my-function"], "`my-function` may be in use"),
        (&all, &["--draft", "hub-probe"], "or allow it with `--existing`"),
        (&all, &["--username", "a/b"], "not a user name"),
        (&all, &["--existing"], "`--existing` is for `--draft NAME`"),
        (&all, &["--replay", "x.json", "--draft", "a"], "`--replay` asks no Hub"),
        (&all, &["file"], "file"),
    ];
    for (variables, arguments, reason) in cases {
        let run = run(variables, arguments);
        assert_eq!((run.exit_code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(run.stderr.contains(reason), "{reason}: {}", run.stderr);
        assert!(!run.stderr.contains(DEFAULT_KEY), "{}", run.stderr);
    }
    assert_eq!(hub.requests(), []);
}

#[test]
fn a_hub_that_does_not_respond_ends_with_4() {
    let address = StandInHub::start().url();
    let run = run(
        &[("AEROSTACK_API_KEY", DEFAULT_KEY), ("AEROSTACK_API_URL", &address)],
        &["--draft", "hub-probe-a"],
    );
    assert_eq!(run.exit_code, Some(4), "{}", run.stderr);
    assert!(run.stdout.contains("no response: it could not be reached"), "{}", run.stdout);
}

#[test]
fn what_is_wrong_with_the_key_or_the_address_is_named() {
    let dead = StandInHub::start().url();
    let hub = seeded(StandInHub::start());
    let failing = seeded(StandInHub::start());
    failing.fault_always(stand_in_hub::Route::My, stand_in_hub::Fault::status(500));
    let (url, below, failing) = (hub.url(), format!("{}/api/community", hub.url()), failing.url());
    for (key, address, code, reason) in [
        ("ac_unknown_key_0123456789", &url, 2, "the Hub rejected the key with 401".to_owned()),
        (DEFAULT_KEY, &below, 2, format!("did you mean `AEROSTACK_API_URL={url}`")),
        (DEFAULT_KEY, &dead, 4, "is not reachable".to_owned()),
        (DEFAULT_KEY, &failing, 4, "with 500".to_owned()),
    ] {
        let run = run(&[("AEROSTACK_API_KEY", key), ("AEROSTACK_API_URL", address)], &[]);
        assert_eq!(run.exit_code, Some(code), "{reason}: {}", run.stderr);
        assert!(run.stderr.contains(&reason), "{reason}: {}", run.stderr);
        assert!(!run.stdout.contains("the client handles every response"), "{}", run.stdout);
    }
}

#[test]
fn a_recording_that_cannot_be_written_or_read_ends_with_3() {
    let hub = seeded(StandInHub::start());
    let run = probe(&hub, &["--record", "/nowhere/recording.json"]);
    assert_eq!(run.exit_code, Some(3));
    assert!(run.stdout.contains("list-place: functions"), "{}", run.stdout);
    let newer = r#"{"format": 2, "hub": "other", "key_prefix": "ac_", "exchanges": [], "answers": {}}"#;
    let cases = [("{}", "missing field"), ("no", "expected"), (newer, "its format is 2, and 1 is known")];
    for (content, reason) in cases {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        let run = crate::support::run(&[], &["--replay", file.path().to_str().unwrap()]);
        assert_eq!(run.exit_code, Some(3));
        assert!(run.stderr.contains(reason), "{}", run.stderr);
    }
}

#[test]
fn what_the_probe_needs_is_no_part_of_a_release() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |path: &str| {
        std::fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    };
    assert!(read("src/lib.rs").contains("#[cfg(feature = \"probe\")]\npub mod probing;"));
    let arguments = ["metadata", "--locked", "--no-deps", "--format-version", "1"];
    let output =
        std::process::Command::new(env!("CARGO")).args(arguments).current_dir(&root).output().unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "aerostack-publish").unwrap();
    assert_eq!(package["features"], serde_json::json!({ "probe": [] }));
    assert_eq!(
        metadata["workspace_default_members"].as_array().unwrap().len(),
        1,
        "the package of a release"
    );
    for path in [".github/workflows/release.yml", "Dockerfile", "action/install.sh", "scripts/release"] {
        let text = read(path);
        let mut builds = text.lines().filter(|line| line.contains("cargo build"));
        assert!(builds.all(|line| !line.contains("features") && !line.contains("workspace")), "{path}");
    }
}
