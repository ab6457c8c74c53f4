//! What a module exports by itself, and how it is made; names of other modules are followed in `link`.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use oxc_ast::AstKind;
use oxc_ast::ast::{BindingPattern, ExportDefaultDeclarationKind, Expression, Statement};
use oxc_semantic::Semantic;
use oxc_span::Span;
use oxc_syntax::module_record::{
    ExportEntry, ExportExportName, ExportImportName, ExportLocalName, ImportImportName, ModuleRecord,
};
use oxc_syntax::symbol::SymbolFlags;

use super::commonjs;
use super::module::{
    DEFAULT, ExportSource, Exports, ImportBinding, Initializer, Module, Operation, SyntaxError,
};
use super::scope::range_of;

/// The exports of a module, read from its module record.
pub(super) struct ExportReader<'s, 'a> {
    semantic: &'s Semantic<'a>,
    record: &'s ModuleRecord<'a>,
    /// What is known of the module already.
    module: &'s Module,
    /// What is written in braces after `export`, and whether that is a type: the record forgets it where the name is imported.
    specifiers: HashMap<Span, bool>,
    /// Local names of imports, by where the imported name is written: of `import { a as b } from …; export { b }` the record only
    /// says that `a` is exported from there.
    imported: HashMap<Span, &'s str>,
}

impl<'s, 'a> ExportReader<'s, 'a> {
    pub(super) fn new(semantic: &'s Semantic<'a>, record: &'s ModuleRecord<'a>, module: &'s Module) -> Self {
        let nodes = semantic.nodes();
        let specifiers = nodes.iter().filter_map(|node| {
            let AstKind::ExportSpecifier(specifier) = node.kind() else { return None };
            let kind = match nodes.parent_kind(node.id()) {
                AstKind::ExportNamedDeclaration(export) => export.export_kind,
                AstKind::ExportFromDeclaration(export) => export.export_kind,
                _ => return None,
            };
            Some((specifier.span, kind.is_type() || specifier.export_kind.is_type()))
        });
        let specifiers = specifiers.collect();
        let imports = record.import_entries.iter().map(|entry| match &entry.import_name {
            ImportImportName::Name(name) => (name.span, entry.local_name.name.as_str()),
            _ => (entry.local_name.span, entry.local_name.name.as_str()),
        });
        Self { semantic, record, module, specifiers, imported: imports.collect() }
    }

    pub(super) fn exports(&self) -> Exports {
        let body = &self.semantic.nodes().program().body;
        let mut exports = Exports {
            is_partial: body.iter().any(|statement| matches!(statement, Statement::TSExportAssignment(_))),
            is_common_js: !self.record.has_module_syntax,
            may_have_more_types: self.record.star_export_entries.iter().any(|entry| entry.is_type)
                || self.has_types_in_comments(),
            ..Exports::default()
        };
        for entry in self.entries() {
            let Some((name, _)) = name_of(entry) else { continue };
            let source = self.source_of(entry);
            if self.is_type(entry) || matches!(&source, ExportSource::Imported(binding) if binding.is_type) {
                exports.types.insert(name.to_owned());
            } else {
                exports.values.insert(name.to_owned(), source);
            }
        }
        let stars = self.record.star_export_entries.iter().filter(|entry| !entry.is_type);
        exports.stars.extend(stars.filter_map(|entry| Some(entry.module_request.as_ref()?.name.to_string())));
        if exports.is_common_js {
            commonjs::add_exports(self.semantic, &mut exports);
        }
        exports.types.retain(|name| !exports.values.contains_key(name));
        exports
    }

    /// Exports that keep a module from loading: of names that are not declared, and of two values by one name.
    pub(super) fn errors(&self) -> Vec<SyntaxError> {
        let mut errors = Vec::new();
        let scoping = self.semantic.scoping();
        for entry in self.record.local_export_entries.iter().filter(|entry| !self.is_type(entry)) {
            let ExportLocalName::Name(local) = &entry.local_name else { continue };
            if scoping.get_root_binding(local.name.as_str().into()).is_none() {
                let message = format!("`{}` is exported but not declared", local.name);
                errors.push(SyntaxError::new(message, range_of(local.span)));
            }
        }
        // Declarations of one name may be merged, so they come first.
        let signatures = self.default_signatures();
        let is_signature = |entry: &ExportEntry<'_>| {
            (entry.is_type && self.imported_local(entry).is_none()) || signatures.contains(&entry.span)
        };
        let values = self.entries().filter(|entry| !(is_signature(entry) || self.is_type(entry)));
        let mut values: Vec<_> = values.collect();
        values.sort_by_key(|entry| (!self.is_declaration(entry), entry.span.start));
        let mut exported = BTreeSet::new();
        for entry in values {
            let Some((name, span)) = name_of(entry) else { continue };
            if !exported.insert(name) && !self.is_declaration(entry) {
                let message = format!("`{name}` is exported twice");
                errors.push(SyntaxError::new(message, range_of(span)));
            }
        }
        errors
    }

    /// Where overloads of the default export are declared.
    fn default_signatures(&self) -> HashSet<Span> {
        let declarations = self.semantic.nodes().iter().filter_map(|node| match node.kind() {
            AstKind::ExportDefaultDeclaration(it) => Some(&it.declaration),
            _ => None,
        });
        let signatures = declarations.filter_map(|declaration| match declaration {
            ExportDefaultDeclarationKind::FunctionDeclaration(it) if it.body.is_none() => Some(it.span),
            _ => None,
        });
        signatures.collect()
    }

    /// Every export with a name.
    fn entries(&self) -> impl Iterator<Item = &'s ExportEntry<'a>> {
        self.record.local_export_entries.iter().chain(&self.record.indirect_export_entries)
    }

    /// The local name of an import that is exported.
    fn imported_local(&self, entry: &ExportEntry<'_>) -> Option<&'s str> {
        match (&entry.local_name, &entry.import_name) {
            (ExportLocalName::Null, ExportImportName::Name(name)) => self.imported.get(&name.span).copied(),
            _ => None,
        }
    }

    fn is_type(&self, entry: &ExportEntry<'_>) -> bool {
        if let Some(local) = self.imported_local(entry) {
            let imported = self.module.import_bindings.get(local);
            return self.is_type_specifier(entry)
                || imported.map_or_else(|| self.is_type_name(local), |binding| binding.is_type);
        }
        match &entry.local_name {
            // The record takes an abstract class for a type, and what a declaration file declares.
            ExportLocalName::Null if entry.export_name.is_default() => false,
            // What is declared to exist elsewhere is a value there.
            ExportLocalName::Name(local) | ExportLocalName::Default(local)
                if entry.export_name.is_default() =>
            {
                !self.has_value(&local.name, true)
            }
            ExportLocalName::Name(local) | ExportLocalName::Default(local) => {
                self.is_type_specifier(entry) || self.is_type_name(&local.name)
            }
            ExportLocalName::Null => entry.is_type || self.is_type_specifier(entry),
        }
    }

    /// Whether comments of JavaScript declare types (TypeScript, "`JSDoc` Reference").
    fn has_types_in_comments(&self) -> bool {
        let text = self.semantic.source_text();
        let is_type =
            |comment: &str| ["@typedef", "@callback", "@enum"].iter().any(|tag| comment.contains(tag));
        let mut comments = self.semantic.comments().iter();
        self.semantic.source_type().is_javascript()
            && comments.any(|comment| is_type(comment.content_span().source_text(text)))
    }

    fn is_type_specifier(&self, entry: &ExportEntry<'_>) -> bool {
        self.specifiers.get(&entry.span) == Some(&true)
    }

    /// `export const a = …`, and not `export { a }`.
    fn is_declaration(&self, entry: &ExportEntry<'_>) -> bool {
        let is_from = entry.module_request.is_some() && self.imported_local(entry).is_none();
        !(is_from || entry.export_name.is_default() || self.specifiers.contains_key(&entry.span))
    }

    fn source_of(&self, entry: &ExportEntry<'_>) -> ExportSource {
        let imported = self.imported_local(entry);
        if let (Some(request), None) = (&entry.module_request, imported) {
            let (name, span) = match &entry.import_name {
                ExportImportName::Name(name) => (Some(name.name.to_string()), name.span),
                _ => (None, entry.span),
            };
            return ExportSource::Imported(ImportBinding {
                specifier: request.name.to_string(),
                name,
                is_type: entry.is_type,
                // JavaScript has no types that could be passed on.
                is_used: !self.semantic.source_type().is_typescript(),
                is_needed: !self.is_type(entry),
                range: range_of(span),
            });
        }
        let local = match (imported, &entry.local_name) {
            (Some(local), _) => local,
            (None, ExportLocalName::Name(local)) if !entry.export_name.is_default() => local.name.as_str(),
            // `export default name as …`
            _ => match self.module.initializers.get(DEFAULT) {
                Some(value) if value.operations.is_empty() => value.base.as_str(),
                _ => DEFAULT,
            },
        };
        match self.module.import_bindings.get(local) {
            Some(binding) => ExportSource::Imported(binding.clone()),
            None => ExportSource::Local(local.to_owned()),
        }
    }

    /// Whether nothing of a top-level name exists at run time. In a declaration file, what is declared exists elsewhere.
    fn is_type_name(&self, local: &str) -> bool {
        !self.has_value(local, self.semantic.source_type().is_typescript_definition())
    }

    /// Whether a top-level name has a value; one that is only declared counts if that is asked for.
    fn has_value(&self, local: &str, with_declared: bool) -> bool {
        let scoping = self.semantic.scoping();
        let Some(symbol) = scoping.get_root_binding(local.into()) else { return true };
        let exists = |flags: SymbolFlags, declaration| {
            let is_signature =
                matches!(self.semantic.nodes().kind(declaration), AstKind::Function(it) if it.body.is_none());
            flags.intersects(SymbolFlags::Value | SymbolFlags::Import)
                && (with_declared || !(flags.is_ambient() || is_signature))
        };
        let merged = scoping.symbol_redeclarations(symbol);
        if merged.is_empty() {
            return exists(scoping.symbol_flags(symbol), scoping.symbol_declaration(symbol));
        }
        merged.iter().any(|one| exists(one.flags, one.declaration))
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

/// How the values of a module's top-level variables and of its default export are made.
pub(super) fn initializers(semantic: &Semantic<'_>) -> BTreeMap<String, Initializer> {
    let scoping = semantic.scoping();
    let symbols = scoping.get_bindings(scoping.root_scope_id()).values();
    let declarations = symbols.flat_map(|symbol| {
        // A variable may have the name of an imported type.
        let merged = scoping.symbol_redeclarations(*symbol).iter().map(|one| one.declaration);
        std::iter::once(scoping.symbol_declaration(*symbol)).chain(merged)
    });
    let variables = declarations.filter_map(|declaration| match semantic.nodes().kind(declaration) {
        AstKind::VariableDeclarator(variable) => match (&variable.id, &variable.init) {
            (BindingPattern::BindingIdentifier(name), Some(value)) => Some((name.name.as_str(), value)),
            _ => None,
        },
        _ => None,
    });
    let default = semantic.nodes().iter().find_map(|node| match node.kind() {
        AstKind::ExportDefaultDeclaration(export) => Some((DEFAULT, export.declaration.as_expression()?)),
        _ => None,
    });
    let values = variables.chain(default);
    values.filter_map(|(name, value)| Some((name.to_owned(), initializer(value)?))).collect()
}

/// A value that is made by a chain of calls and members of a name.
fn initializer(value: &Expression<'_>) -> Option<Initializer> {
    let mut operations = Vec::new();
    let mut value = value.get_inner_expression();
    loop {
        let (operation, inner) = match value {
            Expression::Identifier(base) => {
                operations.reverse();
                return Some(Initializer { base: base.name.to_string(), operations });
            }
            Expression::CallExpression(call) => (Operation::Call, &call.callee),
            Expression::StaticMemberExpression(member) => {
                (Operation::Member(member.property.name.to_string()), &member.object)
            }
            _ => return None,
        };
        operations.push(operation);
        value = inner.get_inner_expression();
    }
}
