//! The inputs: both spellings, every default, and every way to get one wrong, told in one go.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use stand_in_hub::{DEFAULT_KEY, StandInHub};

use crate::judged::{published, published_with, refused_with};
use crate::support::{CODE, MANIFEST, Run, Step};

const NAMES: [&str; 15] = [
    "api-key",
    "directory",
    "publish",
    "dry-run",
    "on-existing",
    "strategy",
    "allow-create",
    "username",
    "tag-check",
    "strict",
    "api-url",
    "timeout",
    "report",
    "dotenv",
    "code-quality",
];

/// The variable that GitHub makes of an input: dashes stay.
fn github_variable(name: &str) -> String {
    format!("INPUT_{}", name.to_uppercase())
}

fn variable(name: &str) -> String {
    format!("AEROSTACK_{}", name.to_uppercase().replace('-', "_"))
}

/// Refused for one bad input; its message and hint as one text.
#[track_caller]
fn bad(step: Step) -> String {
    let run = refused_with(2, step, "INVALID_INPUT");
    told(&run, "INVALID_INPUT")
}

fn told(run: &Run, code: &str) -> String {
    let finding = run.finding(code);
    format!(
        "{}\n{}",
        finding["message"].as_str().unwrap_or_default(),
        finding["hint"].as_str().unwrap_or_default()
    )
}

/// How many publishes a Hub got from a step that knows how to reach it.
fn sent(step: &Step, hub: &StandInHub) -> usize {
    let before = hub.publishes().len();
    let run = step.run();
    assert_eq!((run.exit_code, run.codes()), (0, vec![]), "{}", run.stdout);
    hub.publishes().len() - before
}

#[test]
fn every_input_is_read_in_both_spellings_and_the_refusal_names_the_variable() {
    for (name, value) in [
        ("publish", "yes"),
        ("dry-run", "yes"),
        ("on-existing", "replace"),
        ("strategy", "any"),
        ("allow-create", "yes"),
        ("username", "a/b"),
        ("tag-check", "on"),
        ("strict", "yes"),
        ("api-url", "nowhere"),
        ("timeout", "soon"),
        ("directory", "[x"),
        ("report", "aerostack.json/x"),
        ("dotenv", "aerostack.json/x"),
        ("code-quality", "aerostack.json/x"),
        ("api-key", "ac_a b"),
    ] {
        for variable in [github_variable(name), variable(name)] {
            let hub = StandInHub::start();
            let run = Step::plain().hub(&hub).env(&variable, value).env("GITHUB_ACTIONS", "true").run();
            assert_eq!(run.exit_code, 2, "{variable}: {}", run.stdout);
            assert!(run.stdout.contains("INVALID_INPUT"), "{variable}: {}", run.stdout);
            let from = format!("`{variable}`");
            let has_no_variable = ["directory", "report", "dotenv", "code-quality"].contains(&name);
            assert!(has_no_variable || run.stdout.contains(&from), "{from}: {}", run.stdout);
            assert!(run.stdout.contains(&format!("`{name}`")), "{name}: {}", run.stdout);
            assert!(hub.requests().is_empty());
        }
    }
}

#[test]
fn githubs_spelling_wins() {
    let hub = StandInHub::start();
    let step = Step::plain()
        .env("INPUT_API-KEY", DEFAULT_KEY)
        .env("AEROSTACK_API_KEY", "ac_another_key_that_nobody_knows")
        .env("INPUT_API-URL", hub.url())
        .env("AEROSTACK_API_URL", "http://127.0.0.1:9")
        .env("INPUT_PUBLISH", "false")
        .env("AEROSTACK_PUBLISH", "nonsense");
    assert_eq!(sent(&step, &hub), 1);
    assert_eq!(hub.publishes()[0]["publish"], false);
}

#[test]
fn an_empty_string_is_unset() {
    let hub = StandInHub::start();
    let mut step = Step::plain().hub(&hub);
    for name in NAMES {
        step = step.env(&github_variable(name), "");
    }
    assert_eq!(sent(&step, &hub), 1);
    let mut step = Step::plain().edit("aerostack.json", "1.0.0", "2.0.0");
    for name in NAMES.iter().filter(|name| **name != "report") {
        step = step.env(&variable(name), "");
    }
    step = step.env("INPUT_API-KEY", DEFAULT_KEY).env("INPUT_API-URL", hub.url());
    assert_eq!(sent(&step, &hub), 1);
}

#[test]
fn blanks_around_the_key_are_removed_with_a_warning() {
    for key in [format!("{DEFAULT_KEY}\n"), format!(" {DEFAULT_KEY}"), format!("\r\n\t{DEFAULT_KEY}\r\n")] {
        let hub = StandInHub::start();
        let run = Step::plain().hub(&hub).input("api-key", &key).run();
        assert_eq!((run.exit_code, run.codes()), (0, vec!["KEY_BLANKS"]), "{}", run.stdout);
        assert_eq!(run.finding("KEY_BLANKS")["severity"], "warning");
        assert!(told(&run, "KEY_BLANKS").contains("`AEROSTACK_API_KEY`"));
        let posted = hub.requests().into_iter().find(|request| request.method == "POST").expect("a publish");
        assert_eq!(posted.header("x-api-key"), Some(DEFAULT_KEY));
    }
}

#[test]
fn a_key_of_blanks_alone_is_no_key() {
    let hub = StandInHub::start();
    let run = Step::plain().hub(&hub).input("api-key", " \n").run();
    assert_eq!((run.exit_code, run.codes()), (2, vec!["KEY_BLANKS", "MISSING_KEY"]), "{}", run.stdout);
    assert!(hub.requests().is_empty());
}

#[test]
fn a_key_of_another_kind_is_a_warning_and_the_hub_decides() {
    let hub = StandInHub::builder().account("ak_old_style_key_0123", "alice").start();
    let run = Step::plain().hub(&hub).input("api-key", "ak_old_style_key_0123").run();
    assert_eq!((run.exit_code, run.codes()), (0, vec!["KEY_PREFIX"]), "{}", run.stdout);
    assert_eq!(run.finding("KEY_PREFIX")["severity"], "warning");
    assert!(told(&run, "KEY_PREFIX").contains("`ac_`"));
    assert!(!run.stdout.contains("old_style"), "{}", run.stdout);
    let run = Step::plain().hub(&hub).input("api-key", "ak_old_style_key_0123").input("strict", "true").run();
    assert_eq!((run.exit_code, hub.publishes().len()), (2, 1), "{}", run.stdout);
}

#[test]
fn a_key_that_no_header_can_carry_is_refused_and_not_shown() {
    for (key, reason) in [
        ("ac_first_half\nac_second_half", "line break"),
        ("ac_first_half\rac_second_half", "line break"),
        ("ac_first_half ac_second_half", "blank"),
        ("ac_first_half\tac_second_half", "blank"),
        ("ac_first_half_ü_second_half", "ASCII"),
        ("ac_first_half\u{7f}_second_half", "ASCII"),
        ("ac_first_half\u{200b}_second_half", "ASCII"),
    ] {
        let hub = StandInHub::start();
        let run = Step::plain().hub(&hub).input("api-key", key).run();
        assert_eq!((run.exit_code, run.codes()), (2, vec!["INVALID_INPUT"]), "{}", run.stdout);
        assert!(told(&run, "INVALID_INPUT").contains(reason), "{}", run.stdout);
        let shown = format!("{}{}{}", run.stdout, run.stderr, run.report);
        assert!(!shown.contains("first_half") && !shown.contains("second_half"), "{shown}");
        assert!(hub.requests().is_empty());
    }
}

#[test]
fn without_a_key_nothing_is_sent() {
    let hub = StandInHub::start();
    let step = Step::plain().hub(&hub).unset("AEROSTACK_API_KEY");
    let run = step.run();
    assert_eq!((run.exit_code, run.codes()), (2, vec!["MISSING_KEY"]), "{}", run.stdout);
    assert!(hub.requests().is_empty());
    let run = step.input("dry-run", "true").run();
    assert_eq!((run.exit_code, run.codes()), (0, vec!["NOT_COMPARED"]), "{}", run.stdout);
    assert_eq!(run.finding("NOT_COMPARED")["severity"], "notice");
    assert_eq!(run.statuses(), ["dry-run"]);
    assert!(hub.requests().is_empty());
}

#[test]
fn without_a_key_the_functions_own_faults_are_told_too() {
    let hub = StandInHub::start();
    let step = Step::plain().edit("aerostack.json", "utility", "medai").hub(&hub).unset("AEROSTACK_API_KEY");
    let run = step.run();
    assert_eq!((run.exit_code, run.codes()), (2, vec!["MISSING_KEY", "INVALID_CATEGORY"]), "{}", run.stdout);
    assert!(hub.requests().is_empty());
}

#[test]
fn booleans_are_the_six_words_of_yaml_and_nothing_else() {
    for (word, is_dry) in
        [("true", true), ("True", true), ("TRUE", true), ("false", false), ("False", false), ("FALSE", false)]
    {
        let hub = StandInHub::start();
        assert_eq!(
            sent(&Step::plain().hub(&hub).input("dry-run", word), &hub),
            usize::from(!is_dry),
            "{word}"
        );
        let hub = StandInHub::start();
        assert_eq!(sent(&Step::plain().hub(&hub).input("publish", word), &hub), 1);
        assert_eq!(hub.publishes()[0]["publish"], is_dry, "{word}");
    }
    for name in ["dry-run", "strict", "allow-create"] {
        for word in
            ["1", "0", "yes", "no", "on", "off", "t", "tRUE", " true", "true ", "\"true\"", "null", "-"]
        {
            let told = bad(Step::plain().input(name, word));
            for allowed in
                ["`true`", "`True`", "`TRUE`", "`false`", "`False`", "`FALSE`", &format!("`{name}`")]
            {
                assert!(told.contains(allowed), "{told}");
            }
        }
    }
}

#[test]
fn words_are_exactly_the_listed_ones_and_a_near_one_is_asked_back() {
    for (name, slip, meant, all) in [
        ("publish", "atuo", "auto", vec!["true", "false", "auto"]),
        ("publish", "Auto", "auto", vec!["true", "false", "auto"]),
        ("on-existing", "skipp", "skip", vec!["auto", "skip", "fail"]),
        ("on-existing", "Fail", "fail", vec!["auto", "skip", "fail"]),
        ("strategy", "upgrades", "upgrade", vec!["upgrade", "all"]),
        ("tag-check", "required", "require", vec!["auto", "require", "off"]),
        ("strict", "ture", "true", vec!["true", "false"]),
    ] {
        let told = bad(Step::plain().input(name, slip));
        assert!(told.contains(&format!("did you mean `{meant}`?")), "{told}");
        assert!(told.contains(&format!("`{slip}`")) && told.contains(&variable(name)), "{told}");
        assert!(all.iter().all(|word| told.contains(&format!("`{word}`"))), "{told}");
    }
    assert!(!bad(Step::plain().input("strategy", "whatever")).contains("did you mean"));
}

#[test]
fn every_bad_input_is_told_in_one_run_beside_the_functions_own_faults() {
    let hub = StandInHub::start();
    let mut step = Step::plain().edit("aerostack.json", "utility", "medai").hub(&hub);
    let bad = [
        "publish",
        "dry-run",
        "on-existing",
        "strategy",
        "allow-create",
        "tag-check",
        "strict",
        "timeout",
        "username",
    ];
    for name in bad {
        step = step.input(name, "?");
    }
    let run = step.run();
    assert_eq!(run.exit_code, 2);
    let codes = run.codes();
    assert_eq!(codes.iter().filter(|code| **code == "INVALID_INPUT").count(), bad.len(), "{}", run.stdout);
    assert_eq!(codes.len(), bad.len() + 1);
    assert_eq!(codes.last(), Some(&"INVALID_CATEGORY"));
    for name in bad {
        assert!(
            run.stdout.contains(&format!("`{name}`")) && run.stdout.contains(&variable(name)),
            "{}",
            run.stdout
        );
    }
    assert!(hub.requests().is_empty());
}

#[test]
fn a_variable_that_is_nearly_an_input_is_a_warning_without_its_value() {
    for (name, meant) in [
        ("AEROSTACK_DRYRUN", "AEROSTACK_DRY_RUN"),
        ("AEROSTACK_DRY-RUN", "AEROSTACK_DRY_RUN"),
        ("aerostack_dry_run", "AEROSTACK_DRY_RUN"),
        ("AEROSTACK_APIKEY", "AEROSTACK_API_KEY"),
        ("AEROSTACK_DIRECTORYS", "AEROSTACK_DIRECTORY"),
        ("INPUT_DRY_RUN", "INPUT_DRY-RUN"),
        ("INPUT_TIMEOUTS", "INPUT_TIMEOUT"),
    ] {
        let (run, _) = published_with(Step::plain().env(name, "hush-hush"), &["UNKNOWN_INPUT"]);
        let told = told(&run, "UNKNOWN_INPUT");
        assert!(told.contains(&format!("`{name}`")) && told.contains(&format!("`{meant}`")), "{told}");
        assert_eq!(run.finding("UNKNOWN_INPUT")["severity"], "warning");
        assert!(!run.stdout.contains("hush-hush"), "{}", run.stdout);
    }
    refused_with(2, Step::plain().env("AEROSTACK_DRYRUN", "true").input("strict", "true"), "UNKNOWN_INPUT");
}

#[test]
fn a_near_miss_whose_value_is_not_text_is_a_warning_too() {
    published_with(Step::plain().env("AEROSTACK_APIKEY", not_utf8()), &["UNKNOWN_INPUT"]);
}

#[test]
fn variables_of_others_and_our_own_outputs_are_left_alone() {
    let mut step = Step::plain();
    for name in [
        "PUBLISHED",
        "STATUS",
        "NAME",
        "SLUG",
        "VERSION",
        "PREVIOUS_VERSION",
        "RELEASE_TYPE",
        "ID",
        "URL",
        "ADMIN_URL",
        "DIGEST",
    ] {
        step = step.env(&format!("AEROSTACK_{name}"), "x");
    }
    for name in [
        "AEROSTACK_PROJECT_ID",
        "AEROSTACK_ENVIRONMENT",
        "AEROSTACK_HOME",
        "AEROSTACK_TOKEN",
        "AEROSTACK_",
        "AEROSTACK",
        "INPUT_",
        "INPUT_NAME",
        "INPUT_BINARY",
        "INPUT_FETCH-DEPTH",
        "INPUT_TOKEN",
        "AERO_DRY_RUN",
        "DRY_RUN",
        "MY_AEROSTACK_DRYRUN",
    ] {
        step = step.env(name, "x");
    }
    published(step);
}

#[test]
fn the_hubs_address_is_https_or_this_machine() {
    for address in [
        "http://hub.example",
        "http://localhost.example",
        "http://127.0.0.1.example",
        "http://0.0.0.0",
        "http://10.0.0.1",
        "http://[::]",
        "http://[::ffff:10.0.0.1]",
        "ftp://localhost",
        "file:///etc/passwd",
        "//api.aerostack.dev",
        "api.aerostack.dev",
        "https://",
        "https://?",
        "javascript:alert(1)",
    ] {
        let told = told_of_address(address);
        assert!(told.contains("`api-url`") && told.contains("AEROSTACK_API_URL"), "{told}");
    }
    assert!(told_of_address("http://hub.example").contains("loopback"));
}

/// What a run tells of an address that it refuses.
#[track_caller]
fn told_of_address(address: &str) -> String {
    let run = Step::plain().input("api-key", DEFAULT_KEY).input("api-url", address).run();
    assert_eq!((run.exit_code, run.codes()), (2, vec!["INVALID_INPUT"]), "{address}: {}", run.stdout);
    told(&run, "INVALID_INPUT")
}

#[test]
fn an_address_with_more_than_an_address_is_refused_and_not_shown() {
    for address in [
        "https://user:hush-hush@hub.example",
        "https://hush-hush@hub.example",
        "http://user:hush-hush@127.0.0.1:9",
        "https://hub.example/?key=hush-hush",
        "https://hub.example/#hush-hush",
    ] {
        let run = Step::plain().input("api-key", DEFAULT_KEY).input("api-url", address).run();
        assert_eq!((run.exit_code, run.codes()), (2, vec!["INVALID_INPUT"]), "{}", run.stdout);
        assert!(!run.stdout.contains("hush-hush"), "{}", run.stdout);
    }
}

#[test]
fn the_hub_may_be_reached_by_every_name_of_this_machine_and_below_a_path() {
    let hub = StandInHub::start();
    let port = hub.url().rsplit(':').next().expect("a port").to_owned();
    for (version, address) in
        [("1.0.0", "http://localhost"), ("1.0.1", "HTTP://LOCALHOST"), ("1.0.2", "http://127.1")]
    {
        let step = Step::plain().edit("aerostack.json", "1.0.0", version).hub(&hub);
        assert_eq!(sent(&step.input("api-url", &format!("{address}:{port}/")), &hub), 1, "{address}");
    }
    let below =
        Step::plain().hub(&hub).input("api-url", &format!("{}/prefix", hub.url())).input("timeout", "5");
    assert_ne!(below.run().exit_code, 0);
    assert!(hub.requests().iter().any(|request| request.path == "/prefix/api/community/functions/my"));
}

#[test]
fn a_timeout_is_whole_seconds_of_at_most_a_day() {
    for good in ["1", "120", "86400"] {
        published(Step::plain().input("timeout", good));
    }
    for wrong in ["0", "-1", "86401", "1.5", "60s", "1e3", " 60", "99999999999999999999", "inf"] {
        let told = bad(Step::plain().input("timeout", wrong));
        assert!(told.contains("from 1 to 86400") && told.contains(&format!("`{wrong}`")), "{told}");
    }
}

#[test]
fn a_user_name_is_one_part_of_an_address() {
    for wrong in ["a/b", "..", ".", "@", "a b", "a?b", "a#b", "a%2fb", "a\\b", "a\n"] {
        bad(Step::plain().input("username", wrong));
    }
    for good in ["alice", "@alice", "a-b_c.d", "ünal"] {
        published(Step::plain().input("username", good));
    }
}

#[test]
fn a_long_value_is_cut() {
    let told = bad(Step::plain().input("strategy", &"x".repeat(100_000)));
    assert!(told.len() < 400 && told.contains("xxx…"), "{}", told.len());
}

#[test]
fn a_value_of_several_lines_starts_no_command() {
    let hub = StandInHub::start();
    let run = Step::plain().github().hub(&hub).input("strategy", "a\n::error::b\n##[error]c").run();
    assert_eq!((run.exit_code, run.codes()), (2, vec!["INVALID_INPUT"]), "{}", run.stdout);
    assert!(run.stdout.lines().all(|line| !line.trim_start().starts_with("::error::b")), "{}", run.stdout);
    assert!(!run.stdout.contains("##["), "{}", run.stdout);
    assert!(hub.requests().is_empty());
}

/// A value that is not UTF-8.
fn not_utf8() -> OsString {
    OsString::from_vec(b"tru\xff".to_vec())
}

#[test]
fn a_value_that_is_not_utf8_is_refused_by_its_variable() {
    for name in NAMES.iter().filter(|name| **name != "api-key" && **name != "api-url" && **name != "report") {
        for variable in [github_variable(name), variable(name)] {
            let told = bad(Step::plain().env(&variable, not_utf8()));
            assert!(told.contains(&format!("`{variable}`")) && told.contains("UTF-8"), "{told}");
        }
    }
    // What would win is not passed over, and a key that can't be read is not a key that is missing.
    for name in ["api-key", "api-url"] {
        let told = bad(Step::plain().env(&github_variable(name), not_utf8()));
        assert!(told.contains(&format!("`{}`", github_variable(name))), "{told}");
    }
    let hub = StandInHub::start();
    let run = Step::plain().hub(&hub).env("INPUT_REPORT", not_utf8()).run();
    assert_eq!(run.exit_code, 2);
    assert!(run.stdout.contains("input `report` (from `INPUT_REPORT`) is not UTF-8"), "{}", run.stdout);
    assert!(hub.requests().is_empty());
}

#[test]
fn variables_of_others_need_not_be_utf8() {
    published(Step::plain().env("OTHER", not_utf8()).env("AEROSTACK_OTHER", not_utf8()));
    published(Step::plain().github().env("GITHUB_ACTOR", not_utf8()));
}

#[test]
fn a_report_that_cannot_be_written_is_refused_before_anything_is_sent() {
    for name in ["report", "dotenv", "code-quality"] {
        for path in [".", "functions", "index.ts/report", "/proc/no/such/place"] {
            let hub = StandInHub::start();
            let run = Step::plain().file("functions/x", "").hub(&hub).input(name, path).run();
            assert_eq!(run.exit_code, 2, "{path}: {}", run.stdout);
            assert!(
                run.stdout.contains("INVALID_INPUT") && run.stdout.contains(&format!("`{name}`")),
                "{}",
                run.stdout
            );
            assert!(hub.requests().is_empty());
        }
    }
}

#[test]
fn reports_are_written_where_they_are_asked_for() {
    let step = Step::plain().input("dotenv", "out/deep/a.env").input("code-quality", "out/q.json");
    let hub = StandInHub::start();
    let step = step.file("out/q.json", "something older and much longer than an empty list").hub(&hub);
    assert_eq!(step.run().exit_code, 0);
    let dotenv = std::fs::read_to_string(step.path("out/deep/a.env")).expect("a dotenv report");
    assert!(dotenv.contains("AEROSTACK_PUBLISHED=true\n"), "{dotenv}");
    let quality = std::fs::read_to_string(step.path("out/q.json")).expect("a Code Quality report");
    assert!(
        serde_json::from_str::<serde_json::Value>(&quality).is_ok_and(|json| json.is_array()),
        "{quality}"
    );
}

#[test]
fn strict_makes_errors_of_warnings() {
    let tags = MANIFEST.replace("\"MIT\",", "\"MIT\",\n  \"tags\": [\"a\", \"a\"],");
    let step = || Step::empty().function(".", &tags, CODE);
    published_with(step(), &["DUPLICATE_TAG"]);
    published_with(step().input("strict", "false"), &["DUPLICATE_TAG"]);
    refused_with(1, step().input("strict", "true"), "DUPLICATE_TAG");
}

#[test]
fn help_lists_every_input_output_and_exit_code() {
    for argument in ["--help", "-h"] {
        let run = Step::empty().run_with(&[argument]);
        assert_eq!((run.exit_code, run.stderr.as_str()), (0, ""));
        let lines: Vec<_> = run.stdout.lines().map(str::trim).collect();
        let described = |name: &str| lines.iter().any(|line| line.starts_with(&format!("{name} ")));
        for name in NAMES {
            assert!(described(name), "{name}: {}", run.stdout);
        }
        for name in [
            "published",
            "status",
            "name",
            "slug",
            "version",
            "previous-version",
            "release-type",
            "id",
            "url",
            "admin-url",
            "digest",
            "result",
        ] {
            assert!(described(name), "{name}: {}", run.stdout);
        }
        for code in ["0", "1", "2", "3", "4"] {
            assert!(described(code), "{code}: {}", run.stdout);
        }
        for (name, default) in [
            ("directory", "."),
            ("publish", "true"),
            ("dry-run", "false"),
            ("on-existing", "auto"),
            ("strategy", "upgrade"),
            ("allow-create", "true"),
            ("tag-check", "auto"),
            ("strict", "false"),
            ("api-url", "https://api.aerostack.dev"),
            ("timeout", "120"),
        ] {
            let line = lines.iter().find(|line| line.starts_with(&format!("{name} "))).expect(name);
            assert!(line.contains(&format!("[default: {default}]")), "{line}");
        }
    }
}

#[test]
fn version_is_the_packages() {
    for argument in ["--version", "-V"] {
        let run = Step::empty().run_with(&[argument]);
        let expected = concat!("aerostack-publish ", env!("CARGO_PKG_VERSION"), "\n");
        assert_eq!((run.exit_code, run.stdout.as_str()), (0, expected));
    }
}

#[test]
fn other_arguments_are_refused_and_nothing_is_sent() {
    let hub = StandInHub::start();
    for arguments in
        [&["publish"][..], &["--dry-run"], &[""], &["--help", "--version"], &["--help", "x"], &["--"], &["."]]
    {
        let run = Step::plain().hub(&hub).run_with(arguments);
        assert_eq!(run.exit_code, 2, "{arguments:?}");
        assert!(run.stderr.contains("`--help`") && run.stdout.is_empty(), "{}", run.stderr);
    }
    assert!(hub.requests().is_empty());
}

#[test]
fn without_an_address_the_real_hub_is_meant() {
    let run = Step::plain().input("dry-run", "true").run();
    assert_eq!(run.exit_code, 0, "{}", run.stdout);
    assert!(
        run.stdout.contains("POST https://api.aerostack.dev/api/community/functions/ci/publish"),
        "{}",
        run.stdout
    );
}
