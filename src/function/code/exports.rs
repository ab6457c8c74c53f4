//! What a module exports by itself; names of other modules are followed in `link`.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the syntax tree has a variant for every construct there is"
)]

use std::collections::{BTreeMap, BTreeSet, HashSet};

use oxc_ast::AstKind;
use oxc_ast::ast::{ExportDefaultDeclarationKind, Expression, Program, Statement};
use oxc_semantic::Semantic;
use oxc_span::{GetSpan as _, Span};
use oxc_syntax::module_record::{
    ExportEntry, ExportExportName, ExportImportName, ExportLocalName, ModuleRecord,
};
use oxc_syntax::symbol::SymbolFlags;

use super::commonjs;
use super::module::{DEFAULT, ExportSource, Exports, ImportBinding, ImportName, SyntaxError};
use super::scope::range_of;

/// The export statements of a module.
pub(super) struct ExportReader<'s, 'a> {
    semantic: &'s Semantic<'a>,
    record: &'s ModuleRecord<'a>,
    bindings: &'s BTreeMap<String, ImportBinding>,
    details: ExportDetails<'a>,
}

/// What the module record does not tell: entries are identified by their spans.
#[derive(Default)]
struct ExportDetails<'a> {
    /// Entries of types: the record forgets `export type { … }` of an imported name, and takes `export default abstract
    /// class` for a type.
    types: HashSet<Span>,
    /// Declarations: those of one name may be merged.
    declarations: HashSet<Span>,
    /// Names of default imports: in `import a from …; export { a }` the record says that `a` is imported, not `default`.
    default_imports: HashSet<Span>,
    /// The name that `export default` exports, if it does nothing else.
    default_name: Option<&'a str>,
    /// `export = …`
    has_assignment: bool,
    /// Whether any statement imports or exports.
    is_esm: bool,
}

impl<'a> ExportDetails<'a> {
    fn of(program: &'a Program<'a>, record: &ModuleRecord<'_>) -> Self {
        let imports = record.import_entries.iter().filter(|entry| entry.import_name.is_default());
        let default_imports = imports.map(|entry| entry.local_name.span).collect();
        let mut details = Self { default_imports, ..Self::default() };
        for statement in &program.body {
            details.is_esm |= statement.as_module_declaration().is_some();
            match statement {
                Statement::ExportNamedDeclaration(export) => {
                    let is_type = |kind: oxc_ast::ast::ImportOrExportKind| {
                        kind.is_type() || export.export_kind.is_type()
                    };
                    let types = export.specifiers.iter().filter(|specifier| is_type(specifier.export_kind));
                    details.types.extend(types.map(|specifier| specifier.span));
                }
                Statement::ExportDeclaration(export) => {
                    details.declarations.insert(export.declaration.span());
                }
                Statement::ExportDefaultDeclaration(export) => match &export.declaration {
                    ExportDefaultDeclarationKind::TSInterfaceDeclaration(it) => {
                        details.types.insert(it.span);
                    }
                    ExportDefaultDeclarationKind::FunctionDeclaration(it) => {
                        details.declarations.insert(it.span);
                    }
                    other => {
                        let value = other.as_expression().map(Expression::get_inner_expression);
                        if let Some(Expression::Identifier(name)) = value {
                            details.default_name = Some(name.name.as_str());
                        }
                    }
                },
                Statement::TSExportAssignment(_) => details.has_assignment = true,
                _ => {}
            }
        }
        details
    }
}

impl<'s, 'a> ExportReader<'s, 'a> {
    pub(super) fn new(
        semantic: &'s Semantic<'a>,
        record: &'s ModuleRecord<'a>,
        bindings: &'s BTreeMap<String, ImportBinding>,
    ) -> Self {
        let details = ExportDetails::of(semantic.nodes().program(), record);
        Self { semantic, record, bindings, details }
    }

    pub(super) fn exports(&self) -> Exports {
        let mut exports = Exports {
            is_partial: self.details.has_assignment,
            is_common_js: !self.details.is_esm,
            ..Exports::default()
        };
        for entry in self.entries() {
            let Some((name, _)) = name_of(entry) else { continue };
            let source = self.source_of(entry);
            let is_type = self.is_type(entry)
                || match &source {
                    ExportSource::Imported(binding) => binding.is_type,
                    ExportSource::Local(local) => self.is_type_name(local),
                };
            if is_type {
                exports.types.insert(name.to_owned());
            } else {
                exports.values.insert(name.to_owned(), source);
            }
        }
        let stars = self.record.star_export_entries.iter().filter(|entry| !entry.is_type);
        exports.stars.extend(stars.filter_map(|entry| Some(entry.module_request.as_ref()?.name.to_string())));
        if exports.is_common_js {
            let found = commonjs::exports(self.semantic);
            let local = |name: String| (name.clone(), ExportSource::Local(name));
            exports.values.extend(found.names.into_iter().map(local));
            exports.is_partial |= found.is_partial;
        }
        exports.types.retain(|name| !exports.values.contains_key(name));
        exports
    }

    /// Exports that keep a module from loading: of names that are not declared, and of two values by one name.
    pub(super) fn errors(&self) -> Vec<SyntaxError> {
        let mut errors = Vec::new();
        for entry in self.record.local_export_entries.iter().filter(|entry| !self.is_type(entry)) {
            let ExportLocalName::Name(local) = &entry.local_name else { continue };
            if self.semantic.scoping().get_root_binding(local.name.as_str().into()).is_none() {
                let message = format!("`{}` is exported but not declared", local.name);
                errors.push(SyntaxError { message, hint: None, range: range_of(local.span) });
            }
        }
        let mut values: Vec<_> = self.entries().filter(|entry| !self.is_type(entry)).collect();
        values.sort_by_key(|entry| (!self.details.declarations.contains(&entry.span), entry.span.start));
        let mut exported = BTreeSet::new();
        for entry in values {
            let Some((name, span)) = name_of(entry) else { continue };
            if !exported.insert(name) && !self.details.declarations.contains(&entry.span) {
                let message = format!("`{name}` is exported twice");
                errors.push(SyntaxError { message, hint: None, range: range_of(span) });
            }
        }
        errors
    }

    /// Every export with a name.
    fn entries(&self) -> impl Iterator<Item = &'s ExportEntry<'a>> {
        self.record.local_export_entries.iter().chain(&self.record.indirect_export_entries)
    }

    fn is_type(&self, entry: &ExportEntry<'_>) -> bool {
        self.details.types.contains(&entry.span) || (entry.is_type && !entry.export_name.is_default())
    }

    fn source_of(&self, entry: &ExportEntry<'_>) -> ExportSource {
        if let Some(request) = &entry.module_request {
            let name = match &entry.import_name {
                ExportImportName::Name(name) if self.details.default_imports.contains(&name.span) => {
                    ImportName::Named(DEFAULT.to_owned())
                }
                ExportImportName::Name(name) => ImportName::Named(name.name.to_string()),
                _ => ImportName::Namespace,
            };
            let specifier = request.name.to_string();
            return ExportSource::Imported(ImportBinding { specifier, name, is_type: entry.is_type });
        }
        let local = match &entry.local_name {
            ExportLocalName::Name(local) if !entry.export_name.is_default() => local.name.as_str(),
            _ => self.details.default_name.unwrap_or(DEFAULT),
        };
        match self.bindings.get(local) {
            Some(binding) => ExportSource::Imported(binding.clone()),
            None => ExportSource::Local(local.to_owned()),
        }
    }

    /// Whether nothing of a top-level name exists at run time. In a declaration file, what is declared exists elsewhere.
    fn is_type_name(&self, local: &str) -> bool {
        let scoping = self.semantic.scoping();
        let Some(symbol) = scoping.get_root_binding(local.into()) else { return false };
        let is_definition = self.semantic.source_type().is_typescript_definition();
        let exists = |flags: SymbolFlags, declaration| {
            let is_signature =
                matches!(self.semantic.nodes().kind(declaration), AstKind::Function(it) if it.body.is_none());
            flags.intersects(SymbolFlags::Value | SymbolFlags::NamespaceModule | SymbolFlags::Import)
                && (is_definition || !(flags.is_ambient() || is_signature))
        };
        let merged = scoping.symbol_redeclarations(symbol);
        if merged.is_empty() {
            return !exists(scoping.symbol_flags(symbol), scoping.symbol_declaration(symbol));
        }
        !merged.iter().any(|one| exists(one.flags, one.declaration))
    }
}

/// The name of an export, and its span.
fn name_of<'e>(entry: &'e ExportEntry<'_>) -> Option<(&'e str, Span)> {
    match &entry.export_name {
        ExportExportName::Name(name) => Some((name.name.as_str(), name.span)),
        ExportExportName::Default(_) => Some((DEFAULT, entry.span)),
        ExportExportName::Null => None,
    }
}
