//! The summary as a reader skims it: the heading, what is wrong, and where to click.

use serde_json::json;
use stand_in_hub::{Fault, Route, StandInHub};

use crate::fixtures::{
    OTHER_CODE, body, functions, greeter, hub_with, manifest_with, manifest_with_field, names,
};
use crate::sinks::run_with_reports;
use crate::support::{CODE, Run, Step};

/// The page where account keys are made.
const KEYS: &str = "](https://app.aerostack.dev/account/keys)";

/// The first line.
fn heading(run: &Run) -> &str {
    run.summary.lines().next().unwrap_or_default()
}

/// The rows of a severity.
fn rows<'r>(run: &'r Run, severity: &str) -> Vec<&'r str> {
    run.summary
        .lines()
        .filter(|line| line.split(" | ").next().is_some_and(|it| it.ends_with(severity)))
        .collect()
}

/// A change of a step.
type Change = fn(Step) -> Step;

/// A change of one function of a step.
type ChangeOne = fn(Step, &String) -> Step;

#[test]
fn the_heading_says_what_became_of_the_only_function() {
    const LICENSE: Change = |step| step.edit("aerostack.json", "MIT", "MTI");
    const NONE: Change = |step| step;
    for (version, publish, dry_run, change, expected) in [
        ("1.3.0", "true", "false", NONE, "## ✅ Published greeter 1.3.0"),
        ("1.3.0", "false", "false", NONE, "## 📝 Saved greeter 1.3.0 as a draft"),
        ("1.2.0", "true", "false", NONE, "## 🟰 greeter 1.2.0 is already live"),
        ("1.3.0", "true", "true", NONE, "## 🔍 Dry run: would publish greeter 1.3.0"),
        ("1.3.0", "false", "true", NONE, "## 🔍 Dry run: would save greeter 1.3.0 as a draft"),
        ("1.2.0", "true", "true", NONE, "## 🟰 Dry run: greeter 1.2.0 is already live"),
        ("1.3.0", "true", "false", LICENSE, "## ❌ greeter 1.3.0 was not published"),
        ("1.3.0", "false", "false", LICENSE, "## ❌ greeter 1.3.0 was not saved as a draft"),
        ("1.3.0", "true", "true", LICENSE, "## ❌ Dry run: would not publish greeter 1.3.0"),
        ("1.3.0", "false", "true", LICENSE, "## ❌ Dry run: would not save greeter 1.3.0 as a draft"),
    ] {
        let hub = hub_with(&["1.2.0"]);
        let run = change(greeter(version))
            .hub(&hub)
            .github()
            .input("publish", publish)
            .input("dry-run", dry_run)
            .run();
        assert_eq!(heading(&run), expected, "{}", run.stdout);
    }
    let hub = StandInHub::start();
    hub.seed("alice", body("greeter", "1.2.0", OTHER_CODE));
    let run = greeter("1.2.0").hub(&hub).github().input("on-existing", "skip").run();
    assert_eq!(heading(&run), "## 🟰 greeter 1.2.0 is already published", "its content is another");
    // What was approved was published by another run.
    let hub = hub_with(&["1.1.0"]);
    let step = greeter("1.2.0").hub(&hub).github();
    let plan = step.input("dry-run", "true").run().report.to_string();
    hub.seed("alice", body("greeter", "1.2.0", CODE));
    let step = greeter("1.2.0").hub(&hub).github().file("plan.json", plan).input("plan", "plan.json");
    assert_eq!(heading(&step.run()), "## ❌ greeter 1.2.0 is already published, but failed");
}

#[test]
fn a_dry_run_that_compared_nothing_does_not_say_what_would_be_published() {
    for (step, name) in [(greeter("1.0.0"), "greeter 1.0.0"), (functions(&names(3)), "3 functions")] {
        let hub = StandInHub::start();
        let step = step.hub(&hub).github().unset("AEROSTACK_API_KEY").input("dry-run", "true");
        let expected = format!("## 🔍 Dry run: checked {name}, not compared with the Hub");
        assert_eq!(heading(&step.run()), expected);
        assert!(hub.requests().is_empty());
    }
}

#[test]
fn every_code_of_many_functions_is_shown() {
    let names = names(150);
    let faults = json!({
        "version": "1", "category": "x", "language": "x", "runtime": "x", "license": "x", "tags": [" "], "envVars": ["-"], "routePath": "x",
    });
    let broken = manifest_with(&faults);
    let one = |step: Step, (number, name): (usize, &String)| {
        let mut manifest = broken.clone();
        // In other words for each function.
        for field in ["name", "version", "category", "language", "runtime", "license"] {
            manifest[field] = json!(format!("{name}-{number}-{}", "x".repeat(60)));
        }
        step.function(&format!("functions/{name}"), &manifest.to_string(), CODE)
    };
    let hub = StandInHub::start();
    let step = names.iter().enumerate().fold(Step::empty(), one).input("directory", "functions/*");
    let run = step.hub(&hub).github().run();
    let mut codes = run.codes();
    codes.sort_unstable();
    codes.dedup();
    assert!(codes.len() > 7, "{codes:?}");
    for code in codes {
        assert!(run.summary.contains(&format!("[{code}](")), "{code}: {}", run.summary);
    }
    assert!(hub.publishes().is_empty());
}

#[test]
fn the_heading_says_what_became_of_several_functions() {
    const LICENSE: Change = |step| step.edit("functions/greeter-01/aerostack.json", "MIT", "MTI");
    const NONE: Change = |step| step;
    for (live, publish, dry_run, change, expected) in [
        (0, "true", "false", NONE, "## ✅ Published 3 functions"),
        (1, "true", "false", NONE, "## ✅ Published 2 of 3 functions"),
        (3, "true", "false", NONE, "## 🟰 3 functions are already published"),
        (1, "false", "false", NONE, "## 📝 Saved 2 of 3 functions as drafts"),
        (1, "true", "true", NONE, "## 🔍 Dry run: would publish 2 of 3 functions"),
        (0, "false", "true", NONE, "## 🔍 Dry run: would save 3 functions as drafts"),
        (0, "true", "false", LICENSE, "## ❌ 1 of 3 functions failed"),
        (0, "true", "true", LICENSE, "## ❌ Dry run: would not publish, as 1 of 3 functions failed"),
    ] {
        let hub = StandInHub::start();
        for name in &names(live) {
            hub.seed("alice", body(name, "1.0.0", CODE));
        }
        let step = change(functions(&names(3))).hub(&hub).github();
        let run = step.input("publish", publish).input("dry-run", dry_run).run();
        assert_eq!(heading(&run), expected, "{}", run.stdout);
        let nothing = run.summary.contains("\nNothing was published: 1 failed, 2 skipped\n");
        assert_eq!(nothing, expected == "## ❌ 1 of 3 functions failed", "{}", run.summary);
    }
}

#[test]
fn a_run_that_is_stopped_by_its_settings_says_that_nothing_was_published() {
    let hub = StandInHub::start();
    for (count, dry_run, expected) in [
        (1, "false", "## ❌ greeter-00 1.0.0 was not published"),
        (1, "true", "## ❌ Dry run: would not publish greeter-00 1.0.0"),
        (3, "false", "## ❌ None of 3 functions was published"),
        (3, "true", "## ❌ Dry run: would not publish any of 3 functions"),
    ] {
        let run = functions(&names(count))
            .hub(&hub)
            .github()
            .input("dry-run", dry_run)
            .input("timeout", "soon")
            .run();
        assert_eq!(heading(&run), expected, "{}", run.stdout);
    }
    let run = Step::empty().hub(&hub).github().input("directory", " ").run();
    assert_eq!(heading(&run), "## ❌ Nothing was published");
    // It is a dry run in name only: what was asked for is refused.
    let run = greeter("1.0.0").hub(&hub).github_pull_request().run();
    assert_eq!(heading(&run), "## ❌ greeter 1.0.0 was not published");
    assert!(hub.requests().is_empty());
}

#[test]
fn a_dry_run_for_a_pull_request_is_named_as_one() {
    let hub = hub_with(&["1.2.0"]);
    let run = greeter("1.3.0").hub(&hub).github_pull_request().input("publish", "auto").run();
    assert_eq!(heading(&run), "## 🔍 Dry run: would publish greeter 1.3.0", "{}", run.stdout);
    assert!(hub.publishes().is_empty());
}

#[test]
fn one_fault_of_forty_functions_is_one_row_with_all_of_them() {
    let same =
        |step: Step, name: &String| step.edit(&format!("functions/{name}/aerostack.json"), "MIT", "MTI");
    let other = |step: Step, name: &String| {
        let license = format!("MTI-{}", &name[8..]);
        step.edit(&format!("functions/{name}/aerostack.json"), "MIT", &license)
    };
    let file = |step: Step, name: &String| {
        step.file(&format!("functions/{name}/index.ts"), format!("{CODE}import './{name}';\n"))
    };
    let faults: [(&str, ChangeOne, &str); 3] = [
        ("INVALID_LICENSE", same, "aerostack.json:8"),
        ("INVALID_LICENSE", other, "aerostack.json:8"),
        ("MISSING_FILE", file, "index.ts:2"),
    ];
    for (code, fault, place) in faults {
        let hub = StandInHub::start();
        let names = names(40);
        let step = names.iter().fold(functions(&names), fault).hub(&hub).github();
        let step =
            step.env("GITHUB_SERVER_URL", "https://github.com").env("GITHUB_REPOSITORY", "acme/functions");
        let run = step.env("GITHUB_SHA", "0123456789abcdef0123456789abcdef01234567").run();
        let [row] = rows(&run, "error")[..] else { panic!("one row: {}", run.summary) };
        for name in &names {
            assert!(row.contains(&format!("functions/{name}/{place}</code>")), "{name}: {row}");
        }
        assert_eq!(run.summary.matches(&format!("[{code}](")).count(), 1, "{}", run.summary);
        assert_eq!(heading(&run), "## ❌ 40 functions failed");
        assert!(run.summary.len() < 60_000 && !run.summary.contains("more in the log"), "{}", run.summary);
        assert!(hub.publishes().is_empty());
    }
}

#[test]
fn a_list_that_is_too_long_says_how_much_is_left_out() {
    let hub = StandInHub::start();
    let names = names(900);
    let with = |step: Step, name: &String| {
        step.function(
            &format!("functions/{name}"),
            &manifest_with(&json!({"name": name, "license": "MTI"})).to_string(),
            CODE,
        )
    };
    let run =
        names.iter().fold(Step::empty(), with).input("directory", "functions/*").hub(&hub).github().run();
    let [row] = rows(&run, "error")[..] else { panic!("one row: {}", run.summary) };
    let shown = row.matches("aerostack.json:1</code>").count();
    assert!(shown > 100 && row.contains(&format!("{} more in the log.", 900 - shown)), "{row}");
    assert!(hub.publishes().is_empty());
}

#[test]
fn different_faults_of_few_functions_are_rows_of_their_own_and_errors_come_first() {
    let hub = StandInHub::start();
    let step = functions(&names(2))
        .edit("functions/greeter-00/aerostack.json", "license", "licence")
        .edit("functions/greeter-00/aerostack.json", "utility", "utilty")
        .edit("functions/greeter-01/aerostack.json", "utility", "medai");
    let run = step.hub(&hub).github().run();
    let (errors, warnings) = (rows(&run, "error"), rows(&run, "warning"));
    // The license is also missing now.
    let categories: Vec<_> = errors.iter().filter(|row| row.contains("[INVALID_CATEGORY](")).collect();
    assert_eq!((categories.len(), warnings.len()), (2, 1), "{}", run.summary);
    let at = |text: &str| run.summary.find(text).expect("a row");
    assert!(errors.iter().all(|row| at(row) < at(warnings[0])), "{}", run.summary);
    assert!(rows(&run, "notice").iter().all(|row| at(row) > at(warnings[0])), "{}", run.summary);
    assert!(hub.publishes().is_empty());
}

#[test]
fn a_key_that_is_missing_or_refused_leads_to_the_page_for_keys() {
    let hub = StandInHub::start();
    let missing = greeter("1.0.0").hub(&hub).github().unset("AEROSTACK_API_KEY").run();
    let placeholder = greeter("1.0.0").hub(&hub).github().input("api-key", "$(AEROSTACK_API_KEY)").run();
    let of_project = greeter("1.0.0").hub(&hub).github().input("api-key", "pk_0123456789abcdef").run();
    let unknown = greeter("1.0.0").hub(&hub).github().input("api-key", "ac_nobody_has_this_key").run();
    for status in [401, 403] {
        let hub = StandInHub::start();
        for route in [Route::My, Route::Publish] {
            hub.fault_always(route, Fault::error(status, "NO_ACCESS", "not with this key"));
        }
        let refused = greeter("1.0.0").hub(&hub).github().run();
        assert!(refused.summary.contains(KEYS), "{status}: {}", refused.summary);
    }
    for run in [missing, placeholder, of_project, unknown] {
        assert!(run.summary.contains(KEYS), "{}", run.summary);
    }
    let fine = greeter("1.0.0").hub(&hub).github().run();
    assert!(!fine.summary.contains(KEYS), "{}", fine.summary);
}

#[test]
fn a_draft_is_linked_to_where_it_is_reviewed() {
    let hub = StandInHub::start();
    for count in [1, 2] {
        let run = functions(&names(count)).hub(&hub).github().input("publish", "false").run();
        for function in run.functions() {
            let link = format!("[review the draft]({})", function["admin_url"].as_str().expect("an address"));
            assert!(run.summary.contains(&link), "{}", run.summary);
        }
    }
    let live = functions(&names(1)).hub(&hub).github().run();
    assert!(
        !live.summary.contains("review the draft") && live.summary.contains("[edit]("),
        "{}",
        live.summary
    );
}

#[test]
fn the_file_of_the_input_has_the_layout_of_the_step_summary() {
    let hub = StandInHub::start();
    let step = Step::empty().function(".", &manifest_with_field("license", &json!("MTI")).to_string(), CODE);
    for dry_run in ["false", "true"] {
        let reports = run_with_reports(greeter("1.0.0").hub(&hub).github().input("dry-run", dry_run));
        assert_eq!(reports.summary, reports.run.summary);
    }
    let reports = run_with_reports(step.hub(&hub).github());
    assert_eq!(reports.summary, reports.run.summary);
}
