//! What a module imports: by `import` and `export … from`, and anywhere in its code.

use std::collections::{BTreeMap, HashMap};

use oxc_ast::AstKind;
use oxc_ast::ast::{CallExpression, Expression, StringLiteral, TSImportEqualsDeclaration, TSModuleReference};
use oxc_semantic::{AstNode, Reference, Semantic};
use oxc_span::GetSpan as _;
use oxc_syntax::module_record::{ImportImportName, ModuleRecord};

use super::computed::literals;
use super::module::{DEFAULT, Import, ImportBinding, ImportKind};
use super::scope::{is_global, is_import, range_of, symbol_of};

/// The imported names of a module, by local name.
pub(super) fn bindings(
    semantic: &Semantic<'_>,
    record: &ModuleRecord<'_>,
) -> BTreeMap<String, ImportBinding> {
    let declared = record.import_entries.iter().map(|entry| {
        let (name, span) = match &entry.import_name {
            ImportImportName::Name(name) => (Some(name.name.to_string()), name.span),
            ImportImportName::Default(_) => (Some(DEFAULT.to_owned()), entry.local_name.span),
            ImportImportName::NamespaceObject => (None, entry.local_name.span),
        };
        let local = entry.local_name.name.as_str();
        let binding = ImportBinding {
            specifier: entry.module_request.name.to_string(),
            name,
            is_type: entry.is_type,
            is_needed: !entry.is_type && is_loaded(local, semantic),
            range: range_of(span),
        };
        (local.to_owned(), binding)
    });
    let required = import_equals(semantic).map(|(import, source)| {
        let (local, is_type) = (import.id.name.as_str(), import.import_kind.is_type());
        let binding = ImportBinding {
            specifier: source.value.to_string(),
            name: None,
            is_type,
            is_needed: !is_type && is_loaded(local, semantic),
            range: range_of(import.id.span),
        };
        (local.to_owned(), binding)
    });
    let scoping = semantic.scoping();
    let is_imported = |local: &str| {
        let symbol = scoping.get_root_binding(local.into());
        symbol.is_none_or(|symbol| is_import(scoping.symbol_flags(symbol)))
    };
    let mut all: Vec<_> = declared.chain(required).filter(|(local, _)| is_imported(local)).collect();
    // Of a value and a type of one name, the value counts.
    all.sort_by_key(|(_, binding)| !binding.is_type);
    all.into_iter().collect()
}

/// Every request for another module, in source order.
pub(super) fn imports(semantic: &Semantic<'_>, record: &ModuleRecord<'_>) -> Vec<Import> {
    let mut imports = declared(semantic, record);
    imports.extend(import_equals(semantic).map(|(import, source)| {
        let is_type = import.import_kind.is_type() || !is_loaded(&import.id.name, semantic);
        import_of(source, if is_type { ImportKind::Type } else { ImportKind::Value })
    }));
    imports.extend(semantic.nodes().iter().flat_map(|node| loaded_by(node, semantic)));
    imports.sort_by_key(|import| import.range.start);
    imports
}

/// The requests of `import` and `export … from`.
fn declared(semantic: &Semantic<'_>, record: &ModuleRecord<'_>) -> Vec<Import> {
    // Whether any name of a statement, by its start, is needed at run time.
    let mut has_values: HashMap<u32, bool> = HashMap::new();
    for entry in &record.import_entries {
        let is_value = !entry.is_type && is_loaded(&entry.local_name.name, semantic);
        *has_values.entry(entry.statement_span.start).or_default() |= is_value;
    }
    // Those of `export … from`: an entry of an imported name has the statement of its import.
    let exports = record.indirect_export_entries.iter();
    for entry in exports.filter(|entry| entry.statement_span.contains_inclusive(entry.span)) {
        *has_values.entry(entry.statement_span.start).or_default() |= !entry.is_type;
    }
    let mut imports = Vec::new();
    for (specifier, requests) in &record.requested_modules {
        imports.extend(requests.iter().map(|request| {
            // A statement without names loads the module for its effects.
            let has_values = has_values.get(&request.statement_span.start).copied().unwrap_or(true);
            let kind = if request.is_type || !has_values { ImportKind::Type } else { ImportKind::Value };
            Import { specifier: specifier.to_string(), kind, range: range_of(request.span) }
        }));
    }
    imports
}

/// Whether an imported name is used at run time: TypeScript drops an import of which nothing is used as a value.
fn is_loaded(local: &str, semantic: &Semantic<'_>) -> bool {
    let scoping = semantic.scoping();
    let is_used = scoping
        .get_root_binding(local.into())
        .is_some_and(|symbol| scoping.get_resolved_references(symbol).any(Reference::is_value));
    is_used || !semantic.source_type().is_typescript()
}

/// `import a = require('…')` at the top level, which the module record leaves out.
fn import_equals<'a, 's>(
    semantic: &'s Semantic<'a>,
) -> impl Iterator<Item = (&'a TSImportEqualsDeclaration<'a>, &'a StringLiteral<'a>)> + 's {
    let scoping = semantic.scoping();
    semantic.nodes().iter().filter_map(|node| {
        let AstKind::TSImportEqualsDeclaration(import) = node.kind() else { return None };
        let TSModuleReference::ExternalModuleReference(reference) = &import.module_reference else {
            return None;
        };
        let scope = scoping.symbol_scope_id(import.id.symbol_id.get()?);
        (scope == scoping.root_scope_id()).then_some((import, &reference.expression))
    })
}

/// The modules that an expression or a type loads.
fn loaded_by(node: &AstNode<'_>, semantic: &Semantic<'_>) -> Vec<Import> {
    match node.kind() {
        AstKind::TSImportType(import) => vec![import_of(&import.source, ImportKind::Type)],
        AstKind::ImportExpression(import) => {
            let imports = literals(&import.source).into_iter().map(|(specifier, span)| {
                // Packages are often loaded inside `try` without being optional.
                let is_optional = specifier.starts_with('.') && is_tried(node, semantic);
                let kind = if is_optional { ImportKind::Optional } else { ImportKind::Value };
                Import { specifier: specifier.into_owned(), kind, range: range_of(span) }
            });
            imports.collect()
        }
        AstKind::CallExpression(call) => {
            let source = call.common_js_require().filter(|_| is_require(call, semantic));
            let kind = if is_tried(node, semantic) { ImportKind::Optional } else { ImportKind::Value };
            source.map(|source| import_of(source, kind)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn import_of(source: &StringLiteral<'_>, kind: ImportKind) -> Import {
    Import { specifier: source.value.to_string(), kind, range: range_of(source.span) }
}

/// Whether `require` is the platform's, or made by `createRequire(import.meta.url)`.
fn is_require(call: &CallExpression<'_>, semantic: &Semantic<'_>) -> bool {
    let Expression::Identifier(name) = call.callee.get_inner_expression() else { return false };
    let scoping = semantic.scoping();
    if is_global(name, scoping) {
        return true;
    }
    let declaration = symbol_of(name, scoping).map(|symbol| semantic.symbol_declaration(symbol).kind());
    let Some(AstKind::VariableDeclarator(variable)) = declaration else { return false };
    matches!(&variable.init, Some(Expression::CallExpression(made))
        if made.callee_name() == Some("createRequire"))
}

fn is_tried(node: &AstNode<'_>, semantic: &Semantic<'_>) -> bool {
    let span = node.kind().span();
    let mut ancestors = semantic.nodes().ancestor_kinds(node.id());
    ancestors
        .any(|kind| matches!(kind, AstKind::TryStatement(tried) if tried.block.span.contains_inclusive(span)))
}
