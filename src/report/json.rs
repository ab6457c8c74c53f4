//! The JSON report, and its functions as the output `result`.

use serde::Serialize;

use super::{FileReport, FunctionReport, Report, Status};
use crate::finding::{Finding, Severity};
use crate::release::history::ReleaseType;
use crate::source::Location;

/// The report's shape; raised only with a major version.
const SCHEMA: u32 = 1;

/// Most bytes of the output `result`: GitHub takes 1 MB of outputs from a whole job.
const MAX_RESULT: usize = 512 * 1024;

#[derive(Serialize)]
struct JsonReport<'r> {
    schema: u32,
    exit_code: u8,
    status: Status,
    published: bool,
    findings: Vec<JsonFinding<'r>>,
    functions: Vec<JsonFunction<'r>>,
}

#[derive(Serialize)]
struct JsonFunction<'r> {
    directory: &'r str,
    name: Option<&'r str>,
    slug: Option<&'r str>,
    version: Option<&'r str>,
    previous_version: Option<&'r str>,
    release_type: ReleaseType,
    status: Status,
    published: bool,
    id: Option<&'r str>,
    url: Option<&'r str>,
    admin_url: Option<&'r str>,
    digest: Option<&'r str>,
    files: &'r [FileReport],
    findings: Vec<JsonFinding<'r>>,
}

#[derive(Serialize)]
struct JsonFinding<'r> {
    code: &'static str,
    severity: Severity,
    message: &'r str,
    hint: &'r str,
    file: Option<&'r str>,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
}

/// The whole report, for people's tools.
pub(super) fn report(report: &Report) -> String {
    let json = JsonReport {
        schema: SCHEMA,
        exit_code: report.exit_code(),
        status: report.status(),
        published: report.published(),
        findings: findings(&report.findings),
        functions: report.functions.iter().map(JsonFunction::of).collect(),
    };
    serde_json::to_string_pretty(&json).unwrap_or_default() + "\n"
}

/// The functions on one line. Where that is more than a platform takes, the lists of files go first, then the
/// findings; what is left of thousands of functions is in the report alone.
pub(super) fn result(report: &Report) -> String {
    let mut functions: Vec<_> = report.functions.iter().map(JsonFunction::of).collect();
    let mut line = serde_json::to_string(&functions).unwrap_or_default();
    for shorten in [JsonFunction::without_files, JsonFunction::without_findings] {
        if line.len() > MAX_RESULT {
            functions.iter_mut().for_each(shorten);
            line = serde_json::to_string(&functions).unwrap_or_default();
        }
    }
    if line.len() > MAX_RESULT { "[]".to_owned() } else { line }
}

impl<'r> JsonFunction<'r> {
    fn of(function: &'r FunctionReport) -> Self {
        Self {
            directory: &function.directory,
            name: function.name.as_deref(),
            slug: function.slug.as_deref(),
            version: function.version.as_deref(),
            previous_version: function.previous_version.as_deref(),
            release_type: function.release_type,
            status: function.status,
            published: function.published,
            id: function.id.as_deref(),
            url: function.url.as_deref(),
            admin_url: function.admin_url.as_deref(),
            digest: function.digest.as_deref(),
            files: &function.files,
            findings: findings(&function.findings),
        }
    }

    fn without_files(&mut self) {
        self.files = &[];
    }

    fn without_findings(&mut self) {
        self.findings.clear();
    }
}

fn findings(findings: &[Finding]) -> Vec<JsonFinding<'_>> {
    findings.iter().map(JsonFinding::of).collect()
}

impl<'r> JsonFinding<'r> {
    fn of(finding: &'r Finding) -> Self {
        let location = finding.location.as_ref();
        let span = location.and_then(Location::span);
        Self {
            code: finding.code.name(),
            severity: finding.severity,
            message: &finding.message,
            hint: &finding.hint,
            file: location.map(|location| location.file.as_str()),
            line: span.map(|span| span.line),
            column: span.map(|span| span.column),
            end_line: span.map(|span| span.end_line),
            end_column: span.map(|span| span.end_column),
        }
    }
}
