//! What a test starts from: functions of several names and versions, and what the Hub holds of them already.

use serde_json::{Value, json};
use stand_in_hub::StandInHub;

use crate::support::{CODE, MANIFEST, Run, Step};

/// Other code than [`CODE`].
pub const OTHER_CODE: &str = "export const greet = (name: string) => `Good morning, ${name}`;\n";

/// The manifest without a fault, under another name and version.
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

/// Status, exit code and number of publishes, the three that nearly every test asks for.
pub fn ending<'r>(run: &'r Run, hub: &StandInHub) -> (&'r str, i32, usize) {
    (run.function()["status"].as_str().unwrap_or_default(), run.exit_code, hub.publishes().len())
}

/// The severity of the only finding of a code.
pub fn severity<'r>(run: &'r Run, code: &str) -> &'r str {
    run.finding(code)["severity"].as_str().unwrap_or_default()
}

/// A finding's message and hint.
pub fn words(run: &Run, code: &str) -> String {
    let finding = run.finding(code);
    format!(
        "{} | {}",
        finding["message"].as_str().unwrap_or_default(),
        finding["hint"].as_str().unwrap_or_default()
    )
}

/// How many cases run side by side: most of them only wait.
const SIDE_BY_SIDE: usize = 5;

/// Tries every case, several at once.
pub fn side_by_side<C: Send>(cases: impl IntoIterator<Item = C>, judge: impl Fn(C) + Sync) {
    let cases = std::sync::Mutex::new(cases.into_iter().collect::<Vec<_>>());
    let next = || cases.lock().expect("no case panics while it is taken").pop();
    std::thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some(case) = next() {
                    judge(case);
                }
            });
        }
    });
}
