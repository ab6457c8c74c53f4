//! Findings that several functions have in common: people read each of them once.

use std::collections::{HashMap, HashSet};

use crate::finding::{Code, Finding, Severity};
use crate::text;

/// Most functions that are named in a finding of several.
const MAX_NAMED: usize = 5;

/// What makes findings of several functions one: all that people read of them, but for the file.
type Key = (Code, Severity, String, String);

/// Findings of several functions, about no particular line.
#[derive(Debug, Default)]
pub(crate) struct SharedFindings {
    keys: HashSet<Key>,
    /// Each of them once, with the functions that have it.
    pub(crate) findings: Vec<Finding>,
}

impl SharedFindings {
    /// From the directory and the findings of each function.
    pub(crate) fn of<'f>(functions: impl Iterator<Item = (&'f str, &'f [Finding])>) -> Self {
        let mut order = Vec::new();
        let mut found = HashMap::<Key, Vec<&str>>::new();
        for (directory, findings) in functions {
            for finding in findings.iter().filter(|finding| !finding.is_exact()) {
                let directories = found.entry(key(finding)).or_default();
                if directories.is_empty() {
                    order.push(finding);
                }
                if directories.last() != Some(&directory) {
                    directories.push(directory);
                }
            }
        }
        found.retain(|_, directories| directories.len() > 1);
        let shared = order.into_iter().filter_map(|finding| Some((finding, found.get(&key(finding))?)));
        let findings = shared.map(|(finding, directories)| with_functions(finding, directories)).collect();
        Self { findings, keys: found.into_keys().collect() }
    }

    /// Whether the finding of a function is one of them.
    pub(crate) fn holds(&self, finding: &Finding) -> bool {
        !self.keys.is_empty() && !finding.is_exact() && self.keys.contains(&key(finding))
    }
}

fn key(finding: &Finding) -> Key {
    (finding.code, finding.severity, finding.message.clone(), finding.hint.clone())
}

fn with_functions(finding: &Finding, directories: &[&str]) -> Finding {
    let named: Vec<_> = directories.iter().map(|directory| format!("`{directory}`")).collect();
    let message =
        format!("{} ({} functions: {})", finding.message, named.len(), text::first(&named, MAX_NAMED));
    Finding { message, location: None, ..finding.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Location, SourceFile};

    fn finding(message: &str) -> Finding {
        Finding::new(Code::NotCompared, message)
    }

    #[test]
    fn what_several_functions_have_in_common_is_one_finding_that_names_them() {
        let exact = || finding("exact").at(SourceFile::published("f", "x").at(0..1));
        let directories: Vec<_> = (1..=7).map(|number| format!("f{number}")).collect();
        let findings: Vec<_> = directories
            .iter()
            .map(|directory| {
                let of_file = finding("of a file").at(Location::file(format!("{directory}/aerostack.json")));
                vec![finding("same"), finding(directory), of_file, exact()]
            })
            .collect();
        let all = directories.iter().map(String::as_str).zip(findings.iter().map(Vec::as_slice));
        let shared = SharedFindings::of(all);
        let messages: Vec<_> = shared.findings.iter().map(|finding| finding.message.as_str()).collect();
        let functions = "(7 functions: `f1`, `f2`, `f3`, `f4`, `f5` and 2 more)";
        assert_eq!(messages, [format!("same {functions}"), format!("of a file {functions}")]);
        let held: Vec<_> = findings[0].iter().map(|finding| shared.holds(finding)).collect();
        assert_eq!(held, [true, false, true, false]);
    }

    #[test]
    fn what_one_function_has_twice_is_not_shared() {
        let twice = [finding("same"), finding("same")];
        assert!(SharedFindings::of([("a", twice.as_slice())].into_iter()).findings.is_empty());
    }
}
