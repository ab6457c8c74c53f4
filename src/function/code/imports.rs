//! What a module imports: by `import` and `export … from`, and anywhere in its code.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use oxc_ast::AstKind;
use oxc_ast::ast::{
    CallExpression, Expression, ImportExpression, ObjectPropertyKind, StringLiteral,
    TSImportEqualsDeclaration, TSModuleReference, WithClause,
};
use oxc_semantic::{AstNode, Reference, Semantic};
use oxc_span::GetSpan as _;
use oxc_syntax::module_record::{ImportImportName, ModuleRecord};

use super::computed::literals;
use super::jsx::factories;
use super::module::{DEFAULT, Import, ImportBinding, ImportKind};
use super::resolve::is_path;
use super::scope::{is_global, is_import, range_of, symbol_of};

/// The imported names of a module, by local name.
pub(super) fn bindings(uses: &Uses<'_, '_>, record: &ModuleRecord<'_>) -> BTreeMap<String, ImportBinding> {
    let semantic = uses.semantic;
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
            is_used: !entry.is_type && uses.is_used(local),
            is_needed: !entry.is_type && uses.is_loaded(local),
            range: range_of(span),
        };
        (local.to_owned(), binding)
    });
    let required = import_equals(semantic).map(|EqualsImport { import, source, is_exported }| {
        let (local, is_type) = (import.id.name.as_str(), import.import_kind.is_type());
        let binding = ImportBinding {
            specifier: source.value.to_string(),
            name: None,
            is_type,
            is_used: !is_type && uses.is_used(local),
            is_needed: !is_type && (is_exported || uses.is_loaded(local)),
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
pub(super) fn imports(uses: &Uses<'_, '_>, record: &ModuleRecord<'_>) -> Vec<Import> {
    let semantic = uses.semantic;
    let mut imports = declared(uses, record);
    imports.extend(import_equals(semantic).map(|EqualsImport { import, source, is_exported }| {
        let is_loaded = is_exported || uses.is_loaded(&import.id.name);
        let is_type = import.import_kind.is_type() || !is_loaded;
        import_of(source, if is_type { ImportKind::Type } else { ImportKind::Value })
    }));
    imports.extend(semantic.nodes().iter().flat_map(|node| loaded_by(node, semantic)));
    imports.sort_by_key(|import| import.range.start);
    imports
}

/// The requests of `import` and `export … from`.
fn declared(uses: &Uses<'_, '_>, record: &ModuleRecord<'_>) -> Vec<Import> {
    let raw = raw_statements(uses.semantic);
    // Whether any name of a statement, by its start, is needed at run time.
    let mut has_values: HashMap<u32, bool> = HashMap::new();
    for entry in &record.import_entries {
        let is_value = !entry.is_type && uses.is_loaded(&entry.local_name.name);
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
            let is_raw = raw.contains(&request.statement_span.start);
            Import { specifier: specifier.to_string(), kind, is_raw, range: range_of(request.span) }
        }));
    }
    imports
}

/// Which imported names are used as values.
pub(super) struct Uses<'s, 'a> {
    semantic: &'s Semantic<'a>,
    /// Names that are used where JSX is.
    factories: BTreeSet<&'s str>,
}

impl<'s, 'a> Uses<'s, 'a> {
    pub(super) fn of(semantic: &'s Semantic<'a>) -> Self {
        Self { semantic, factories: factories(semantic) }
    }

    /// Whether an imported name is there at run time: TypeScript drops an import of which nothing is used as a value.
    fn is_loaded(&self, local: &str) -> bool {
        self.is_referred_to(local, |_| true)
    }

    /// Whether it is used, and not only passed on: what is passed on may be a type.
    fn is_used(&self, local: &str) -> bool {
        let nodes = self.semantic.nodes();
        self.is_referred_to(local, |reference| {
            !matches!(nodes.parent_kind(reference.node_id()), AstKind::ExportSpecifier(_))
        })
    }

    fn is_referred_to(&self, local: &str, is_meant: impl Fn(&Reference) -> bool) -> bool {
        let scoping = self.semantic.scoping();
        let is_value = |reference: &Reference| reference.is_value() && is_meant(reference);
        self.factories.contains(local)
            || !self.semantic.source_type().is_typescript()
            || scoping
                .get_root_binding(local.into())
                .is_some_and(|symbol| scoping.get_resolved_references(symbol).any(is_value))
    }
}

/// The modules for which types are declared: `declare module './a' { … }`.
pub(super) fn augmented(semantic: &Semantic<'_>) -> Vec<String> {
    let declarations = semantic.nodes().iter().filter_map(|node| match node.kind() {
        AstKind::TSExternalModuleDeclaration(it) => Some(it.id.value.as_str()),
        _ => None,
    });
    declarations.filter(|specifier| is_path(specifier)).map(str::to_owned).collect()
}

/// Where the statements start that take a file as it is.
fn raw_statements(semantic: &Semantic<'_>) -> BTreeSet<u32> {
    let statements = semantic.nodes().iter().filter_map(|node| {
        let (span, with) = match node.kind() {
            AstKind::ImportDeclaration(it) => (it.span, &it.with_clause),
            AstKind::ExportFromDeclaration(it) => (it.span, &it.with_clause),
            AstKind::ExportAllDeclaration(it) => (it.span, &it.with_clause),
            _ => return None,
        };
        with.as_ref().is_some_and(|with| is_raw(with)).then_some(span.start)
    });
    statements.collect()
}

/// `with { type: 'text' }` (esbuild and TC39, "Import attributes": `text`, `bytes`).
fn is_raw(with: &WithClause<'_>) -> bool {
    with.with_entries
        .iter()
        .any(|entry| entry.key.as_arena_str() == "type" && is_raw_type(&entry.value.value))
}

fn is_raw_type(name: &str) -> bool {
    matches!(name, "text" | "bytes")
}

/// `import('…', { with: { type: 'text' } })`
fn is_raw_import(import: &ImportExpression<'_>) -> bool {
    let with = import.options.as_ref().and_then(|options| member(options, "with"));
    let kind = with.and_then(|with| member(with, "type"));
    matches!(kind, Some(Expression::StringLiteral(kind)) if is_raw_type(&kind.value))
}

fn member<'e, 'a>(object: &'e Expression<'a>, name: &str) -> Option<&'e Expression<'a>> {
    let Expression::ObjectExpression(object) = object else { return None };
    object.properties.iter().find_map(|property| match property {
        ObjectPropertyKind::ObjectProperty(it) if it.key.is_specific_static_name(name) => Some(&it.value),
        _ => None,
    })
}

/// `import a = require('…')` at the top level, which the module record leaves out.
struct EqualsImport<'a> {
    import: &'a TSImportEqualsDeclaration<'a>,
    source: &'a StringLiteral<'a>,
    is_exported: bool,
}

fn import_equals<'a, 's>(semantic: &'s Semantic<'a>) -> impl Iterator<Item = EqualsImport<'a>> + 's {
    let scoping = semantic.scoping();
    semantic.nodes().iter().filter_map(|node| {
        let AstKind::TSImportEqualsDeclaration(import) = node.kind() else { return None };
        let TSModuleReference::ExternalModuleReference(reference) = &import.module_reference else {
            return None;
        };
        let scope = scoping.symbol_scope_id(import.id.symbol_id.get()?);
        let is_exported = matches!(semantic.nodes().parent_kind(node.id()), AstKind::ExportDeclaration(_));
        let source = &reference.expression;
        (scope == scoping.root_scope_id()).then_some(EqualsImport { import, source, is_exported })
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
                let is_raw = is_raw_import(import);
                Import { specifier: specifier.into_owned(), kind, is_raw, range: range_of(span) }
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
    Import { specifier: source.value.to_string(), kind, is_raw: false, range: range_of(source.span) }
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
