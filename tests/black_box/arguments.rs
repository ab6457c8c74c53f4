//! Arguments: none but `--help` and `--version` is taken, and any other is answered with the variable that means it.

use aerostack_publish::settings::inputs::INPUTS;
use stand_in_hub::StandInHub;

use crate::support::{Step, variable};

/// What a run with these arguments answers. Nothing is sent.
#[track_caller]
fn refused(arguments: &[&str]) -> String {
    let hub = StandInHub::start();
    let run = Step::plain().hub(&hub).run_with(arguments);
    assert_eq!((run.exit_code, run.stdout.as_str()), (2, ""), "{arguments:?}: {}", run.stderr);
    assert!(hub.requests().is_empty(), "{arguments:?}");
    assert!(run.stderr.contains("`--help`") && run.stderr.lines().count() == 1, "{}", run.stderr);
    run.stderr
}

#[test]
fn every_input_as_an_option_is_answered_with_its_variable() {
    for input in &INPUTS {
        let is_boolean = matches!(input.default, Some("true" | "false"));
        let alone = if is_boolean { "true" } else { "…" };
        let given = if input.name == "api-key" { "…" } else { "false" };
        let name = input.name;
        for (arguments, value) in [
            (&[format!("--{name}")][..], alone),
            (&[format!("-{name}")], alone),
            (&[format!("--{}", name.replace('-', "_"))], alone),
            (&[format!("--{name}=false")], given),
            (&[format!("--{name}"), "false".to_owned()], given),
            (&[format!("{}=false", variable(name))], given),
            (&[format!("INPUT_{}=false", name.to_uppercase())], given),
        ] {
            let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
            let answer = refused(&arguments);
            let command = format!("run `{}={value} aerostack-publish`", variable(name));
            assert!(answer.contains(&command), "{arguments:?}: {answer}");
        }
    }
}

#[test]
fn several_options_are_answered_with_one_command() {
    for (arguments, assignments) in [
        (
            &["--dry-run", "--directory", "functions/*"][..],
            "AEROSTACK_DRY_RUN=true AEROSTACK_DIRECTORY=functions/*",
        ),
        (&["--publish=false", "--strict"], "AEROSTACK_PUBLISH=false AEROSTACK_STRICT=true"),
        (&["--no-dry-run", "--no-allow-create"], "AEROSTACK_DRY_RUN=false AEROSTACK_ALLOW_CREATE=false"),
        (&["--publish", "auto", "--timeout", "60"], "AEROSTACK_PUBLISH=auto AEROSTACK_TIMEOUT=60"),
        (&["--directory", "--strict"], "AEROSTACK_DIRECTORY=… AEROSTACK_STRICT=true"),
        // For a shell, these would not be the values alone.
        (&["--directory=a b"], "AEROSTACK_DIRECTORY=…"),
        (&["--report", "$(id)"], "AEROSTACK_REPORT=…"),
        (&["--report", "a;b"], "AEROSTACK_REPORT=…"),
        (&["--report="], "AEROSTACK_REPORT=…"),
        // Never without the dry run that was asked for.
        (&["--dry-run", "functions/a"], "AEROSTACK_DRY_RUN=true AEROSTACK_DIRECTORY=…"),
        (&["functions/a", "--dry-run"], "AEROSTACK_DIRECTORY=… AEROSTACK_DRY_RUN=true"),
    ] {
        let answer = refused(arguments);
        assert!(
            answer.contains(&format!("run `{assignments} aerostack-publish`")),
            "{arguments:?}: {answer}"
        );
    }
}

#[test]
fn a_key_that_is_an_argument_is_not_shown() {
    const KEY: &str = "ac_secret_0123456789";
    for arguments in [
        &["--api-key", KEY][..],
        &["--api-key=ac_secret_0123456789"],
        &["--key", KEY],
        &["--key=ac_secret_0123456789"],
        &["--username", KEY],
        &["--dry-run", KEY],
        &["--token=ac_secret_0123456789"],
        &[KEY],
        &["-ac_secret_0123456789"],
    ] {
        let answer = refused(arguments);
        assert!(!answer.contains("secret") && !answer.contains("0123"), "{answer}");
        assert!(answer.contains("revoke a key"), "{answer}");
    }
    for arguments in
        [&["--token=0123456789abcdef"][..], &["-k", "0123456789abcdef"], &["-H", "X-API-Key: ac_0"]]
    {
        assert!(refused(arguments).contains("revoke a key"), "{arguments:?}");
    }
    assert!(!refused(&["--dry-run"]).contains("revoke a key"));
}

#[test]
fn an_unknown_option_is_answered_with_the_nearest_variable() {
    for (argument, name) in [
        ("--dryrun", "dry-run"),
        ("--dry-runs", "dry-run"),
        ("--dir=x", "directory"),
        ("--directories", "directory"),
        ("--key", "api-key"),
        ("--url", "api-url"),
        ("--user", "username"),
        ("-n", "dry-run"),
        ("--check", "dry-run"),
        ("--token=x", "api-key"),
        ("--no-directory", "directory"),
        ("--draft", "publish"),
        ("--time-out", "timeout"),
        ("--reports", "report"),
        ("--on-exist", "on-existing"),
    ] {
        let answer = refused(&[argument]);
        let expected = format!("did you mean the variable `{}`?", variable(name));
        let is_known = answer.contains(&format!("run `{}=", variable(name)));
        assert!(answer.contains(&expected) || is_known, "{argument}: {answer}");
    }
}

#[test]
fn a_path_is_answered_with_the_variable_for_directories() {
    for argument in [".", "functions/greeter", "./functions/*", "C:\\greeter"] {
        let answer = refused(&[argument]);
        assert!(answer.contains("run `AEROSTACK_DIRECTORY=… aerostack-publish`"), "{answer}");
    }
}

#[test]
fn anything_else_is_answered_with_all_variables() {
    // A word is no option: nobody is told to publish live.
    assert!(!refused(&["publish"]).contains("run `"));
    for arguments in [&[""][..], &["--"], &["-"], &["--verbose"], &["--help", "--version"], &["--help", "x"]]
    {
        let answer = refused(arguments);
        let is_named = |input: &str| answer.contains(&variable(input));
        assert!(INPUTS.iter().all(|input| is_named(input.name)), "{arguments:?}: {answer}");
        assert!(answer.contains("`--version`"), "{answer}");
    }
}

#[test]
fn help_ends_with_an_example_that_runs() {
    let help = Step::empty().run_with(&["--help"]).stdout;
    let [.., title, command] = help.lines().collect::<Vec<_>>()[..] else { panic!("{help}") };
    assert!(title.starts_with("EXAMPLE"), "{help}");
    let (assignment, program) = command.trim().split_once(' ').expect("a command");
    let (name, value) = assignment.split_once('=').expect("an assignment");
    assert_eq!(program, "aerostack-publish");
    let hub = StandInHub::start();
    let run = Step::plain().hub(&hub).env(name, value).run();
    assert_eq!((run.exit_code, hub.publishes().len()), (0, 0), "{}", run.stdout);
    assert!(run.stdout.contains("dry-run") || run.stdout.contains("dry run"), "{}", run.stdout);
}
