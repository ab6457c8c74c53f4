//! The JSON report, and its functions as the output `result`: the outcome, serialised as it is.

use serde::Serialize;
use serde_json::Value;

use crate::finding::Finding;
use crate::outcome::{FunctionOutcome, RunOutcome, SCHEMA};
use crate::status::Status;
use crate::text;

/// Most bytes of the output `result`. Linux takes 128 KiB for one variable with its name (`MAX_ARG_STRLEN`).
const MAX_RESULT: usize = 120 * 1024;

/// The output `result`.
#[derive(Serialize)]
struct ResultOutput<'o> {
    functions: &'o [Value],
    /// Whether something was left out, so that it fits into a variable.
    truncated: bool,
}

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
    text::visible_json(&serde_json::to_string_pretty(&report).unwrap_or_default()) + "\n"
}

/// Whether a text is a report of this program.
pub(super) fn is_report(text: &str) -> bool {
    let report: Option<Value> = serde_json::from_str(text).ok();
    report.is_some_and(|report| {
        ["schema", "exit_code", "functions"].iter().all(|name| report.get(name).is_some())
    })
}

/// The functions on one line. Where that is more than fits into a variable, the lists of files go first, then the findings,
/// then the last functions.
pub(super) fn result(outcome: &RunOutcome) -> String {
    let functions =
        outcome.functions.iter().map(|function| serde_json::to_value(function).unwrap_or_default());
    let mut functions: Vec<_> = functions.collect();
    let line = |functions: &[Value], truncated| {
        text::visible_json(&serde_json::to_string(&ResultOutput { functions, truncated }).unwrap_or_default())
    };
    let whole = line(&functions, false);
    if whole.len() <= MAX_RESULT {
        return whole;
    }
    for list in ["files", "findings"] {
        let lists = functions.iter_mut().filter_map(|function| function.get_mut(list));
        lists.for_each(|list| *list = Value::Array(Vec::new()));
        let shorter = line(&functions, true);
        if shorter.len() <= MAX_RESULT {
            return shorter;
        }
    }
    let mut left = MAX_RESULT - line(&[], true).len();
    let fits = |function: &&Value| {
        // With the comma before it.
        let length = text::visible_json(&function.to_string()).len() + 1;
        let fits = length <= left;
        left = left.saturating_sub(length);
        fits
    };
    let fitting = functions.iter().take_while(fits).count();
    line(functions.get(..fitting).unwrap_or_default(), true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Code;
    use crate::outcome::SentFile;
    use crate::outcome::tests::{function, run};

    /// So many functions, each with a file and a finding of about 500 bytes.
    fn outcome(functions: usize) -> RunOutcome {
        let long = "x".repeat(400);
        let file = SentFile { path: long.clone(), bytes: 1, sha256: String::new() };
        let one = || FunctionOutcome {
            files: vec![file.clone()],
            findings: vec![Finding::new(Code::InvalidTag, long.clone())],
            ..function("a", Status::Failed, &[])
        };
        run(Vec::new(), (0..functions).map(|_| one()).collect())
    }

    #[test]
    fn the_result_is_one_line_and_drops_files_then_findings_then_functions() {
        let bytes = result(&outcome(2)).len() - result(&outcome(1)).len();
        let fitting = MAX_RESULT / bytes;
        let without_lists = {
            let bare = |functions: usize| {
                run(Vec::new(), (0..functions).map(|_| function("a", Status::Failed, &[])).collect())
            };
            MAX_RESULT / (result(&bare(2)).len() - result(&bare(1)).len())
        };
        for (functions, has_all_functions, has_files, has_findings) in [
            (1, true, true, true),
            (fitting - 1, true, true, true),
            (fitting + 1, true, false, true),
            (fitting * 2, true, false, false),
            (without_lists - 1, true, false, false),
            (without_lists + 1, false, false, false),
            (fitting * 20, false, false, false),
        ] {
            let line = result(&outcome(functions));
            assert!(line.len() <= MAX_RESULT && !line.contains('\n'), "{functions}: {} bytes", line.len());
            let result: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(result["truncated"], Value::Bool(!has_files), "{functions}");
            let result = result["functions"].as_array().unwrap();
            assert_eq!(result.len() == functions, has_all_functions, "{functions}: {}", result.len());
            assert!(result.len() >= functions.min(without_lists - 1), "{functions}: {}", result.len());
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
