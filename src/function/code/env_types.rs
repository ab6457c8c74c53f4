//! Types that describe a Worker's environment.

use std::collections::{BTreeMap, BTreeSet};

use oxc_ast::AstKind;
use oxc_ast::ast::{
    BindingPattern, PropertyKey, TSLiteral, TSSignature, TSType, TSTypeAnnotation, TSTypeName,
    TSTypeParameterInstantiation,
};
use oxc_semantic::{AstNode, Semantic};

use super::env_places::{
    ENV_TYPES, Place, is_adapter_call, is_env_name, is_platform_type, place_of, superclass, type_name,
};
use super::module::{DeclaredType, EnvTypes, ImportBinding, Member};
use super::scope::symbol_of;

/// Most members of all types of a module. One with more is generated from an API's description, and describes the environment, if at
/// all, under a usual name.
const MAX_TYPE_MEMBERS: usize = 10_000;

/// Types of TypeScript that consist of what their first argument does.
const WRAPPERS: [&str; 6] = ["Readonly", "Required", "Partial", "Pick", "Omit", "NonNullable"];

/// The types that a module declares, and those that it uses for the environment.
pub(super) fn env_types(semantic: &Semantic<'_>, bindings: &BTreeMap<String, ImportBinding>) -> EnvTypes {
    let mut reader = TypeReader { semantic, bindings, types: EnvTypes::default() };
    for node in semantic.nodes() {
        reader.declare(node);
        reader.use_types(node);
    }
    let mut types = reader.types;
    // Most modules declare types that nobody uses for the environment.
    types.declared.retain(|_, declared| declared.size() > 0);
    if types.declared.values().map(DeclaredType::size).sum::<usize>() > MAX_TYPE_MEMBERS {
        types.declared.retain(|name, _| ENV_TYPES.contains(&name.as_str()));
    }
    types
}

/// The names of the types that a type consists of; `None` if it is no object, or nothing is known of its members.
pub(super) fn names_of_object(of: &TSType<'_>, semantic: &Semantic<'_>) -> Option<BTreeSet<String>> {
    match of {
        TSType::TSAnyKeyword(_)
        | TSType::TSUnknownKeyword(_)
        | TSType::TSObjectKeyword(_)
        | TSType::TSIndexedAccessType(_)
        | TSType::TSImportType(_) => Some(BTreeSet::new()),
        of => {
            let described = described(of, semantic);
            (!described.is_string && described.size() > 0).then_some(described.parts)
        }
    }
}

/// What a type consists of.
fn described(of: &TSType<'_>, semantic: &Semantic<'_>) -> DeclaredType {
    let mut declared = DeclaredType::default();
    add_type(&mut declared, of, semantic);
    declared
}

struct TypeReader<'s, 'a> {
    semantic: &'s Semantic<'a>,
    bindings: &'s BTreeMap<String, ImportBinding>,
    types: EnvTypes,
}

impl<'a> TypeReader<'_, 'a> {
    fn declare(&mut self, node: &AstNode<'a>) {
        let semantic = self.semantic;
        let types = &mut self.types.declared;
        match node.kind() {
            AstKind::TSInterfaceDeclaration(interface) => {
                let declared = types.entry(interface.id.name.to_string()).or_default();
                add_members(declared, &interface.body.body);
                for parent in &interface.extends {
                    let arguments = parent.type_arguments.as_deref();
                    add_reference(declared, &parent.type_name, arguments, semantic);
                }
            }
            AstKind::TSTypeAliasDeclaration(alias) => {
                let declared = types.entry(alias.id.name.to_string()).or_default();
                add_type(declared, &alias.type_annotation, semantic);
            }
            // `import { Env as WorkerEnv } from …`
            AstKind::ImportSpecifier(it) if it.imported.name() != it.local.name.as_str() => {
                let declared = types.entry(it.local.name.to_string()).or_default();
                declared.parts.insert(it.imported.name().to_string());
            }
            _ => {}
        }
    }

    fn use_types(&mut self, node: &AstNode<'a>) {
        match node.kind() {
            AstKind::TSPropertySignature(it) if it.key.is_specific_static_name("Bindings") => {
                self.use_surely(it.type_annotation.as_deref().map(type_of));
            }
            AstKind::TSPropertySignature(it) if is_env(&it.key) && !self.is_of_import_meta(node) => {
                self.guess(it.type_annotation.as_deref());
            }
            AstKind::PropertyDefinition(it) if is_env(&it.key) => self.guess(it.type_annotation.as_deref()),
            AstKind::FormalParameter(it) => match place_of(node, self.semantic) {
                Some(Place::Sure) => self.use_surely(it.type_annotation.as_deref().map(type_of)),
                Some(Place::Guessed) => self.guess(it.type_annotation.as_deref()),
                None if is_named_env(&it.pattern) => self.guess(it.type_annotation.as_deref()),
                None => {}
            },
            AstKind::VariableDeclarator(it) if is_named_env(&it.id) => {
                self.guess(it.type_annotation.as_deref());
            }
            AstKind::TSTypeReference(it) if type_name(&it.type_name).is_some_and(is_platform_type) => {
                self.use_surely(first(it.type_arguments.as_deref()));
            }
            AstKind::Class(it) if superclass(it).is_some_and(is_platform_type) => {
                let arguments = it.heritage.as_ref().and_then(|heritage| heritage.type_arguments.as_deref());
                self.use_surely(first(arguments));
            }
            // `env<Bindings>(c)`
            AstKind::CallExpression(it) if is_adapter_call(it, self.bindings) => {
                self.use_surely(first(it.type_arguments.as_deref()));
            }
            _ => {}
        }
    }

    fn use_surely(&mut self, of: Option<&TSType<'_>>) {
        self.types.sure.extend(of.map(|of| described(of, self.semantic)));
    }

    fn guess(&mut self, annotation: Option<&TSTypeAnnotation<'_>>) {
        self.types.guessed.extend(annotation.map(|annotation| described(type_of(annotation), self.semantic)));
    }

    /// Whether a property is a member of `ImportMeta`: Vite's `import.meta.env` is filled in when the code is built.
    fn is_of_import_meta(&self, property: &AstNode<'a>) -> bool {
        let mut ancestors = self.semantic.nodes().ancestor_kinds(property.id());
        matches!(ancestors.nth(1), Some(AstKind::TSInterfaceDeclaration(it)) if it.id.name == "ImportMeta")
    }
}

/// The type of an annotation.
pub(super) fn type_of<'t, 'a>(annotation: &'t TSTypeAnnotation<'a>) -> &'t TSType<'a> {
    &annotation.type_annotation
}

fn first<'t, 'a>(arguments: Option<&'t TSTypeParameterInstantiation<'a>>) -> Option<&'t TSType<'a>> {
    arguments?.params.first()
}

/// Adds what a type consists of: members that are written there, and names of other types.
fn add_type(declared: &mut DeclaredType, of: &TSType<'_>, semantic: &Semantic<'_>) {
    let member = member(of);
    if !member.is_other && member.types.is_empty() {
        declared.is_string = true;
        return;
    }
    match of {
        TSType::TSIntersectionType(all) => {
            all.types.iter().for_each(|part| add_type(declared, part, semantic));
        }
        // A member counts where every type that has it says the same.
        TSType::TSUnionType(any) => {
            any.types.iter().for_each(|part| add_type(declared, part, semantic));
            declared.is_string = false;
        }
        TSType::TSParenthesizedType(inner) => add_type(declared, &inner.type_annotation, semantic),
        TSType::TSTypeLiteral(literal) => add_members(declared, &literal.members),
        TSType::TSTypeReference(reference) => {
            add_reference(declared, &reference.type_name, reference.type_arguments.as_deref(), semantic);
        }
        // `{ [K in 'A' | 'B']: string }`
        TSType::TSMappedType(mapped) => {
            let of = mapped.type_annotation.as_ref();
            let of = of.map_or(Member { is_other: true, ..Member::default() }, self::member);
            let of = Member { is_optional: of.is_optional || mapped.optional.is_some(), ..of };
            for name in names(&mapped.constraint, semantic, true) {
                declared.add(&name, &of);
            }
        }
        _ => {}
    }
}

/// Adds what a type of a name consists of.
fn add_reference(
    declared: &mut DeclaredType,
    name: &TSTypeName<'_>,
    arguments: Option<&TSTypeParameterInstantiation<'_>>,
    semantic: &Semantic<'_>,
) {
    let Some(name) = type_name(name) else { return };
    match arguments.map(|arguments| arguments.params.as_slice()) {
        None => _ = declared.parts.insert(name.to_owned()),
        Some([keys, of]) if name == "Record" => {
            let of = member(of);
            for name in names(keys, semantic, true) {
                declared.add(&name, &of);
            }
        }
        Some([of, ..]) if WRAPPERS.contains(&name) => {
            let of = described(of, semantic);
            declared.parts.extend(of.parts);
            for (member, mut of) in of.members {
                of.is_optional |= name == "Partial";
                declared.add(&member, &of);
            }
        }
        Some(_) => {}
    }
}

fn add_members(declared: &mut DeclaredType, members: &[TSSignature<'_>]) {
    for signature in members {
        let TSSignature::TSPropertySignature(property) = signature else { continue };
        let Some(name) = property.key.static_name() else { continue };
        let mut of = match &property.type_annotation {
            Some(annotation) => member(type_of(annotation)),
            None => Member { is_other: true, ..Member::default() },
        };
        of.is_optional |= property.optional;
        declared.add(&name, &of);
    }
}

/// The names in a union of literals, which may have a name itself.
fn names(of: &TSType<'_>, semantic: &Semantic<'_>, may_follow: bool) -> Vec<String> {
    match of {
        TSType::TSLiteralType(literal) => match &literal.literal {
            TSLiteral::StringLiteral(text) => vec![text.value.to_string()],
            _ => Vec::new(),
        },
        TSType::TSUnionType(union) => {
            union.types.iter().flat_map(|one| names(one, semantic, may_follow)).collect()
        }
        TSType::TSTypeReference(reference) if may_follow => {
            let TSTypeName::IdentifierReference(name) = &reference.type_name else { return Vec::new() };
            let symbol = symbol_of(name, semantic.scoping());
            match symbol.map(|symbol| semantic.symbol_declaration(symbol).kind()) {
                Some(AstKind::TSTypeAliasDeclaration(alias)) => {
                    names(&alias.type_annotation, semantic, false)
                }
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

fn is_env(key: &PropertyKey<'_>) -> bool {
    key.name().is_some_and(|name| is_env_name(&name))
}

fn is_named_env(pattern: &BindingPattern<'_>) -> bool {
    matches!(pattern, BindingPattern::BindingIdentifier(name) if is_env_name(&name.name))
}

/// A member of a type: `string`, a union of literals, a template, or one of these that may be absent, or has a brand
/// (`string & { … }`); types of a name may be strings too.
fn member(of: &TSType<'_>) -> Member {
    let other = Member { is_other: true, ..Member::default() };
    match of {
        TSType::TSStringKeyword(_) | TSType::TSTemplateLiteralType(_) => Member::default(),
        TSType::TSLiteralType(literal) => match literal.literal {
            TSLiteral::StringLiteral(_) | TSLiteral::TemplateLiteral(_) => Member::default(),
            _ => other,
        },
        TSType::TSParenthesizedType(inner) => member(&inner.type_annotation),
        TSType::TSTypeReference(reference) if reference.type_arguments.is_none() => {
            match type_name(&reference.type_name) {
                Some(name) => Member { types: BTreeSet::from([name.to_owned()]), ..Member::default() },
                None => other,
            }
        }
        TSType::TSIntersectionType(all) => {
            let is_string =
                |part: &TSType<'_>| matches!(part, TSType::TSStringKeyword(_) | TSType::TSLiteralType(_));
            all.types.iter().find(|part| is_string(part)).map_or(other, member)
        }
        TSType::TSUnionType(union) => {
            let is_absent =
                |of: &TSType<'_>| matches!(of, TSType::TSUndefinedKeyword(_) | TSType::TSNullKeyword(_));
            let mut all = Member { is_other: union.types.iter().all(is_absent), ..Member::default() };
            for part in &union.types {
                if is_absent(part) {
                    all.is_optional = true;
                    continue;
                }
                let part = member(part);
                all.types.extend(part.types);
                all.is_other |= part.is_other;
            }
            all
        }
        _ => other,
    }
}
