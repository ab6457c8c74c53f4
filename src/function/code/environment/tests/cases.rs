//! What the tables have in common.

use crate::finding::Code;
use crate::function::code::tests::checked;

pub(super) const ENV: &str = "interface Env { A: string; KV: KVNamespace }\n";

/// The names of the variables that are found, in the order of the findings.
pub(super) fn found(files: &[(&str, &str)]) -> Vec<String> {
    let (findings, _) = checked("typescript", "\"envVars\": []", files);
    let others = findings.iter().filter(|finding| finding.code != Code::UndeclaredDependency);
    others
        .map(|finding| match finding.message.split('`').collect::<Vec<_>>().as_slice() {
            ["the environment variable ", name, " is read but not listed in ", ..] => (*name).to_owned(),
            _ => finding.message.clone(),
        })
        .collect()
}

/// Asserts which variables are found in each of these functions.
pub(super) fn assert_all<'c>(cases: impl IntoIterator<Item = (Vec<(&'c str, String)>, &'c [&'c str])>) {
    let mut wrong = Vec::new();
    for (files, names) in cases {
        let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let all = found(&files);
        if all != names {
            wrong.push(format!("found {all:?} instead of {names:?} in {files:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Modules beside the type of the environment, in which no variable is found.
pub(super) fn assert_silent(modules: &[&str]) {
    assert_all(modules.iter().map(|code| (vec![("index.ts", format!("{ENV}{code}\n"))], &[][..])));
}

/// Modules in which these variables are found.
pub(super) fn assert_found(modules: &[&str], names: &[&str]) {
    assert_all(modules.iter().map(|code| (vec![("index.ts", (*code).to_owned())], names)));
}
