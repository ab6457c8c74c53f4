//! Environment variables that the code reads, compared with those that the manifest lists.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use super::allowance::FunctionAllowance;
use super::env_places::{ENV_TYPES, is_process_path};
use super::env_reads::is_upper_case;
use super::graph::{ModuleGraph, Node};
use super::link::{Resolution, resolve_import};
use super::module::{
    DeclaredType, EnvObject, EnvRead, EnvTypes, Initializer, Member, Operation, is_declaration,
};
use super::parser::Parser;
use crate::finding::{Code, Finding, MAX_FINDINGS};
use crate::function::files::Files;
use crate::function::manifest::fields::is_env_var;
use crate::text;

/// Variables that the platform, or every system, sets itself.
const ALWAYS_SET: [&str; 5] = ["NODE_ENV", "CI", "HOME", "PATH", "TZ"];

/// Most declaration files of a function that are read although no code imports them: a project has one or two.
const MAX_AMBIENT_FILES: usize = 5;

/// Most names between a type and `string`: people write one.
const MAX_ALIASES: usize = 5;

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
    let modules_that_set = modules_that_set(graph);
    // What another module sets may be set before it is read.
    let is_set = |node: &Node, name: &str| {
        let all = modules_that_set.get(name).copied().unwrap_or_default();
        all > usize::from(node.module.env_set.contains(name))
    };
    let reads = reads.filter(|(node, read)| may_be_undeclared(read) && !is_set(node, &read.name));
    let reads: Vec<_> = reads.filter(|(_, read)| !seen.contains(read.name.as_str())).collect();
    let needs_types = reads.iter().any(|(_, read)| read.object != EnvObject::Process);
    let types = if needs_types {
        KnownTypes::of(graph, &ambient(graph, files, parser))
    } else {
        KnownTypes::default()
    };
    let reads = reads.into_iter().filter(|(node, read)| types.is_variable(node, read, graph));
    let is_allowed = |node: &Node, at| node.allows.contains(Code::UndeclaredEnvVar, at);
    let reads = reads.filter(|(node, read)| !is_allowed(node, read.range.start));
    let undeclared = reads.filter(|(_, read)| seen.insert(&read.name)).take(MAX_FINDINGS);
    undeclared
        .map(|(node, read)| {
            let name = &read.name;
            let message = format!("the environment variable `{name}` is read but not listed in `envVars`");
            let hint = match text::did_you_mean(name, declared.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`? otherwise add `\"{name}\"` to `envVars`"),
                None if types.is_optional(read) => {
                    format!("add `\"{name}\"` to `envVars`: users of the function can set it")
                }
                None => format!("add `\"{name}\"` to `envVars`: users of the function must set it"),
            };
            let location = node.file.at(read.range.clone());
            Finding::new(Code::UndeclaredEnvVar, message).with_hint(hint).at(location)
        })
        .collect()
}

/// Whether a read needs a variable that `envVars` can list.
fn may_be_undeclared(read: &EnvRead) -> bool {
    !read.is_optional && is_env_var(&read.name)
}

/// How many modules set each variable.
fn modules_that_set(graph: &ModuleGraph) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for name in graph.loaded().flat_map(|node| &node.module.env_set) {
        *counts.entry(name.as_str()).or_default() += 1;
    }
    counts
}

/// The types of declaration files beside the function's code, such as `worker-configuration.d.ts`: in its directory, and in that of
/// the entrypoint. They are not sent.
fn ambient(graph: &ModuleGraph, files: &mut impl Files, parser: &Parser) -> Vec<EnvTypes> {
    let entrypoint = graph.iter().next().and_then(|node| node.file.path.rsplit_once('/'));
    let directories = iter::once("").chain(entrypoint.map(|(directory, _)| directory));
    let names = directories.flat_map(|directory| {
        let mut names = files.names_in(directory);
        names.sort();
        let paths = names.into_iter().map(move |name| match directory {
            "" => name,
            directory => format!("{directory}/{name}"),
        });
        paths.filter(|path| is_declaration(path) && graph.get(path).is_none()).collect::<Vec<_>>()
    });
    let names: Vec<_> = names.take(MAX_AMBIENT_FILES).collect();
    let mut allowance = FunctionAllowance::new();
    let files = names.into_iter().filter_map(|name| files.read_aside(&name).ok());
    files.map(|file| parser.parse(&file, &mut allowance).env_types).collect()
}

/// What is known of the types of the environment.
#[derive(Debug, Default)]
struct KnownTypes {
    /// The names of those that are surely of the environment.
    names: BTreeSet<String>,
    /// The members of these.
    sure: BTreeMap<String, StringMember>,
    /// The same, with those of types that are only used for something called `env`.
    guessed: BTreeMap<String, StringMember>,
}

/// A member that is a string wherever it is declared.
#[derive(Debug)]
struct StringMember {
    is_optional: bool,
}

impl KnownTypes {
    /// Types are found by their names, in whichever file they are.
    fn of(graph: &ModuleGraph, ambient: &[EnvTypes]) -> Self {
        let all: Vec<_> = graph.iter().map(|node| &node.module.env_types).chain(ambient).collect();
        let mut declared: BTreeMap<&str, Vec<&DeclaredType>> = BTreeMap::new();
        for (name, of) in all.iter().flat_map(|types| &types.declared) {
            declared.entry(name).or_default().push(of);
        }
        let usual: Vec<_> =
            ENV_TYPES.iter().filter_map(|name| declared.get(name)).flatten().copied().collect();
        let sure: Vec<_> = all.iter().flat_map(|types| &types.sure).chain(usual).collect();
        let guessed = all.iter().flat_map(|types| &types.guessed).chain(sure.iter().copied()).collect();
        let (guessed, _) = members(guessed, &declared);
        let (sure, names) = members(sure, &declared);
        Self { names, sure, guessed }
    }

    /// Whether a read is one of an environment variable: a member of a Worker's environment surely is one only where its type is a
    /// string, and of what may be something else, where its name is written like one too.
    fn is_variable(&self, node: &Node, read: &EnvRead, graph: &ModuleGraph) -> bool {
        let is_sure = || self.sure.contains_key(&read.name);
        match &read.object {
            EnvObject::Process => true,
            EnvObject::Worker => is_sure(),
            EnvObject::Typed { types, .. } if types.iter().any(|name| self.names.contains(name)) => is_sure(),
            EnvObject::Typed { is_named_env, .. } => {
                *is_named_env && is_upper_case(&read.name) && self.guessed.contains_key(&read.name)
            }
            EnvObject::Imported(binding) => match resolve_import(node, binding, graph) {
                Resolution::Local(node, name) => is_process_env(node, name),
                Resolution::Package(binding) if binding.name.as_deref() == Some("env") => {
                    is_process_path(&binding.specifier)
                        || (binding.specifier == "cloudflare:workers" && is_sure())
                }
                _ => false,
            },
        }
    }

    /// Whether the variable may be absent by its type.
    fn is_optional(&self, read: &EnvRead) -> bool {
        let member = self.guessed.get(&read.name);
        read.object != EnvObject::Process && member.is_some_and(|member| member.is_optional)
    }
}

/// Whether a variable of a module is `process.env`.
fn is_process_env(node: &Node, name: &str) -> bool {
    let Some(Initializer { base, operations }) = node.module.initializers.get(name) else { return false };
    let mut path = vec![base.as_str()];
    path.extend(operations.iter().map(|operation| match operation {
        Operation::Member(name) => name.as_str(),
        Operation::Call => "()",
    }));
    path.ends_with(&["process", "env"])
}

/// The members of types that are strings wherever they are declared, and the names of all types that these consist of.
fn members<'t>(
    mut queue: Vec<&'t DeclaredType>,
    declared: &BTreeMap<&str, Vec<&'t DeclaredType>>,
) -> (BTreeMap<String, StringMember>, BTreeSet<String>) {
    let mut visited: BTreeSet<_> = ENV_TYPES.map(str::to_owned).into();
    let mut all = DeclaredType::default();
    while let Some(of) = queue.pop() {
        of.members.iter().for_each(|(name, member)| all.add(name, member));
        let parts = of.parts.iter().filter(|name| visited.insert((*name).clone()));
        queue.extend(parts.filter_map(|name| declared.get(name.as_str())).flatten());
    }
    let types = NamedTypes { declared, known: RefCell::default() };
    let is_string =
        |member: &Member| !member.is_other && member.types.iter().all(|name| types.is_string(name, 0));
    let strings = all.members.into_iter().filter(|(_, member)| is_string(member));
    let strings = strings.map(|(name, member)| (name, StringMember { is_optional: member.is_optional }));
    (strings.collect(), visited)
}

/// Types by name, and which of them are strings.
struct NamedTypes<'d, 't> {
    declared: &'d BTreeMap<&'t str, Vec<&'t DeclaredType>>,
    known: RefCell<BTreeMap<String, bool>>,
}

impl NamedTypes<'_, '_> {
    /// Whether a type of a name is a string, as `type Secret = string` is.
    fn is_string(&self, name: &str, depth: usize) -> bool {
        if let Some(known) = self.known.borrow().get(name) {
            return *known;
        }
        let Some(all) = self.declared.get(name).filter(|_| depth < MAX_ALIASES) else { return false };
        // What depends on itself is none.
        self.known.borrow_mut().insert(name.to_owned(), false);
        let is_string = all.iter().all(|of| {
            let is_alias = of.members.is_empty() && of.parts.len() == 1;
            of.is_string || (is_alias && of.parts.iter().all(|part| self.is_string(part, depth + 1)))
        });
        self.known.borrow_mut().insert(name.to_owned(), is_string);
        is_string
    }
}

#[cfg(test)]
mod tests;
