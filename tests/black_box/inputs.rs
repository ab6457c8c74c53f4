//! Inputs: where they are read from, and that an invalid one is refused before anything is sent.
//!
//! The grammar of each input, the key's and the near misses are unit tests of `src/settings`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use aerostack_publish::settings::inputs::INPUTS;
use stand_in_hub::{DEFAULT_KEY, StandInHub};

use crate::assertions::{published, published_with, refused_with};
use crate::fixtures::{manifest_with, severity, words};
use crate::support::{CODE, MANIFEST, Run, Step, variable};

/// The variable that GitHub makes of an input: dashes stay.
fn github_variable(name: &str) -> String {
    format!("INPUT_{}", name.to_uppercase())
}

/// Refused for one invalid input; its message and hint as one text.
#[track_caller]
fn invalid(step: Step) -> String {
    let run = refused_with(2, step, "INVALID_INPUT");
    words(&run, "INVALID_INPUT")
}

/// Runs without a finding; how many publishes the Hub got.
#[track_caller]
fn sent(step: &Step, hub: &StandInHub) -> usize {
    let before = hub.publishes().len();
    let run = step.run();
    assert_eq!((run.exit_code, run.codes()), (0, vec![]), "{}", run.stdout);
    hub.publishes().len() - before
}

/// Refused before the Hub was asked, whether there is a report or not: with `INVALID_INPUT` in the log, naming this.
#[track_caller]
fn refused_in_the_log(step: Step, named: &str) -> Run {
    let hub = StandInHub::start();
    let run = step.hub(&hub).run();
    assert_eq!(run.exit_code, 2, "{}", run.stdout);
    assert!(run.stdout.contains("INVALID_INPUT") && run.stdout.contains(named), "{named}: {}", run.stdout);
    assert!(hub.requests().is_empty());
    run
}

#[test]
fn an_invalid_word_is_refused_with_the_allowed_ones_and_nothing_is_sent() {
    for (name, value, suggestion) in
        [("on-existing", "skipp", "did you mean `skip`?"), ("strict", "yes", "`FALSE`")]
    {
        for variable in [github_variable(name), variable(name)] {
            let words = invalid(Step::plain().env(&variable, value));
            let start = format!("input `{name}` (from `{variable}`) is `{value}`: ");
            assert!(words.starts_with(&start) && words.contains(suggestion), "{words}");
        }
    }
}

#[test]
fn an_invalid_url_user_name_or_timeout_is_refused_and_nothing_is_sent() {
    assert!(invalid(Step::plain().input("username", "a/b")).contains("`username`"));
    assert!(invalid(Step::plain().input("timeout", "soon")).contains("from 1 to 86400"));
    for (url, reason) in
        [("http://hub.example", "loopback"), ("https://user:hush-hush@hub.example", "not shown")]
    {
        let run = Step::plain().input("api-key", DEFAULT_KEY).input("api-url", url).run();
        assert_eq!((run.exit_code, run.codes()), (2, vec!["INVALID_INPUT"]), "{url}: {}", run.stdout);
        assert!(words(&run, "INVALID_INPUT").contains(reason), "{}", run.stdout);
        assert!(!run.stdout.contains("hush-hush"), "{}", run.stdout);
    }
}

#[test]
fn a_report_that_cannot_be_written_is_refused_before_anything_is_sent() {
    for name in ["report", "dotenv", "code-quality"] {
        for path in [".", "functions", "index.ts/report", "/proc/no/such/place"] {
            let step = Step::plain().file("functions/x", "").input(name, path);
            refused_in_the_log(step, &format!("`{name}`"));
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
    let empty = |step: Step, variable: fn(&str) -> String| {
        let names = INPUTS.iter().map(|input| input.name).filter(|name| *name != "report");
        names.fold(step, |step, name| step.env(&variable(name), ""))
    };
    assert_eq!(sent(&empty(Step::plain(), github_variable).hub(&hub), &hub), 1);
    let step = empty(Step::plain().edit("aerostack.json", "1.0.0", "2.0.0"), variable);
    let step = step.env("INPUT_API-KEY", DEFAULT_KEY).env("INPUT_API-URL", hub.url());
    assert_eq!(sent(&step.env("INPUT_REPORT", ""), &hub), 1);
}

#[test]
fn the_key_is_sent_without_the_whitespace_around_it() {
    let key = format!("\r\n\t{DEFAULT_KEY}\r\n");
    let hub = StandInHub::start();
    let run = Step::plain().hub(&hub).input("api-key", &key).run();
    assert_eq!((run.exit_code, run.codes()), (0, vec!["KEY_BLANKS"]), "{}", run.stdout);
    assert_eq!(run.finding("KEY_BLANKS")["severity"], "warning");
    let posted = hub.requests().into_iter().find(|request| request.method == "POST").expect("a publish");
    assert_eq!(posted.header("x-api-key"), Some(DEFAULT_KEY));
}

#[test]
fn a_key_of_whitespace_alone_is_no_key_and_nothing_is_sent() {
    let hub = StandInHub::start();
    let run = Step::plain().hub(&hub).input("api-key", " \n").run();
    assert_eq!((run.exit_code, run.codes()), (2, vec!["MISSING_KEY", "KEY_BLANKS"]), "{}", run.stdout);
    assert!(hub.requests().is_empty());
}

#[test]
fn only_the_key_of_a_project_is_a_warning_and_refused_with_strict() {
    for (key, codes) in [
        ("ac_account_key_0123", vec![]),
        ("ak_account_key_0123", vec![]),
        ("another_key_0123456", vec![]),
        ("pk_project_key_0123", vec!["KEY_PREFIX"]),
    ] {
        let hub = StandInHub::builder().account(key, "alice").start();
        let run = Step::plain().hub(&hub).input("api-key", key).run();
        assert_eq!((run.exit_code, run.codes()), (0, codes.clone()), "{}", run.stdout);
        assert!(!run.stdout.contains(&key[3..]), "{}", run.stdout);
        let sent = hub.requests().len();
        let run = Step::plain().hub(&hub).input("api-key", key).input("strict", "true").run();
        assert_eq!(run.exit_code, if codes.is_empty() { 0 } else { 2 }, "{}", run.stdout);
        assert_eq!(hub.requests().len() > sent, codes.is_empty());
    }
}

/// What CI systems leave in the place of a secret that they do not know.
const PLACEHOLDERS: [&str; 12] = [
    "$(AEROSTACK_API_KEY)",
    "$AEROSTACK_API_KEY",
    "${AEROSTACK_API_KEY}",
    "${{ secrets.AEROSTACK_API_KEY }}",
    "${{secrets.KEY}}",
    "%AEROSTACK_API_KEY%",
    "%env.KEY%",
    "***",
    "**********",
    "\"$(AEROSTACK_API_KEY)\"",
    "'***'",
    " $KEY\n",
];

#[test]
fn a_placeholder_is_no_key_and_is_never_sent() {
    for placeholder in PLACEHOLDERS {
        for name in ["INPUT_API-KEY", "AEROSTACK_API_KEY"] {
            let hub = StandInHub::builder().account(placeholder.trim(), "alice").start();
            let step = || Step::plain().hub(&hub).unset("AEROSTACK_API_KEY").env(name, placeholder);
            let run = step().run();
            assert_eq!(
                (run.exit_code, run.codes()),
                (2, vec!["MISSING_KEY"]),
                "{placeholder}: {}",
                run.stdout
            );
            let finding = words(&run, "MISSING_KEY");
            assert!(finding.contains(name) && finding.contains("was not replaced"), "{finding}");
            assert_eq!(severity(&run, "MISSING_KEY"), "error");
            assert!(hub.requests().is_empty());

            let run = step().input("dry-run", "true").input("strict", "true").run();
            assert_eq!(
                (run.exit_code, run.codes()),
                (0, vec!["MISSING_KEY", "NOT_COMPARED"]),
                "{}",
                run.stdout
            );
            assert_eq!(severity(&run, "MISSING_KEY"), "notice");
            assert!(words(&run, "MISSING_KEY").contains("was not replaced"), "{}", run.stdout);
            assert!(run.stdout.contains("X-API-Key: (no key)"), "{}", run.stdout);
            let run = step().input("dry-run", "true").input("username", "alice").run();
            assert_eq!((run.exit_code, run.codes()), (0, vec!["MISSING_KEY"]), "{}", run.stdout);
            assert!(hub.requests().iter().all(|request| request.header("x-api-key").is_none()));
        }
    }
}

#[test]
fn a_placeholder_is_no_secret() {
    let code = "/********************/\nexport const a = 'see $AEROSTACK_API_KEY';\n";
    for placeholder in ["********", "$AEROSTACK_API_KEY"] {
        let step =
            Step::plain().file("index.ts", code).file("README.md", "Set `$AEROSTACK_API_KEY`.\n").github();
        let run = step.input("dry-run", "true").input("api-key", placeholder).run();
        assert_eq!((run.exit_code, run.codes()), (0, vec!["MISSING_KEY", "NOT_COMPARED"]), "{}", run.stdout);
        assert!(!run.stdout.contains("::add-mask::"), "{}", run.stdout);
    }
}

#[test]
fn a_key_in_quotes_is_explained_and_neither_sent_nor_shown() {
    for quoted in ["\"KEY\"", "'KEY'", "`KEY`", "“KEY”", "\"KEY", "KEY'", " \"KEY\"\n"] {
        let key = quoted.replace("KEY", "ac_key_in_quotes_0123");
        for dry_run in ["false", "true"] {
            let hub = StandInHub::builder().account("ac_key_in_quotes_0123", "alice").start();
            // The name of a directory repeats the key without its quotes.
            let step = Step::empty().function("ac_key_in_quotes_0123", MANIFEST, CODE).hub(&hub).github();
            let step = step.input("directory", "ac_key_in_quotes_0123").input("dry-run", dry_run);
            let run = step.input("api-key", &key).run();
            assert_eq!((run.exit_code, run.codes()), (2, vec!["INVALID_INPUT"]), "{quoted}: {}", run.stdout);
            assert!(words(&run, "INVALID_INPUT").contains("in quotes"), "{}", run.stdout);
            assert!(hub.requests().is_empty());
            let lines = run.stdout.lines().filter(|line| !line.starts_with("::add-mask::"));
            let shown = lines.collect::<String>() + &run.stderr + &run.summary + &run.output_file;
            assert!(!shown.contains("key_in_quotes"), "{shown}");
            assert!(!run.report.to_string().contains("key_in_quotes"), "{}", run.report);
        }
    }
}

#[test]
fn a_key_that_no_header_can_hold_is_refused_and_not_shown() {
    let hub = StandInHub::start();
    let run = Step::plain().hub(&hub).input("api-key", "ac_first_half\nac_second_half").run();
    assert_eq!((run.exit_code, run.codes()), (2, vec!["INVALID_INPUT"]), "{}", run.stdout);
    let shown = format!("{}{}{}", run.stdout, run.stderr, run.report);
    assert!(!shown.contains("first_half") && !shown.contains("second_half"), "{shown}");
    assert!(hub.requests().is_empty());
}

#[test]
fn without_a_key_only_a_dry_run_is_possible_and_nothing_is_sent() {
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
fn every_invalid_input_is_reported_in_one_run_with_the_errors_of_the_function() {
    let hub = StandInHub::start();
    let step = Step::plain().edit("aerostack.json", "utility", "medai").hub(&hub);
    let run = step.input("publish", "?").input("timeout", "?").unset("AEROSTACK_API_KEY").run();
    let expected = vec!["INVALID_INPUT", "INVALID_INPUT", "MISSING_KEY", "INVALID_CATEGORY"];
    assert_eq!((run.exit_code, run.codes()), (2, expected), "{}", run.stdout);
    assert!(hub.requests().is_empty());
}

#[test]
fn a_misspelled_input_is_a_warning_without_its_value_and_refused_with_strict() {
    let (run, _) = published_with(Step::plain().env("AEROSTACK_DRYRUN", "hush-hush"), &["UNKNOWN_INPUT"]);
    assert_eq!(run.finding("UNKNOWN_INPUT")["severity"], "warning");
    let words = words(&run, "UNKNOWN_INPUT");
    assert!(words.contains("`AEROSTACK_DRYRUN`") && words.contains("`AEROSTACK_DRY_RUN`"), "{words}");
    assert!(!run.stdout.contains("hush-hush"), "{}", run.stdout);
    published_with(Step::plain().env("AEROSTACK_APIKEY", not_utf8()), &["UNKNOWN_INPUT"]);
    refused_with(2, Step::plain().env("AEROSTACK_DRYRUN", "true").input("strict", "true"), "UNKNOWN_INPUT");
}

#[test]
fn the_hub_is_reached_by_every_name_of_this_machine_and_below_a_path() {
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
fn without_a_url_the_real_hub_is_used() {
    let run = Step::plain().input("dry-run", "true").run();
    assert_eq!(run.exit_code, 0, "{}", run.stdout);
    let url = "POST https://api.aerostack.dev/api/community/functions/ci/publish";
    assert!(run.stdout.contains(url), "{}", run.stdout);
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
fn a_value_that_is_not_utf8_is_refused_and_nothing_is_sent() {
    // All in one run: a process for each input would show nothing more.
    let all = INPUTS.iter().map(|input| github_variable(input.name));
    let step = all.clone().fold(Step::plain(), |step, variable| step.env(&variable, not_utf8()));
    let run = refused_in_the_log(step, "INPUT_");
    for (input, variable) in INPUTS.iter().zip(all) {
        let message = format!("input `{}` (from `{variable}`) is not UTF-8", input.name);
        assert!(run.stdout.contains(&message), "{message}: {}", run.stdout);
    }
}

#[test]
fn variables_of_other_tools_may_have_any_value() {
    let step = Step::plain().github().env("GITHUB_ACTOR", not_utf8()).env("AEROSTACK_OTHER", not_utf8());
    published(step.env("AEROSTACK_PROJECT_ID", "x").env("AEROSTACK_PUBLISHED", "true"));
}

#[test]
fn reports_are_written_to_the_paths_in_the_inputs() {
    let step = Step::plain().input("dotenv", "out/deep/a.env").input("code-quality", "out/q.json");
    let hub = StandInHub::start();
    let step = step.file("out/q.json", "something older and much longer than an empty list").hub(&hub);
    assert_eq!(step.run().exit_code, 0);
    let dotenv = std::fs::read_to_string(step.path("out/deep/a.env")).expect("a dotenv report");
    assert!(dotenv.contains("AEROSTACK_PUBLISHED=true\n"), "{dotenv}");
    let quality = std::fs::read_to_string(step.path("out/q.json")).expect("a Code Quality report");
    serde_json::from_str::<Vec<serde_json::Value>>(&quality).expect("an array");
}

#[test]
fn strict_makes_errors_of_warnings() {
    let manifest = manifest_with(&serde_json::json!({"tags": ["a", "a"]})).to_string();
    let step = || Step::empty().function(".", &manifest, CODE);
    published_with(step(), &["DUPLICATE_TAG"]);
    refused_with(1, step().input("strict", "true"), "DUPLICATE_TAG");
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
fn help_has_a_short_form() {
    let [long, short] = ["--help", "-h"].map(|argument| Step::empty().run_with(&[argument]));
    assert_eq!((long.exit_code, long.stderr.as_str()), (0, ""));
    assert_eq!((short.exit_code, short.stdout), (0, long.stdout));
}
