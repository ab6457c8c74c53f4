//! Fixtures: functions of several names and versions, and what the Hub has of them already.

use serde_json::{Value, json};
use stand_in_hub::StandInHub;

use crate::support::{CODE, MANIFEST, Run, Step, text};

/// Other code than [`CODE`].
pub const OTHER_CODE: &str = "export const greet = (name: string) => `Good morning, ${name}`;\n";

/// The valid manifest, with another name and version.
pub fn manifest(name: &str, version: &str) -> String {
    MANIFEST
        .replace(r#""name": "greeter""#, &format!(r#""name": "{name}""#))
        .replace(r#""version": "1.0.0""#, &format!(r#""version": "{version}""#))
}

/// The body with which a function of one file is published.
pub fn body(name: &str, version: &str, code: &str) -> Value {
    let mut body: Value = serde_json::from_str(&manifest(name, version)).expect("a manifest");
    body["code"] = json!(code);
    body["publish"] = json!(true);
    body
}

/// A Hub on which `alice` has published these versions of `greeter`, all with [`CODE`].
pub fn hub_with(versions: &[&str]) -> StandInHub {
    let hub = StandInHub::start();
    for version in versions {
        hub.seed("alice", body("greeter", version, CODE));
    }
    hub
}

/// A run on `greeter` at a version, with [`CODE`].
pub fn greeter(version: &str) -> Step {
    Step::empty().function(".", &manifest("greeter", version), CODE)
}

/// The valid manifest with these fields instead of its own; null removes a field.
pub fn manifest_with(fields: &Value) -> Value {
    let mut manifest: Value = serde_json::from_str(MANIFEST).expect("JSON");
    let object = manifest.as_object_mut().expect("an object");
    for (name, value) in fields.as_object().expect("fields") {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
    manifest
}

/// The valid manifest with one field set; null removes it.
pub fn manifest_with_field(field: &str, value: &Value) -> Value {
    manifest_with(&json!({ field: value }))
}

/// So many names of functions, in the order of their directories.
pub fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("greeter-{number:02}")).collect()
}

/// A run on several functions, each in a directory of its name under `functions`.
pub fn functions(names: &[String]) -> Step {
    let with = |step: Step, name: &String| {
        step.function(&format!("functions/{name}"), &manifest(name, "1.0.0"), CODE)
    };
    names.iter().fold(Step::empty(), with).input("directory", "functions/*")
}

/// Status, exit code and number of publishes: the outcome of a run on one function.
pub fn ending<'r>(run: &'r Run, hub: &StandInHub) -> (&'r str, i32, usize) {
    (text(&run.function()["status"]), run.exit_code, hub.publishes().len())
}

/// The severity of the only finding of a code.
pub fn severity<'r>(run: &'r Run, code: &str) -> &'r str {
    text(&run.finding(code)["severity"])
}

/// The message and the hint of the only finding of a code.
pub fn words(run: &Run, code: &str) -> String {
    let finding = run.finding(code);
    format!("{} | {}", text(&finding["message"]), text(&finding["hint"]))
}

/// How many cases run at once: most of them only wait.
const MAX_CONCURRENT: usize = 5;

/// Tests every case, several at once.
pub fn side_by_side<C: Send>(cases: impl IntoIterator<Item = C>, test: impl Fn(C) + Sync) {
    let cases = std::sync::Mutex::new(cases.into_iter().collect::<Vec<_>>());
    let next = || cases.lock().expect("no case panics while it is taken").pop();
    std::thread::scope(|scope| {
        for _ in 0..MAX_CONCURRENT {
            scope.spawn(|| {
                while let Some(case) = next() {
                    test(case);
                }
            });
        }
    });
}
