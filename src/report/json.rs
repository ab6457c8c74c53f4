//! The JSON report, and its functions as the output `result`: the outcome, serialised as it is.

use serde::Serialize;
use serde_json::Value;

use crate::finding::Finding;
use crate::outcome::{FunctionOutcome, RunOutcome, Status};

/// The version of the report's shape; raised only with a major version.
const SCHEMA: u32 = 1;

/// Most bytes of the output `result`: GitHub takes 1 MB of outputs from a whole job.
const MAX_RESULT: usize = 512 * 1024;

#[derive(Serialize)]
struct Report<'o> {
    schema: u32,
    exit_code: u8,
    status: Status,
    published: bool,
    findings: &'o [Finding],
    functions: &'o [FunctionOutcome],
}

/// The whole report, for people's tools.
pub(super) fn report(outcome: &RunOutcome) -> String {
    let report = Report {
        schema: SCHEMA,
        exit_code: outcome.exit_code(),
        status: outcome.status(),
        published: outcome.published(),
        findings: &outcome.findings,
        functions: &outcome.functions,
    };
    serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
}

/// The functions on one line. Where that is more than a platform takes, the lists of files go first, then the
/// findings; of thousands of functions, only the report has anything.
pub(super) fn result(outcome: &RunOutcome) -> String {
    let mut functions = serde_json::to_value(&outcome.functions).unwrap_or_default();
    let mut line = functions.to_string();
    for list in ["files", "findings"] {
        if line.len() > MAX_RESULT {
            let lists =
                functions.as_array_mut().into_iter().flatten().filter_map(|function| function.get_mut(list));
            lists.for_each(|list| *list = Value::Array(Vec::new()));
            line = functions.to_string();
        }
    }
    if line.len() > MAX_RESULT { "[]".to_owned() } else { line }
}
