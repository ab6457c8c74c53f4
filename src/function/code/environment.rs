//! Environment variables that the code reads, compared with those that the manifest lists.

use std::collections::{BTreeMap, BTreeSet};

use super::allowance::FunctionAllowance;
use super::env_types::ENV_TYPES;
use super::graph::{ModuleGraph, Node};
use super::module::{DeclaredType, EnvObject, EnvTypes, is_declaration};
use super::parser::Parser;
use crate::finding::{Code, Finding, MAX_FINDINGS};
use crate::function::files::Files;
use crate::text;

/// Variables that the platform, or every system, sets itself.
const ALWAYS_SET: [&str; 5] = ["NODE_ENV", "CI", "HOME", "PATH", "TZ"];

/// Most declaration files of a function that are read although no code imports them: a project has one or two.
const MAX_AMBIENT_FILES: usize = 5;

/// A finding at the first read of each variable that is not declared, has no default, and is not allowed there. A member of a context's `env` is surely a
/// variable only where its type is a string.
pub(super) fn check(
    graph: &ModuleGraph,
    declared: &[&str],
    files: &mut impl Files,
    parser: &Parser,
) -> Vec<Finding> {
    let mut seen: BTreeSet<&str> = declared.iter().copied().chain(ALWAYS_SET).collect();
    let reads = graph.loaded().flat_map(|node| node.module.env_reads.iter().map(move |read| (node, read)));
    let reads: Vec<_> =
        reads.filter(|(_, read)| !read.is_optional && !seen.contains(read.name.as_str())).collect();
    let is_of_context = reads.iter().any(|(_, read)| read.object == EnvObject::Context);
    let strings =
        if is_of_context { strings(graph, &ambient(graph, files, parser)) } else { BTreeMap::new() };
    let is_variable = |name: &str, object| object == EnvObject::Process || strings.get(name) == Some(&true);
    let reads = reads.into_iter().filter(|(_, read)| is_variable(&read.name, read.object));
    let is_allowed = |node: &Node, at| node.allows.contains(Code::UndeclaredEnvVar, at);
    let reads = reads.filter(|(node, read)| !is_allowed(node, read.range.start));
    let undeclared = reads.filter(|(_, read)| seen.insert(&read.name)).take(MAX_FINDINGS);
    undeclared
        .map(|(node, read)| {
            let name = &read.name;
            let message = format!("the environment variable `{name}` is read but not listed in `envVars`");
            let hint = match text::did_you_mean(name, declared.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`? otherwise add `\"{name}\"` to `envVars`"),
                None => format!("add `\"{name}\"` to `envVars`: users of the function must set it"),
            };
            let location = node.file.at(read.range.clone());
            Finding::new(Code::UndeclaredEnvVar, message).with_hint(hint).at(location)
        })
        .collect()
}

/// The types of declaration files beside the function's code, such as `worker-configuration.d.ts`. They are not sent.
fn ambient(graph: &ModuleGraph, files: &mut impl Files, parser: &Parser) -> Vec<EnvTypes> {
    let mut names = files.names_in("");
    names.retain(|name| is_declaration(name) && graph.get(name).is_none());
    names.sort();
    let mut allowance = FunctionAllowance::new();
    let files = names.into_iter().take(MAX_AMBIENT_FILES).filter_map(|name| files.read_aside(&name).ok());
    files.map(|file| parser.parse(&file, &mut allowance).env_types).collect()
}

/// The members of the environment's types, and whether each is a string wherever it is declared. Types are found by their names,
/// in whichever file they are.
fn strings(graph: &ModuleGraph, ambient: &[EnvTypes]) -> BTreeMap<String, bool> {
    let all: Vec<_> = graph.iter().map(|node| &node.module.env_types).chain(ambient).collect();
    let mut queue: Vec<_> = all.iter().flat_map(|types| &types.used).collect();
    let named = |name: &str| all.iter().filter_map(|types| types.declared.get(name)).collect::<Vec<_>>();
    queue.extend(ENV_TYPES.iter().flat_map(|name| named(name)));
    let mut visited = BTreeSet::from(ENV_TYPES);
    let mut environment = DeclaredType::default();
    while let Some(declared) = queue.pop() {
        declared.members.iter().for_each(|(name, is_string)| environment.add(name, *is_string));
        let parts = declared.parts.iter().filter(|name| visited.insert(name));
        queue.extend(parts.flat_map(|name| named(name)));
    }
    environment.members
}
