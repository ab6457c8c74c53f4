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
    live: bool,
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
        live: outcome.live(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Code;
    use crate::outcome::SentFile;
    use crate::outcome::tests::function;

    /// So many functions, each with a file and a finding of about 500 bytes.
    fn outcome(functions: usize) -> RunOutcome {
        let long = "x".repeat(400);
        let file = SentFile { path: long.clone(), bytes: 1, sha256: String::new() };
        let one = || FunctionOutcome {
            files: vec![file.clone()],
            findings: vec![Finding::new(Code::InvalidTag, long.clone())],
            ..function("a", Status::Failed, &[])
        };
        RunOutcome { findings: Vec::new(), functions: (0..functions).map(|_| one()).collect() }
    }

    #[test]
    fn the_result_is_the_functions_on_one_line_and_drops_files_then_findings_then_functions() {
        let bytes = result(&outcome(1)).len();
        let fitting = MAX_RESULT / bytes;
        for (functions, has_functions, has_files, has_findings) in [
            (1, true, true, true),
            (fitting - 10, true, true, true),
            (fitting + 10, true, false, true),
            (fitting * 2, true, false, false),
            (fitting * 10, false, false, false),
        ] {
            let line = result(&outcome(functions));
            assert!(line.len() <= MAX_RESULT && !line.contains('\n'), "{functions}: {} bytes", line.len());
            let result: Vec<Value> = serde_json::from_str(&line).unwrap();
            assert_eq!(result.len(), if has_functions { functions } else { 0 });
            let has = |list: &str| result.iter().any(|function| function[list] != Value::Array(Vec::new()));
            assert_eq!((has("files"), has("findings")), (has_files, has_findings), "{functions}");
        }
    }

    #[test]
    fn the_report_has_the_exit_code_and_the_worst_status() {
        let report: Value = serde_json::from_str(&report(&outcome(2))).unwrap();
        assert_eq!((&report["schema"], &report["exit_code"]), (&1.into(), &1.into()));
        assert_eq!((&report["status"], &report["published"]), (&"failed".into(), &false.into()));
        assert_eq!(report["functions"].as_array().map(Vec::len), Some(2));
    }
}
