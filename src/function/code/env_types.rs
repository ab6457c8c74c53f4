//! Types that describe a Worker's environment.

use oxc_ast::AstKind;
use oxc_ast::ast::{
    BindingPattern, Expression, PropertyKey, TSLiteral, TSSignature, TSType, TSTypeAnnotation, TSTypeName,
    TSTypeParameterInstantiation,
};
use oxc_semantic::Semantic;

use super::module::{DeclaredType, EnvTypes};

/// Usual names for the type of a Worker's environment (documentation of Cloudflare and Hono).
pub(super) const ENV_TYPES: [&str; 5] =
    ["Env", "Bindings", "CloudflareBindings", "CloudflareEnv", "WorkerEnv"];

/// Types of the platform whose first argument is the type of the environment (Cloudflare documentation, "Workers types").
const PLATFORM_TYPES: [&str; 6] = [
    "ExportedHandler",
    "DurableObject",
    "WorkerEntrypoint",
    "WorkflowEntrypoint",
    "PagesFunction",
    "EventContext",
];

/// Most members of all types of a module. One with more is generated from an API's description, and describes the environment, if at
/// all, under a usual name.
const MAX_TYPE_MEMBERS: usize = 10_000;

/// The types that a module declares, and those that it uses for the environment.
pub(super) fn env_types(semantic: &Semantic<'_>) -> EnvTypes {
    let mut types = EnvTypes::default();
    for node in semantic.nodes() {
        match node.kind() {
            AstKind::TSInterfaceDeclaration(interface) => {
                let declared = types.declared.entry(interface.id.name.to_string()).or_default();
                add_members(declared, &interface.body.body);
                declared
                    .parts
                    .extend(interface.extends.iter().filter_map(|parent| last_name(&parent.type_name)));
            }
            AstKind::TSTypeAliasDeclaration(alias) => {
                let declared = types.declared.entry(alias.id.name.to_string()).or_default();
                add_type(declared, &alias.type_annotation);
            }
            AstKind::TSPropertySignature(it) if is_env_name(&it.key) => {
                use_type(&mut types, it.type_annotation.as_deref());
            }
            AstKind::PropertyDefinition(it) if is_env_name(&it.key) => {
                use_type(&mut types, it.type_annotation.as_deref());
            }
            AstKind::FormalParameter(it) if is_named_env(&it.pattern) => {
                use_type(&mut types, it.type_annotation.as_deref());
            }
            AstKind::VariableDeclarator(it) if is_named_env(&it.id) => {
                use_type(&mut types, it.type_annotation.as_deref());
            }
            AstKind::TSTypeReference(it) => {
                if let TSTypeName::IdentifierReference(name) = &it.type_name {
                    use_argument(&mut types, &name.name, it.type_arguments.as_deref());
                }
            }
            AstKind::Class(it) => {
                if let Some(heritage) = &it.heritage
                    && let Expression::Identifier(name) = &heritage.expression
                {
                    use_argument(&mut types, &name.name, heritage.type_arguments.as_deref());
                }
            }
            // `env<Bindings>(c)`
            AstKind::CallExpression(it) if it.callee.is_specific_id("env") => {
                let argument = it.type_arguments.as_ref().and_then(|arguments| arguments.params.first());
                types.used.extend(argument.map(described));
            }
            _ => {}
        }
    }
    // Most modules declare types that nobody uses for the environment.
    types.declared.retain(|_, declared| declared.size() > 0);
    if types.declared.values().map(DeclaredType::size).sum::<usize>() > MAX_TYPE_MEMBERS {
        types.declared.retain(|name, _| ENV_TYPES.contains(&name.as_str()));
    }
    types
}

/// The type of an annotation.
pub(super) fn type_of<'t, 'a>(annotation: &'t TSTypeAnnotation<'a>) -> &'t TSType<'a> {
    &annotation.type_annotation
}

/// Whether a type has a usual name of the environment's type.
pub(super) fn is_env_type(of: &TSType<'_>) -> bool {
    described(of).parts.iter().any(|name| ENV_TYPES.contains(&name.as_str()))
}

fn use_type(types: &mut EnvTypes, annotation: Option<&TSTypeAnnotation<'_>>) {
    types.used.extend(annotation.map(|annotation| described(&annotation.type_annotation)));
}

fn use_argument(types: &mut EnvTypes, name: &str, arguments: Option<&TSTypeParameterInstantiation<'_>>) {
    if PLATFORM_TYPES.contains(&name) {
        types.used.extend(arguments.and_then(|arguments| arguments.params.first()).map(described));
    }
}

fn described(of: &TSType<'_>) -> DeclaredType {
    let mut declared = DeclaredType::default();
    add_type(&mut declared, of);
    declared
}

/// Adds what a type consists of: members that are written there, and names of other types.
fn add_type(declared: &mut DeclaredType, of: &TSType<'_>) {
    match of {
        TSType::TSIntersectionType(all) => all.types.iter().for_each(|part| add_type(declared, part)),
        TSType::TSParenthesizedType(inner) => add_type(declared, &inner.type_annotation),
        TSType::TSTypeLiteral(literal) => add_members(declared, &literal.members),
        TSType::TSTypeReference(reference) => {
            // `Partial<Env>` and its like say nothing of what is set.
            let name = last_name(&reference.type_name).filter(|_| reference.type_arguments.is_none());
            declared.parts.extend(name);
        }
        _ => {}
    }
}

fn add_members(declared: &mut DeclaredType, members: &[TSSignature<'_>]) {
    for member in members {
        let TSSignature::TSPropertySignature(property) = member else { continue };
        let Some(name) = property.key.static_name() else { continue };
        let annotation = property.type_annotation.as_ref();
        let is_string = annotation.is_some_and(|annotation| is_string(&annotation.type_annotation));
        declared.add(&name, is_string);
    }
}

/// The name at the end of `Cloudflare.Env`.
fn last_name(name: &TSTypeName<'_>) -> Option<String> {
    match name {
        TSTypeName::IdentifierReference(name) => Some(name.name.to_string()),
        TSTypeName::QualifiedName(name) => Some(name.right.name.to_string()),
        TSTypeName::ThisExpression(_) => None,
    }
}

fn is_env_name(key: &PropertyKey<'_>) -> bool {
    key.is_specific_static_name("Bindings") || key.is_specific_static_name("env")
}

fn is_named_env(pattern: &BindingPattern<'_>) -> bool {
    matches!(pattern, BindingPattern::BindingIdentifier(name) if name.name == "env")
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
