//! Environment variables that a module reads.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use oxc_ast::AstKind;
use oxc_ast::ast::{
    BindingPattern, Expression, IdentifierReference, TSLiteral, TSSignature, TSType, TSTypeName,
};
use oxc_semantic::{AstNode, Semantic};
use oxc_span::{GetSpan as _, Span};
use oxc_syntax::operator::{AssignmentOperator, UnaryOperator};

use super::module::{EnvRead, ImportBinding};
use super::scope::{is_global, range_of, symbol_of};

/// Variables that the platform, or every system, sets itself.
const ALWAYS_SET: [&str; 5] = ["NODE_ENV", "CI", "HOME", "PATH", "TZ"];

/// Usual names for the type of a Worker's environment (documentation of Cloudflare and Hono).
const ENV_TYPES: [&str; 5] = ["Env", "Bindings", "CloudflareBindings", "CloudflareEnv", "WorkerEnv"];

/// The environment variables that are read, in source order: members of `process.env`, and those of a context's `env`, which
/// are surely variables only where a type of this module declares them as strings.
pub(super) fn env_reads(semantic: &Semantic<'_>, bindings: &BTreeMap<String, ImportBinding>) -> Vec<EnvRead> {
    let mut reader =
        EnvReader { semantic, bindings, declared: declared_members(semantic), reads: Vec::new() };
    for node in semantic.nodes() {
        reader.visit(node);
    }
    reader.reads.sort_by_key(|read| read.range.start);
    reader.reads
}

/// An object that holds environment variables.
enum EnvObject {
    /// `process.env`: each member is a variable.
    Process,
    /// `env` or `c.env`: it holds bindings of other types too.
    Context,
}

struct EnvReader<'s, 'a> {
    semantic: &'s Semantic<'a>,
    bindings: &'s BTreeMap<String, ImportBinding>,
    /// Members of the context's `env`, and whether each is a string.
    declared: BTreeMap<String, bool>,
    reads: Vec<EnvRead>,
}

impl EnvReader<'_, '_> {
    fn visit(&mut self, node: &AstNode<'_>) {
        if let Some(member) = node.kind().as_member_expression_kind() {
            if let Some(name) = member.static_property_name()
                && !is_written(node, self.semantic)
            {
                self.add(member.object(), &name, node.kind().span());
            }
        // `const { X } = process.env`
        } else if let AstKind::VariableDeclarator(it) = node.kind()
            && let (BindingPattern::ObjectPattern(pattern), Some(object)) = (&it.id, &it.init)
        {
            for property in &pattern.properties {
                if let Some(name) = property.key.static_name() {
                    self.add(object, &name, property.key.span());
                }
            }
        }
    }

    /// Adds the member of an object if that holds variables.
    fn add(&mut self, object: &Expression<'_>, name: &str, span: Span) {
        let is_variable = match self.env_object(object) {
            Some(EnvObject::Process) => true,
            Some(EnvObject::Context) => self.declared.get(name) == Some(&true),
            None => return,
        };
        let must_be_declared = is_variable && !ALWAYS_SET.contains(&name);
        self.reads.push(EnvRead { name: name.to_owned(), range: range_of(span), must_be_declared });
    }

    fn env_object(&self, object: &Expression<'_>) -> Option<EnvObject> {
        let scoping = self.semantic.scoping();
        let import_of = |name: &IdentifierReference<'_>| {
            let is_import = scoping.symbol_flags(symbol_of(name, scoping)?).is_import();
            self.bindings.get(name.name.as_str()).filter(|_| is_import)
        };
        let process_import = |name: &IdentifierReference<'_>| {
            import_of(name).filter(|import| matches!(import.specifier.as_str(), "node:process" | "process"))
        };
        // Documentation of Hono, "Adapter Helper".
        let is_hono_env = |name: &IdentifierReference<'_>| {
            import_of(name).is_some_and(|import| {
                import.specifier == "hono/adapter" && import.name.as_deref() == Some("env")
            })
        };
        match object.get_inner_expression() {
            Expression::Identifier(name) if name.name == "env" => {
                let is_process =
                    process_import(name).is_some_and(|import| import.name.as_deref() == Some("env"));
                Some(if is_process { EnvObject::Process } else { EnvObject::Context })
            }
            // `env(c)`
            Expression::CallExpression(call) => {
                let Expression::Identifier(name) = call.callee.get_inner_expression() else { return None };
                is_hono_env(name).then_some(EnvObject::Context)
            }
            Expression::StaticMemberExpression(member) if member.property.name == "env" => {
                match member.object.get_inner_expression() {
                    Expression::Identifier(name) if name.name == "process" => {
                        let is_process = is_global(name, scoping) || process_import(name).is_some();
                        is_process.then_some(EnvObject::Process)
                    }
                    // `globalThis.process.env`
                    Expression::StaticMemberExpression(inner) if inner.property.name == "process" => {
                        Some(EnvObject::Process)
                    }
                    // Vite's `import.meta.env`
                    Expression::ImportMeta(_) => None,
                    _ => Some(EnvObject::Context),
                }
            }
            _ => None,
        }
    }
}

/// Whether a member is set by `=` or deleted.
fn is_written(node: &AstNode<'_>, semantic: &Semantic<'_>) -> bool {
    let span = node.kind().span();
    // An optional chain has the span of its last member.
    let user = semantic.nodes().ancestor_kinds(node.id()).find(|kind| kind.span() != span);
    match user {
        Some(AstKind::AssignmentExpression(it)) => {
            it.operator == AssignmentOperator::Assign && it.left.span() == span
        }
        Some(AstKind::UnaryExpression(it)) => it.operator == UnaryOperator::Delete,
        _ => false,
    }
}

/// The members of the types that describe the environment, and whether each is always declared as a string.
fn declared_members(semantic: &Semantic<'_>) -> BTreeMap<String, bool> {
    // The declared types by name, and the names of those that a property `Bindings` has.
    let mut declared: HashMap<&str, Vec<&[TSSignature<'_>]>> = HashMap::new();
    let mut env_types: BTreeSet<&str> = ENV_TYPES.into();
    let mut found: Vec<&[TSSignature<'_>]> = Vec::new();
    for node in semantic.nodes() {
        match node.kind() {
            AstKind::TSInterfaceDeclaration(interface) => {
                declared.entry(&interface.id.name).or_default().push(&interface.body.body);
            }
            AstKind::TSTypeAliasDeclaration(alias) => {
                declared.entry(&alias.id.name).or_default().extend(literals(&alias.type_annotation));
            }
            AstKind::TSPropertySignature(property) if property.key.is_specific_static_name("Bindings") => {
                let Some(annotation) = &property.type_annotation else { continue };
                found.extend(literals(&annotation.type_annotation));
                env_types.extend(parts(&annotation.type_annotation).iter().filter_map(name_of));
            }
            _ => {}
        }
    }
    found.extend(env_types.iter().filter_map(|name| declared.get(name)).flatten());
    let mut members = BTreeMap::new();
    for member in found.into_iter().flatten() {
        let TSSignature::TSPropertySignature(property) = member else { continue };
        let Some(name) = property.key.static_name() else { continue };
        let annotation = property.type_annotation.as_ref();
        let is_string = annotation.is_some_and(|annotation| is_string(&annotation.type_annotation));
        *members.entry(name.into_owned()).or_insert(true) &= is_string;
    }
    members
}

/// The types that an intersection consists of.
fn parts<'t, 'a>(of: &'t TSType<'a>) -> &'t [TSType<'a>] {
    match of {
        TSType::TSIntersectionType(all) => &all.types,
        one => std::slice::from_ref(one),
    }
}

fn literals<'t, 'a>(of: &'t TSType<'a>) -> impl Iterator<Item = &'t [TSSignature<'a>]> {
    parts(of).iter().filter_map(|part| match part {
        TSType::TSTypeLiteral(literal) => Some(literal.members.as_slice()),
        _ => None,
    })
}

fn name_of<'t>(of: &'t TSType<'_>) -> Option<&'t str> {
    let TSType::TSTypeReference(reference) = of else { return None };
    let TSTypeName::IdentifierReference(name) = &reference.type_name else { return None };
    Some(&name.name)
}

/// `string`, a union of string literals, or one of these that may be absent.
fn is_string(of: &TSType<'_>) -> bool {
    let is_text = |of: &TSType<'_>| match of {
        TSType::TSStringKeyword(_) => true,
        TSType::TSLiteralType(literal) => matches!(literal.literal, TSLiteral::StringLiteral(_)),
        _ => false,
    };
    let is_absent = |of: &TSType<'_>| matches!(of, TSType::TSUndefinedKeyword(_) | TSType::TSNullKeyword(_));
    match of {
        TSType::TSUnionType(union) => {
            union.types.iter().all(|one| is_text(one) || is_absent(one)) && union.types.iter().any(is_text)
        }
        one => is_text(one),
    }
}
