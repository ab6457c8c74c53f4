//! Where a Worker's environment is, by the names that the platform and its libraries give things.

use std::collections::BTreeMap;

use oxc_ast::AstKind;
use oxc_ast::ast::{
    CallExpression, ChainElement, Class, Expression, FormalParameters, MemberExpression, TSSignature, TSType,
    TSTypeAnnotation, TSTypeName,
};
use oxc_semantic::{AstNode, NodeId, Semantic};

use super::module::ImportBinding;
use super::scope::{is_wrapper, symbol_of};

/// Usual names for the type of a Worker's environment (documentation of Cloudflare and Hono).
pub(super) const ENV_TYPES: [&str; 5] =
    ["Env", "Bindings", "CloudflareBindings", "CloudflareEnv", "WorkerEnv"];

/// Types of the platform whose first argument is the type of the environment (Cloudflare documentation, "Workers types" and "Agents").
/// Those of handlers start with `ExportedHandler`.
const PLATFORM_TYPES: [&str; 9] = [
    "DurableObject",
    "WorkerEntrypoint",
    "WorkflowEntrypoint",
    "PagesFunction",
    "PagesPluginFunction",
    "EventContext",
    "Agent",
    "McpAgent",
    "Container",
];

/// Functions whose second parameter is the environment (Cloudflare documentation, "Handlers").
const HANDLERS: [&str; 8] = ["fetch", "scheduled", "queue", "email", "tail", "tailStream", "trace", "test"];

/// Types of what these are called with first (Cloudflare documentation, "Handlers").
const EVENT_TYPES: [&str; 6] = [
    "Request",
    "ScheduledController",
    "ScheduledEvent",
    "MessageBatch",
    "ForwardableEmailMessage",
    "TraceItem",
];

/// Methods of lists that call a function with each element (ECMAScript, "Array Objects").
const LIST_METHODS: [&str; 12] = [
    "every",
    "filter",
    "find",
    "findIndex",
    "findLast",
    "flatMap",
    "forEach",
    "map",
    "reduce",
    "some",
    "sort",
    "toSorted",
];

/// Methods of an app that are called with functions of a context (documentation of Hono, "App").
const ROUTE_METHODS: [&str; 11] =
    ["all", "delete", "get", "notFound", "on", "onError", "options", "patch", "post", "put", "use"];

/// Usual names for objects that have the environment as their member `env`.
const CONTEXTS: [&str; 8] = ["c", "ctx", "context", "event", "platform", "locals", "runtime", "cloudflare"];

/// Types of such objects, which have the type of the environment as an argument.
const CONTEXT_TYPES: [&str; 2] = ["Context", "EventContext"];

pub(super) fn is_platform_type(name: &str) -> bool {
    PLATFORM_TYPES.contains(&name) || is_handler_type(name)
}

/// `ExportedHandler`, `ExportedHandlerFetchHandler`, …
fn is_handler_type(name: &str) -> bool {
    name.starts_with("ExportedHandler")
}

/// `env`, `_env`, `ENV`
pub(super) fn is_env_name(name: &str) -> bool {
    name.trim_start_matches('_').eq_ignore_ascii_case("env")
}

pub(super) fn is_context_name(name: &str) -> bool {
    CONTEXTS.contains(&name.trim_start_matches('_'))
}

/// Whether an annotation says that a value is the context of a request, with an environment of a known type.
pub(super) fn is_context_type(annotation: &TSTypeAnnotation<'_>) -> bool {
    match &annotation.type_annotation {
        TSType::TSTypeReference(of) => {
            of.type_arguments.is_some()
                && type_name(&of.type_name).is_some_and(|name| CONTEXT_TYPES.contains(&name))
        }
        _ => false,
    }
}

/// The name at the end of `Cloudflare.Env`.
pub(super) fn type_name<'n>(name: &'n TSTypeName<'_>) -> Option<&'n str> {
    match name {
        TSTypeName::IdentifierReference(name) => Some(name.name.as_str()),
        TSTypeName::QualifiedName(name) => Some(name.right.name.as_str()),
        TSTypeName::ThisExpression(_) => None,
    }
}

/// The name of the class that a class extends.
pub(super) fn superclass<'n>(class: &'n Class<'_>) -> Option<&'n str> {
    match class.heritage.as_ref()?.expression.get_inner_expression() {
        Expression::Identifier(name) => Some(name.name.as_str()),
        Expression::StaticMemberExpression(member) => Some(member.property.name.as_str()),
        _ => None,
    }
}

/// `env(c)` (documentation of Hono, "Adapter Helper"), by whichever name it is imported.
pub(super) fn is_adapter_call(call: &CallExpression<'_>, bindings: &BTreeMap<String, ImportBinding>) -> bool {
    let imported = |name: &str, export: Option<&str>| {
        let binding = bindings.get(name);
        binding.is_some_and(|it| it.specifier == "hono/adapter" && it.name.as_deref() == export)
    };
    match call.callee.get_inner_expression() {
        Expression::Identifier(name) => imported(&name.name, Some("env")),
        Expression::StaticMemberExpression(member) if member.property.name == "env" => {
            matches!(&member.object, Expression::Identifier(name) if imported(&name.name, None))
        }
        _ => false,
    }
}

/// How sure it is by its place that a parameter is the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The second one of a handler, or of the constructor of a class of the platform.
    Sure,
    /// The second one after an event of the platform.
    Guessed,
}

/// Whether a parameter is the environment by its place.
pub(super) fn place_of(parameter: &AstNode<'_>, semantic: &Semantic<'_>) -> Option<Place> {
    let AstKind::FormalParameter(it) = parameter.kind() else { return None };
    let nodes = semantic.nodes();
    let list = nodes.parent_node(parameter.id());
    let AstKind::FormalParameters(all) = list.kind() else { return None };
    let [first, second, ..] = all.items.as_slice() else { return None };
    if second.span != it.span {
        return None;
    }
    if is_handler(nodes.parent_id(list.id()), all, semantic) {
        return Some(Place::Sure);
    }
    let of = first.type_annotation.as_ref().map(|annotation| &annotation.type_annotation);
    let is_event = matches!(of, Some(TSType::TSTypeReference(of))
        if type_name(&of.type_name).is_some_and(|name| EVENT_TYPES.contains(&name)));
    is_event.then_some(Place::Guessed)
}

fn is_handler(function: NodeId, parameters: &FormalParameters<'_>, semantic: &Semantic<'_>) -> bool {
    let nodes = semantic.nodes();
    let name_of = |index: usize| parameters.items.get(index)?.pattern.get_binding_identifier();
    let has_env = name_of(1).is_some_and(|name| is_env_name(&name.name));
    if let AstKind::Function(it) = nodes.kind(function)
        && it.id.as_ref().is_some_and(|id| HANDLERS.contains(&id.name.as_str()))
    {
        return has_env;
    }
    let mut ancestors = nodes.ancestor_kinds(function).skip_while(is_wrapper);
    match ancestors.next() {
        Some(AstKind::ObjectProperty(it)) => {
            let name = it.key.static_name();
            let is_handler = name.is_some_and(|name| HANDLERS.contains(&name.as_ref()));
            is_handler && (has_env || is_exported(ancestors.skip(1)))
        }
        // `const f: ExportedHandlerFetchHandler<Env> = (request, env) => …`
        Some(AstKind::VariableDeclarator(it)) => is_handler_annotation(it.type_annotation.as_deref()),
        Some(AstKind::MethodDefinition(it)) if it.kind.is_constructor() => {
            // Between them is the body of the class.
            matches!(ancestors.nth(1), Some(AstKind::Class(class)) if superclass(class).is_some_and(is_platform_type))
        }
        _ => false,
    }
}

/// Whether a parameter is an element of a list, by the method that its function is for.
pub(super) fn is_element(parameter: NodeId, semantic: &Semantic<'_>) -> bool {
    is_for_method(parameter, &LIST_METHODS, semantic)
}

/// Whether a parameter is of a function that handles a route or the requests before it.
pub(super) fn is_of_route(parameter: NodeId, semantic: &Semantic<'_>) -> bool {
    is_for_method(parameter, &ROUTE_METHODS, semantic)
}

fn is_for_method(parameter: NodeId, methods: &[&str], semantic: &Semantic<'_>) -> bool {
    // Between them are the list of parameters and the function.
    match semantic.nodes().ancestor_kinds(parameter).nth(2) {
        Some(AstKind::CallExpression(call)) => as_member(&call.callee)
            .and_then(MemberExpression::static_property_name)
            .is_some_and(|name| methods.contains(&name)),
        _ => false,
    }
}

/// Whether an object is what a Worker exports, by its ancestors: the default export, also through calls, or of the platform's type.
fn is_exported<'a>(ancestors: impl Iterator<Item = AstKind<'a>>) -> bool {
    for ancestor in ancestors {
        match ancestor {
            AstKind::ExportDefaultDeclaration(_) => return true,
            AstKind::VariableDeclarator(it) => return is_handler_annotation(it.type_annotation.as_deref()),
            AstKind::TSSatisfiesExpression(it) if names_handler(&it.type_annotation) => return true,
            AstKind::TSAsExpression(it) if names_handler(&it.type_annotation) => return true,
            AstKind::CallExpression(_) => {}
            other if is_wrapper(&other) => {}
            _ => return false,
        }
    }
    false
}

fn is_handler_annotation(annotation: Option<&TSTypeAnnotation<'_>>) -> bool {
    annotation.is_some_and(|annotation| names_handler(&annotation.type_annotation))
}

fn names_handler(of: &TSType<'_>) -> bool {
    matches!(of, TSType::TSTypeReference(of) if type_name(&of.type_name).is_some_and(is_handler_type))
}

/// What a type says of a member.
pub(super) enum TypeOfMember<'t, 'a> {
    Is(&'t TSType<'a>),
    /// There is no such member, or nothing is said of its type.
    Untyped,
    /// The type is not declared in this module.
    Unknown,
}

/// The type of a member of a type, where this module declares it.
pub(super) fn type_of_member<'t, 'a>(
    of: &'t TSType<'a>,
    name: &str,
    semantic: &'t Semantic<'a>,
) -> TypeOfMember<'t, 'a> {
    let within = |members: &'t [TSSignature<'a>]| {
        let typed = members.iter().find_map(|member| match member {
            TSSignature::TSPropertySignature(it) if it.key.is_specific_static_name(name) => {
                it.type_annotation.as_ref()
            }
            _ => None,
        });
        typed.map_or(TypeOfMember::Untyped, |annotation| TypeOfMember::Is(&annotation.type_annotation))
    };
    match of {
        TSType::TSTypeLiteral(literal) => within(&literal.members),
        TSType::TSTypeReference(reference) => {
            let TSTypeName::IdentifierReference(id) = &reference.type_name else {
                return TypeOfMember::Unknown;
            };
            let symbol = symbol_of(id, semantic.scoping());
            match symbol.map(|symbol| semantic.symbol_declaration(symbol).kind()) {
                // What it extends may be anywhere.
                Some(AstKind::TSInterfaceDeclaration(it)) if it.extends.is_empty() => within(&it.body.body),
                Some(AstKind::TSTypeAliasDeclaration(it)) => match &it.type_annotation {
                    TSType::TSTypeLiteral(literal) => within(&literal.members),
                    _ => TypeOfMember::Unknown,
                },
                _ => TypeOfMember::Unknown,
            }
        }
        _ => TypeOfMember::Unknown,
    }
}

/// A member of an object, also at the end of an optional chain.
pub(super) fn as_member<'e, 'a>(expression: &'e Expression<'a>) -> Option<&'e MemberExpression<'a>> {
    match expression {
        Expression::ChainExpression(chain) => match &chain.expression {
            ChainElement::TSNonNullExpression(it) => as_member(&it.expression),
            element => element.as_member_expression(),
        },
        other => other.as_member_expression(),
    }
}

/// Whether a specifier is that of Node's module `process`.
pub(super) fn is_process_path(specifier: &str) -> bool {
    matches!(specifier, "node:process" | "process")
}
