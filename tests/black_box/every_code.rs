//! Every finding code is reported by some run: by the fixture of its name, or by a run defined here.

use aerostack_publish::finding::Code;
use serde_json::json;
use stand_in_hub::{Fault, Route, StandInHub};

use crate::fixtures::body;
use crate::support::{Run, Step, text};

/// A run that reports the code.
fn run_with(code: &str) -> Run {
    let hub = StandInHub::builder().account("pk_other_kind_of_key", "bob").start();
    let plain = || Step::plain().hub(&hub);
    match code {
        "NOT_UTF8" => plain().file("index.ts", b"\xff"),
        "FILE_TOO_LARGE" => plain().file("index.ts", "x".repeat(11 * 1024 * 1024)),
        "CHECKED_OUT_LINK" => plain().file("README.md", "../../README.md"),
        "MISSING_FILE" => plain().file("README.md/x", ""),
        "OTHER_MANIFEST" => plain().edit("aerostack.json", "{", "{ \"type\": \"skill\","),
        "RESERVED_FIELD" => plain().edit("aerostack.json", "{", "{ \"code\": \"\","),
        "IMPORT_OUTSIDE_DIRECTORY" => plain().file("index.ts", "export * from '../common';\n"),
        "FILE_OUTSIDE_DIRECTORY" => {
            let step = plain();
            std::os::unix::fs::symlink("/etc/hostname", step.path("README.md")).expect("a link");
            step
        }
        "WITHHELD_FILE" => plain().file(".env", "A=1\n").file("index.ts", "export * from './.env?raw';\n"),
        "SYNTAX_ERROR" => plain().file("index.ts", "export const a = ;\n"),
        "EXPORT_NOT_FOUND" => {
            plain().file("index.ts", "export { a } from './a';\n").file("a.ts", "export {};\n")
        }
        "NO_EXPORT" => plain().file("index.ts", "const a = 1;\n"),
        "ROUTE_EXPORT_NOT_FOUND" => plain().edit("aerostack.json", "{", "{ \"routeExport\": \"greets\","),
        "LANGUAGE_MISMATCH" => plain().edit("aerostack.json", "\"typescript\"", "\"javascript\""),
        "UNDECLARED_DEPENDENCY" => plain().file("index.ts", "export * from 'zod';\n"),
        "UNSUPPORTED_IMPORT" => plain().file("index.ts", "export * from 'npm:zod';\n"),
        "COMPUTED_IMPORT" => plain().file("index.ts", "export const a = (b: string) => import(b);\n"),
        "UNDECLARED_ENV_VAR" => plain().file("index.ts", "export const a = process.env.A;\n"),
        "SCHEMA_NOT_EXPORTED" => plain().edit("aerostack.json", "{", "{ \"drizzleSchema\": true,"),
        "SECRET_FOUND" => plain().file("index.ts", format!("// {}\n", crate::secrets::github_token())),
        "DUPLICATE_FUNCTION" => Step::on("duplicate-function").input("directory", "*").hub(&hub),
        "NO_FUNCTION" => plain().input("directory", "nothing/*"),
        "TAG_NOT_CHECKED" => plain().github_tag("v1.0"),
        "TAG_MISMATCH" => plain().github_tag("v9.0.0"),
        "PLAN_CHANGED" => {
            let approved = plain().input("dry-run", "true").run().report.to_string();
            plain().file("plan.json", approved).input("plan", "plan.json").edit("index.ts", "Hello", "Bye")
        }
        "INVALID_INPUT" => plain().input("strict", "yes"),
        "UNKNOWN_INPUT" => plain().env("AEROSTACK_DRYRUN", "true"),
        "MISSING_KEY" => plain().unset("AEROSTACK_API_KEY"),
        "KEY_PREFIX" => plain().input("api-key", "pk_other_kind_of_key"),
        "KEY_BLANKS" => plain().input("api-key", &format!("{}\n", stand_in_hub::DEFAULT_KEY)),
        "NOT_COMPARED" => plain().unset("AEROSTACK_API_KEY").input("dry-run", "true"),
        "LIVE_FROM_PULL_REQUEST" => plain().github_pull_request(),
        "UNUSED_ALLOW" => plain()
            .file("index.ts", "export {};\nexport const a = 1; // aerostack-publish: allow NO_EXPORT\n"),
        "FIRST_RELEASE" => plain(),
        "UNKNOWN_FUNCTION" => plain().input("allow-create", "false"),
        "UNAUTHORIZED" => plain().input("api-key", "ac_nobody_has_this_key"),
        "DUPLICATE_SLUG" => {
            hub.seed("carol", body("greeter", "1.0.0", "export const theirs = 1;\n"));
            plain()
        }
        "VERSION_CONFLICT" => {
            hub.seed("alice", body("greeter", "1.0.0", "export const older = 1;\n"));
            plain()
        }
        "VERSION_NOT_NEWER" => {
            hub.seed("alice", body("greeter", "2.0.0", "export const newer = 1;\n"));
            plain()
        }
        "BREAKING_WITHOUT_MAJOR" => {
            hub.seed("alice", body("greeter", "0.9.9", "export const greet = 1, gone = 1;\n"));
            plain().edit("aerostack.json", "1.0.0", "0.9.10")
        }
        "METADATA_DIFFERS" => {
            hub.seed("alice", body("greeter", "1.0.0", crate::support::CODE));
            plain().edit("aerostack.json", "Greets", "Welcomes")
        }
        "PRERELEASE_OVER_RELEASE" => {
            hub.seed("alice", body("greeter", "0.9.0", "export const older = 1;\n"));
            plain().edit("aerostack.json", "1.0.0", "1.0.0-rc.1")
        }
        "HISTORY_UNREADABLE" => {
            hub.fault_always(Route::My, Fault::status(403));
            plain()
        }
        "HUB_REFUSED" => {
            hub.fault_always(Route::Publish, Fault::error(422, "QUOTA_EXCEEDED", "too many functions"));
            plain()
        }
        "HUB_UNREACHABLE" => plain().input("api-url", "http://127.0.0.1:9").input("timeout", "2"),
        "UNCONFIRMED" => {
            hub.fault_always(Route::Publish, Fault::Garbage);
            for route in [Route::My, Route::ById, Route::Public, Route::Install] {
                hub.fault_always(route, Fault::status(403));
            }
            plain().input("timeout", "2")
        }
        "CANCELLED" => {
            hub.fault_always(Route::My, Fault::Hang);
            return crate::cancelling::cancelled_when_it_arrives(&plain(), &hub, "/my", "TERM");
        }
        "REPORT_NOT_WRITTEN" => plain().github().env("GITHUB_STEP_SUMMARY", "/dev/full"),
        "IN_REVIEW" => {
            let receipt = json!({ "slug": "greeter", "status": "pending_review" });
            hub.fault_always(Route::Publish, Fault::json(202, &receipt));
            plain()
        }
        "NEWER_PUBLISHED" => {
            let newer =
                json!({ "function": { "slug": "greeter", "version": "1.0.1", "status": "published" } });
            hub.fault_always(Route::Public, Fault::json(200, &newer));
            plain()
        }
        fixture => Step::on(&fixture.to_lowercase().replace('_', "-")).hub(&hub),
    }
    .run()
}

#[test]
fn every_code_is_reported_with_its_severity_and_a_hint() {
    for code in Code::ALL {
        let run = run_with(code.name());
        let findings = run.findings();
        let found = findings.iter().find(|finding| finding["code"] == code.name());
        let found = found.unwrap_or_else(|| panic!("{} is not reported: {}", code.name(), run.stdout));
        assert_eq!(
            found["severity"],
            serde_json::to_value(code.severity()).expect("JSON"),
            "{}",
            code.name()
        );
        let (message, hint) = (text(&found["message"]), text(&found["hint"]));
        assert!(!message.is_empty() && !message.ends_with('.') && !hint.is_empty(), "{found}");
    }
}
