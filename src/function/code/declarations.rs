//! What a module's top level says: its imports, exports and declarations.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the syntax tree has a variant for every construct there is"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use oxc_ast::ast::{
    BindingPattern, Declaration, ExportDefaultDeclarationKind, ExportSpecifier, Expression,
    ImportDeclaration, ImportDeclarationSpecifier, Program, Statement, StringLiteral, TSModuleReference,
    VariableDeclarator,
};

use oxc_span::{GetSpan as _, Span};

use super::module::{
    Binding, Chain, DEFAULT, Exported, Import, ImportKind, Imported, Link, MAX_FAULTS, Module, Origin,
    SyntaxFault,
};
use super::survey::{Survey, range_of};

/// What was read of the top level so far.
#[derive(Default)]
pub(super) struct Declarations {
    imports: Vec<PendingImport>,
    bindings: BTreeMap<String, Binding>,
    chains: BTreeMap<String, Chain>,
    types: BTreeSet<String>,
    values: BTreeSet<String>,
    exported: Exported,
    /// `export { local as name }`: what `local` is shows only when all is read.
    listed: Vec<(String, String)>,
    /// The locals of these, and where they stand.
    named: Vec<(String, Range<usize>)>,
    /// Names that are exported as values: by a declaration, which may be merged of several, and otherwise, and where.
    declared_exports: BTreeSet<String>,
    stated_exports: Vec<(String, Range<usize>)>,
    is_esm: bool,
    /// Whether this is a file of declarations, where what is declared exists elsewhere.
    is_ambient: bool,
}

struct PendingImport {
    import: Import,
    /// The local names it makes; nothing else loads the module.
    locals: Vec<String>,
}

impl Declarations {
    pub(super) fn of(program: &Program<'_>, is_ambient: bool) -> Self {
        let mut declarations = Self { is_ambient, ..Self::default() };
        for statement in &program.body {
            declarations.read(statement);
        }
        declarations
    }

    fn read(&mut self, statement: &Statement<'_>) {
        if let Some(declaration) = statement.as_declaration() {
            self.declare(declaration, false);
            return;
        }
        self.is_esm |= statement.as_module_declaration().is_some();
        match statement {
            Statement::ImportDeclaration(import) => self.import(import),
            Statement::ExportAllDeclaration(export) => {
                let is_type = export.export_kind.is_type();
                self.request(&export.source, is_type, Vec::new());
                let from = export.source.value.to_string();
                match (&export.exported, is_type) {
                    (Some(name), true) => _ = self.exported.types.insert(name.name().to_string()),
                    (Some(name), false) => {
                        self.state(&name.name(), name.span());
                        let of = Origin::Import(Binding { from, name: Imported::Namespace, is_type });
                        self.exported.values.insert(name.name().to_string(), of);
                    }
                    (None, true) => {}
                    (None, false) => self.exported.all_of.push(from),
                }
            }
            Statement::ExportFromDeclaration(export) => {
                let all_types = export.export_kind.is_type()
                    || (!export.specifiers.is_empty()
                        && export.specifiers.iter().all(|one| one.export_kind.is_type()));
                self.request(&export.source, all_types, Vec::new());
                for specifier in &export.specifiers {
                    self.export_from(specifier, &export.source, export.export_kind.is_type());
                }
            }
            Statement::ExportNamedDeclaration(export) => {
                for specifier in &export.specifiers {
                    let name = specifier.exported.name().to_string();
                    if export.export_kind.is_type() || specifier.export_kind.is_type() {
                        self.exported.types.insert(name);
                    } else {
                        self.state(&name, specifier.exported.span());
                        let local = specifier.local.name().to_string();
                        self.named.push((local.clone(), range_of(specifier.local.span())));
                        self.listed.push((local, name));
                    }
                }
            }
            Statement::ExportDeclaration(export) => self.declare(&export.declaration, true),
            Statement::ExportDefaultDeclaration(export) => self.export_default(&export.declaration),
            Statement::TSExportAssignment(_) => self.exported.has_more = true,
            _ => {}
        }
    }

    fn request(&mut self, source: &StringLiteral<'_>, is_type: bool, locals: Vec<String>) {
        let kind = if is_type { ImportKind::Type } else { ImportKind::Value };
        let import = Import { specifier: source.value.to_string(), kind, range: range_of(source.span) };
        self.imports.push(PendingImport { import, locals });
    }

    fn import(&mut self, import: &ImportDeclaration<'_>) {
        let is_type = import.import_kind.is_type();
        let specifiers = import.specifiers.as_ref().map_or(&[][..], |specifiers| specifiers.as_slice());
        let mut locals = Vec::new();
        for specifier in specifiers {
            let (local, name, alone) = match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(named) => {
                    let name = Imported::Name(named.imported.name().to_string());
                    (&named.local, name, named.import_kind.is_type())
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(default) => {
                    (&default.local, Imported::Name(DEFAULT.to_owned()), false)
                }
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(all) => {
                    (&all.local, Imported::Namespace, false)
                }
            };
            let is_type = is_type || alone;
            if !is_type {
                locals.push(local.name.to_string());
            }
            let from = import.source.value.to_string();
            self.bindings.insert(local.name.to_string(), Binding { from, name, is_type });
        }
        let all_types = is_type || (!specifiers.is_empty() && locals.is_empty());
        self.request(&import.source, all_types, locals);
    }

    fn export_from(&mut self, specifier: &ExportSpecifier<'_>, source: &StringLiteral<'_>, is_type: bool) {
        let name = specifier.exported.name().to_string();
        if is_type || specifier.export_kind.is_type() {
            self.exported.types.insert(name);
            return;
        }
        self.state(&name, specifier.exported.span());
        let imported = Imported::Name(specifier.local.name().to_string());
        let of = Origin::Import(Binding { from: source.value.to_string(), name: imported, is_type: false });
        self.exported.values.insert(name, of);
    }

    fn export_default(&mut self, declaration: &ExportDefaultDeclarationKind<'_>) {
        if matches!(declaration, ExportDefaultDeclarationKind::TSInterfaceDeclaration(_)) {
            self.exported.types.insert(DEFAULT.to_owned());
            return;
        }
        // A function may be preceded by its signatures.
        if matches!(declaration, ExportDefaultDeclarationKind::FunctionDeclaration(_)) {
            self.declared_exports.insert(DEFAULT.to_owned());
        } else {
            self.state(DEFAULT, declaration.span());
        }
        let mut local = DEFAULT.to_owned();
        if let Some(expression) = declaration.as_expression() {
            if let Expression::Identifier(name) = expression.get_inner_expression() {
                local = name.name.to_string();
            } else {
                self.note_chain(DEFAULT, expression);
            }
        }
        self.listed.push((local, DEFAULT.to_owned()));
    }

    /// A declaration at the top level, exported or not.
    fn declare(&mut self, declaration: &Declaration<'_>, exported: bool) {
        let mut names = Vec::new();
        match declaration {
            Declaration::VariableDeclaration(variables) => {
                for variable in &variables.declarations {
                    names_of(&variable.id, &mut names);
                    self.note_variable(variable);
                }
            }
            Declaration::TSImportEqualsDeclaration(import) => self.import_equals(import),
            Declaration::FunctionDeclaration(_)
            | Declaration::ClassDeclaration(_)
            | Declaration::TSTypeAliasDeclaration(_)
            | Declaration::TSInterfaceDeclaration(_)
            | Declaration::TSEnumDeclaration(_)
            | Declaration::TSExternalModuleDeclaration(_)
            | Declaration::TSNamespaceDeclaration(_)
            | Declaration::TSGlobalDeclaration(_) => {}
        }
        names.extend(declaration.id().map(|id| id.name.to_string()));
        let signature_only =
            matches!(declaration, Declaration::FunctionDeclaration(function) if function.body.is_none());
        let is_type =
            declaration.is_type() || ((declaration.declare() || signature_only) && !self.is_ambient);
        for name in names {
            if is_type { &mut self.types } else { &mut self.values }.insert(name.clone());
            if exported {
                if !is_type {
                    self.declared_exports.insert(name.clone());
                }
                self.listed.push((name.clone(), name));
            }
        }
    }

    fn import_equals(&mut self, import: &oxc_ast::ast::TSImportEqualsDeclaration<'_>) {
        let TSModuleReference::ExternalModuleReference(reference) = &import.module_reference else { return };
        let is_type = import.import_kind.is_type();
        let local = import.id.name.to_string();
        self.request(&reference.expression, is_type, if is_type { Vec::new() } else { vec![local.clone()] });
        let from = reference.expression.value.to_string();
        self.bindings.insert(local, Binding { from, name: Imported::Namespace, is_type });
    }

    fn note_variable(&mut self, variable: &VariableDeclarator<'_>) {
        if let (BindingPattern::BindingIdentifier(id), Some(value)) = (&variable.id, &variable.init) {
            self.note_chain(&id.name, value);
        }
    }

    fn note_chain(&mut self, local: &str, value: &Expression<'_>) {
        if let Some(chain) = chain_of(value) {
            self.chains.insert(local.to_owned(), chain);
        }
    }

    /// Notes an export that stands for itself.
    fn state(&mut self, name: &str, span: Span) {
        self.stated_exports.push((name.to_owned(), range_of(span)));
    }

    /// A fault for each value that is exported by a name that is taken.
    pub(super) fn duplicates(&self) -> Vec<SyntaxFault> {
        let mut taken: BTreeSet<&str> = self.declared_exports.iter().map(String::as_str).collect();
        let again = self.stated_exports.iter().filter(|(name, _)| !taken.insert(name)).take(MAX_FAULTS);
        again
            .map(|(name, range)| {
                let message = format!("`{name}` is exported twice");
                SyntaxFault { message, hint: None, range: range.clone() }
            })
            .collect()
    }

    /// A fault for each exported name that nothing in the module declares.
    pub(super) fn undeclared(&self, is_declared: impl Fn(&str) -> bool) -> Vec<SyntaxFault> {
        let missing = self.named.iter().filter(|(local, _)| !is_declared(local)).take(MAX_FAULTS);
        missing
            .map(|(local, range)| {
                let message = format!("`{local}` is exported, and not declared");
                SyntaxFault { message, hint: None, range: range.clone() }
            })
            .collect()
    }

    /// The module, with what was found below its top level.
    pub(super) fn joined_with(mut self, mut survey: Survey, is_typescript: bool) -> Module {
        self.exported.is_common_js = !self.is_esm;
        let Exported { values, types, .. } = &mut self.exported;
        for (local, name) in self.listed {
            match self.bindings.get(&local) {
                Some(binding) if binding.is_type => _ = types.insert(name),
                Some(binding) => _ = values.insert(name, Origin::Import(binding.clone())),
                None if self.types.contains(&local) && !self.values.contains(&local) => {
                    _ = types.insert(name);
                }
                None => _ = values.insert(name, Origin::Local(local)),
            }
        }
        if !self.is_esm {
            values.extend(survey.common_js.iter().map(|name| (name.clone(), Origin::Local(name.clone()))));
            self.exported.has_more |= survey.has_more_common_js;
        }
        let Exported { values, types, .. } = &mut self.exported;
        types.retain(|name| !values.contains_key(name));
        let is_loaded = |pending: &PendingImport| {
            // TypeScript drops an import of which nothing is used as a value.
            !is_typescript
                || pending.locals.is_empty()
                || pending.locals.iter().any(|local| survey.values.contains(local))
        };
        let mut imports: Vec<_> = self
            .imports
            .into_iter()
            .map(|pending| {
                let kind = if is_loaded(&pending) { pending.import.kind } else { ImportKind::Type };
                Import { kind, ..pending.import }
            })
            .collect();
        let env_reads = survey.env_reads(&self.bindings);
        imports.extend(survey.loads());
        imports.sort_by_key(|import| import.range.start);
        Module {
            faults: Vec::new(),
            imports,
            exported: self.exported,
            env_reads,
            bindings: self.bindings,
            chains: self.chains,
            took_too_long: false,
        }
    }
}

fn names_of(pattern: &BindingPattern<'_>, names: &mut Vec<String>) {
    names.extend(pattern.get_binding_identifiers().iter().map(|id| id.name.to_string()));
}

/// How an expression's value is made, if that is a chain of calls and members.
fn chain_of(value: &Expression<'_>) -> Option<Chain> {
    let mut links = Vec::new();
    let mut value = value.get_inner_expression();
    loop {
        let (link, inner) = match value {
            Expression::Identifier(root) => {
                links.reverse();
                return Some(Chain { root: root.name.to_string(), links });
            }
            Expression::CallExpression(call) => (Link::Call, &call.callee),
            Expression::StaticMemberExpression(member) => {
                (Link::Member(member.property.name.to_string()), &member.object)
            }
            _ => return None,
        };
        links.push(link);
        value = inner.get_inner_expression();
    }
}
