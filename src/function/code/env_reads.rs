//! Environment variables that a module reads.

use std::collections::{BTreeMap, BTreeSet};

use oxc_ast::AstKind;
use oxc_ast::ast::{
    BindingPattern, CallExpression, Expression, IdentifierReference, ObjectPattern, PropertyKey,
};
use oxc_semantic::{AstNode, Semantic, SymbolId};
use oxc_span::{GetSpan as _, Span};
use oxc_syntax::operator::{AssignmentOperator, LogicalOperator, UnaryOperator};

use super::env_types::{is_env_type, type_of};
use super::module::{EnvObject, EnvRead, ImportBinding};
use super::scope::{is_global, range_of, symbol_of};

/// Most variables that are followed from a name to what it holds: `const e = env` is common, longer chains are not.
const MAX_NAMES_OF_ENV: usize = 5;

/// The environment variables that are read, in source order: members of `process.env`, and those of a context's `env`.
pub(super) fn env_reads(semantic: &Semantic<'_>, bindings: &BTreeMap<String, ImportBinding>) -> Vec<EnvRead> {
    let mut reader = EnvReader { semantic, bindings, set: BTreeSet::new(), reads: Vec::new() };
    for node in semantic.nodes() {
        reader.visit(node);
    }
    for read in &mut reader.reads {
        // What the module sets itself, nobody else has to set.
        read.is_optional |= reader.set.contains(&read.name);
    }
    reader.reads.sort_by_key(|read| read.range.start);
    reader.reads
}

struct EnvReader<'s, 'a> {
    semantic: &'s Semantic<'a>,
    bindings: &'s BTreeMap<String, ImportBinding>,
    /// Variables that the module sets.
    set: BTreeSet<String>,
    reads: Vec<EnvRead>,
}

impl<'a> EnvReader<'_, 'a> {
    fn visit(&mut self, node: &AstNode<'a>) {
        if let Some(member) = node.kind().as_member_expression_kind() {
            if let Some(name) = member.static_property_name()
                && let Some(object) = self.env_object(member.object(), 0)
            {
                if is_written(node, self.semantic) {
                    self.set.insert(name.to_string());
                } else {
                    self.add(object, &name, node.kind().span(), has_default(node, self.semantic));
                }
            }
            return;
        }
        match node.kind() {
            // `const { X } = process.env`, `const { env: { X } } = c`
            AstKind::VariableDeclarator(it) => {
                if let (BindingPattern::ObjectPattern(pattern), Some(init)) = (&it.id, &it.init) {
                    match self.env_object(init, 0) {
                        Some(object) => self.add_all(object, pattern),
                        None => self.add_nested(self.env_of(init), pattern),
                    }
                }
            }
            // `fetch(request, { X }: Env)`, `({ env: { X } }) => …`
            AstKind::FormalParameter(it) => {
                if let BindingPattern::ObjectPattern(pattern) = &it.pattern {
                    let annotation = it.type_annotation.as_ref();
                    if annotation.is_some_and(|it| is_env_type(type_of(it))) {
                        self.add_all(EnvObject::Context, pattern);
                    } else {
                        self.add_nested(EnvObject::Context, pattern);
                    }
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, object: EnvObject, name: &str, span: Span, is_optional: bool) {
        self.reads.push(EnvRead { name: name.to_owned(), range: range_of(span), object, is_optional });
    }

    /// Adds every member that a pattern takes out of an object.
    fn add_all(&mut self, object: EnvObject, pattern: &ObjectPattern<'_>) {
        for property in &pattern.properties {
            if let Some(name) = property.key.static_name() {
                let has_default = matches!(property.value, BindingPattern::AssignmentPattern(_));
                self.add(object, &name, property.key.span(), has_default);
            }
        }
    }

    /// The same for a pattern that takes `env` apart.
    fn add_nested(&mut self, object: EnvObject, pattern: &ObjectPattern<'_>) {
        for property in pattern.properties.iter().filter(|property| is_env(&property.key)) {
            if let BindingPattern::ObjectPattern(inner) = &property.value {
                self.add_all(object, inner);
            }
        }
    }

    fn import_of(&self, name: &IdentifierReference<'_>) -> Option<&ImportBinding> {
        let scoping = self.semantic.scoping();
        let is_import = scoping.symbol_flags(symbol_of(name, scoping)?).is_import();
        self.bindings.get(name.name.as_str()).filter(|_| is_import)
    }

    /// Whether an expression is the global `process`, or Node's module of this name.
    fn is_process(&self, object: &Expression<'_>) -> bool {
        match object.get_inner_expression() {
            Expression::Identifier(name) => {
                (name.name == "process" && is_global(name, self.semantic.scoping()))
                    || self.import_of(name).is_some_and(is_process_module)
            }
            // `globalThis.process`
            Expression::StaticMemberExpression(member) => member.property.name == "process",
            _ => false,
        }
    }

    /// What the member `env` of an object is.
    fn env_of(&self, object: &Expression<'_>) -> EnvObject {
        if self.is_process(object) { EnvObject::Process } else { EnvObject::Context }
    }

    /// What an expression holds, if it is an environment. Names are followed up to a depth.
    fn env_object(&self, object: &Expression<'_>, depth: usize) -> Option<EnvObject> {
        match object.get_inner_expression() {
            Expression::Identifier(name) => self.env_of_name(name, depth),
            Expression::CallExpression(call) => self.env_of_call(call),
            Expression::StaticMemberExpression(member) if member.property.name == "env" => {
                match member.object.get_inner_expression() {
                    // Vite's `import.meta.env`
                    Expression::ImportMeta(_) => None,
                    inner if self.is_process(inner) => Some(EnvObject::Process),
                    // A local object of this name.
                    Expression::Identifier(name) if name.name == "process" => None,
                    _ => Some(EnvObject::Context),
                }
            }
            _ => None,
        }
    }

    fn env_of_name(&self, name: &IdentifierReference<'_>, depth: usize) -> Option<EnvObject> {
        if let Some(import) = self.import_of(name) {
            let is_env = import.name.as_deref() == Some("env");
            return match import.specifier.as_str() {
                "node:process" | "process" => is_env.then_some(EnvObject::Process),
                // Cloudflare documentation, "Environment variables": `import { env } from "cloudflare:workers"`.
                "cloudflare:workers" => is_env.then_some(EnvObject::Context),
                _ => (name.name == "env").then_some(EnvObject::Context),
            };
        }
        let named = (name.name == "env").then_some(EnvObject::Context);
        let Some(symbol) = symbol_of(name, self.semantic.scoping()) else { return named };
        self.env_of_symbol(symbol, name, depth).or(named)
    }

    /// What a variable or a parameter holds, where its declaration shows it.
    fn env_of_symbol(
        &self,
        symbol: SymbolId,
        name: &IdentifierReference<'_>,
        depth: usize,
    ) -> Option<EnvObject> {
        if depth == MAX_NAMES_OF_ENV {
            return None;
        }
        match self.semantic.symbol_declaration(symbol).kind() {
            AstKind::VariableDeclarator(variable) => match (&variable.id, &variable.init) {
                (BindingPattern::BindingIdentifier(_), Some(init)) => self.env_object(init, depth + 1),
                // `const { env: e } = c`
                (BindingPattern::ObjectPattern(pattern), Some(init)) => {
                    let is_it = |value: &BindingPattern<'_>| matches!(value, BindingPattern::BindingIdentifier(local) if local.name == name.name);
                    let mut properties = pattern.properties.iter();
                    properties
                        .any(|property| is_env(&property.key) && is_it(&property.value))
                        .then(|| self.env_of(init))
                }
                _ => None,
            },
            AstKind::FormalParameter(parameter) => {
                let annotation = parameter.type_annotation.as_ref()?;
                is_env_type(type_of(annotation)).then_some(EnvObject::Context)
            }
            _ => None,
        }
    }

    /// `env(c)` (documentation of Hono, "Adapter Helper").
    fn env_of_call(&self, call: &CallExpression<'_>) -> Option<EnvObject> {
        let Expression::Identifier(name) = call.callee.get_inner_expression() else { return None };
        let import = self.import_of(name)?;
        let is_env = import.specifier == "hono/adapter" && import.name.as_deref() == Some("env");
        is_env.then_some(EnvObject::Context)
    }
}

fn is_process_module(import: &ImportBinding) -> bool {
    let is_whole = import.name.as_deref().is_none_or(|name| name == "default");
    matches!(import.specifier.as_str(), "node:process" | "process") && is_whole
}

fn is_env(key: &PropertyKey<'_>) -> bool {
    key.is_specific_static_name("env")
}

/// Whether a member has a default: `env.X ?? 'a'`, `env.X || 'a'`.
fn has_default(node: &AstNode<'_>, semantic: &Semantic<'_>) -> bool {
    let span = node.kind().span();
    let is_wrapper = |kind: &AstKind<'_>| {
        matches!(
            kind,
            AstKind::ParenthesizedExpression(_)
                | AstKind::ChainExpression(_)
                | AstKind::TSAsExpression(_)
                | AstKind::TSSatisfiesExpression(_)
                | AstKind::TSNonNullExpression(_)
                | AstKind::TSTypeAssertion(_)
        )
    };
    match semantic.nodes().ancestor_kinds(node.id()).find(|kind| !is_wrapper(kind)) {
        Some(AstKind::LogicalExpression(it)) => {
            it.operator != LogicalOperator::And && it.left.span().contains_inclusive(span)
        }
        _ => false,
    }
}

/// Whether a member is set, if only where it is not set yet, or deleted.
fn is_written(node: &AstNode<'_>, semantic: &Semantic<'_>) -> bool {
    let span = node.kind().span();
    // An optional chain has the span of its last member.
    let user = semantic.nodes().ancestor_kinds(node.id()).find(|kind| kind.span() != span);
    match user {
        Some(AstKind::AssignmentExpression(it)) => {
            (it.operator == AssignmentOperator::Assign || it.operator.is_logical()) && it.left.span() == span
        }
        Some(AstKind::UnaryExpression(it)) => it.operator == UnaryOperator::Delete,
        _ => false,
    }
}
