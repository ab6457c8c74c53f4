//! What a module does anywhere in its text: loads, reads of the environment, names used as values.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the syntax tree has a variant for every construct there is"
)]

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

use oxc_ast::ast::{
    AssignmentExpression, AssignmentTarget, BinaryExpression, BindingPattern, CallExpression,
    ComputedMemberExpression, Expression, IdentifierReference, ImportExpression, JSXElement,
    JSXMemberExpression, LogicalExpression, ObjectPattern, ObjectPropertyKind, Statement,
    StaticMemberExpression, StringLiteral, TSImportType, TSInterfaceDeclaration, TSLiteral,
    TSNamespaceDeclaration, TSPropertySignature, TSSignature, TSType, TSTypeAliasDeclaration, TSTypeName,
    TryStatement, UnaryExpression, VariableDeclarator,
};
use oxc_ast_visit::{Visit, walk};
use oxc_span::{GetSpan as _, Span};
use oxc_syntax::operator::{AssignmentOperator, UnaryOperator};

use super::{Binding, Import, ImportKind, Imported};

/// Deepest nesting of expressions, statements and types that is followed. Code as people write it stays below 300;
/// engines give up at some thousands.
const MAX_DEPTH: usize = 4000;

/// Variables that the platform sets itself.
const SET_BY_PLATFORM: [&str; 1] = ["NODE_ENV"];

/// What was found so far.
#[derive(Default)]
pub(super) struct Survey {
    pub(super) imports: Vec<Import>,
    /// Names used as values.
    pub(super) values: HashSet<String>,
    /// What is put into `exports` and `module.exports`.
    pub(super) common_js: BTreeSet<String>,
    /// Whether more is put into them than could be read.
    pub(super) has_more_common_js: bool,
    /// Where the nesting went deeper than is followed.
    pub(super) too_deep: Option<usize>,
    reads: Vec<Read>,
    /// Members of the environment that are not read, but set or deleted.
    writes: HashSet<Span>,
    /// Members of types that describe an environment: those that are strings, and the others.
    strings: BTreeSet<String>,
    others: BTreeSet<String>,
    depth: usize,
    types: usize,
    tries: usize,
}

struct Read {
    of: Environment,
    name: String,
    span: Span,
}

/// An object that holds environment variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Environment {
    /// `process.env`
    Process,
    /// `env`, a local name.
    Name,
    /// `c.env`
    Context,
}

pub(super) fn range_of(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

impl Survey {
    /// The environment variables that are read: all of `process.env`, and of a context's `env` those that a type of
    /// this file says are strings.
    pub(super) fn env_reads(&self, bindings: &BTreeMap<String, Binding>) -> Vec<(String, Range<usize>)> {
        let is_process = bindings.get("env").is_some_and(|binding| {
            matches!(binding.from.as_str(), "node:process" | "process")
                && binding.name == Imported::Name("env".to_owned())
        });
        let is_string = |name: &String| self.strings.contains(name) && !self.others.contains(name);
        let is_variable = |read: &&Read| match read.of {
            Environment::Process => true,
            Environment::Name => is_process || is_string(&read.name),
            Environment::Context => is_string(&read.name),
        };
        let read = |read: &&Read| {
            !self.writes.contains(&read.span) && !SET_BY_PLATFORM.contains(&read.name.as_str())
        };
        let reads = self.reads.iter().filter(is_variable).filter(read);
        let mut reads: Vec<_> = reads.map(|read| (read.name.clone(), range_of(read.span))).collect();
        reads.sort_by_key(|(_, range)| range.start);
        reads
    }

    /// Goes one level deeper, unless that is too deep.
    fn deeper(&mut self, span: Span, walk: impl FnOnce(&mut Self)) {
        if self.depth == MAX_DEPTH {
            self.too_deep.get_or_insert(span.start as usize);
            return;
        }
        self.depth += 1;
        walk(self);
        self.depth -= 1;
    }

    fn within_type(&mut self, walk: impl FnOnce(&mut Self)) {
        self.types += 1;
        walk(self);
        self.types -= 1;
    }

    fn request(&mut self, source: &StringLiteral<'_>, kind: ImportKind) {
        self.request_text(&source.value, source.span, kind);
    }

    fn request_text(&mut self, specifier: &str, span: Span, kind: ImportKind) {
        self.imports.push(Import { specifier: specifier.to_owned(), kind, range: range_of(span) });
    }

    fn read_member(&mut self, object: &Expression<'_>, name: &str, span: Span) {
        if let Some(of) = environment(object) {
            self.reads.push(Read { of, name: name.to_owned(), span });
        }
    }

    /// `const { X } = process.env`
    fn read_members(&mut self, pattern: &ObjectPattern<'_>, object: &Expression<'_>) {
        let Some(of) = environment(object) else { return };
        for property in &pattern.properties {
            if let Some(name) = property.key.static_name() {
                self.reads.push(Read { of, name: name.into_owned(), span: property.key.span() });
            }
        }
    }

    /// Notes the members of a type that describes an environment.
    fn describe(&mut self, members: &[TSSignature<'_>]) {
        for member in members {
            let TSSignature::TSPropertySignature(property) = member else { continue };
            let Some(name) = property.key.static_name() else { continue };
            let is_string =
                property.type_annotation.as_ref().is_some_and(|of| is_string(&of.type_annotation));
            if is_string { &mut self.strings } else { &mut self.others }.insert(name.into_owned());
        }
    }

    fn describe_type(&mut self, of: &TSType<'_>) {
        match of {
            TSType::TSTypeLiteral(literal) => self.describe(&literal.members),
            TSType::TSIntersectionType(all) => {
                let literals = all.types.iter().filter_map(|one| match one {
                    TSType::TSTypeLiteral(literal) => Some(literal),
                    _ => None,
                });
                for literal in literals {
                    self.describe(&literal.members);
                }
            }
            _ => {}
        }
    }

    /// `exports.name = …`, `module.exports.name = …`, `module.exports = …`
    fn note_common_js(&mut self, target: &AssignmentTarget<'_>, value: &Expression<'_>) {
        let AssignmentTarget::StaticMemberExpression(member) = target else { return };
        let property = member.property.name.to_string();
        if is_module_exports(&member.object) || member.object.is_specific_id("exports") {
            self.common_js.insert(property);
        } else if member.object.is_specific_id("module") && property == "exports" {
            let Expression::ObjectExpression(object) = value.get_inner_expression() else {
                self.has_more_common_js = true;
                return;
            };
            for property in &object.properties {
                let name = match property {
                    ObjectPropertyKind::ObjectProperty(property) => property.key.static_name(),
                    ObjectPropertyKind::SpreadProperty(_) => None,
                };
                match name {
                    Some(name) => _ = self.common_js.insert(name.into_owned()),
                    None => self.has_more_common_js = true,
                }
            }
        }
    }
}

impl<'a> Visit<'a> for Survey {
    fn visit_expression(&mut self, it: &Expression<'a>) {
        self.deeper(it.span(), |survey| walk::walk_expression(survey, it));
    }

    fn visit_statement(&mut self, it: &Statement<'a>) {
        self.deeper(it.span(), |survey| walk::walk_statement(survey, it));
    }

    fn visit_binding_pattern(&mut self, it: &BindingPattern<'a>) {
        self.deeper(it.span(), |survey| walk::walk_binding_pattern(survey, it));
    }

    fn visit_assignment_target(&mut self, it: &AssignmentTarget<'a>) {
        self.deeper(it.span(), |survey| walk::walk_assignment_target(survey, it));
    }

    fn visit_jsx_element(&mut self, it: &JSXElement<'a>) {
        self.deeper(it.span, |survey| walk::walk_jsx_element(survey, it));
    }

    fn visit_jsx_fragment(&mut self, it: &oxc_ast::ast::JSXFragment<'a>) {
        self.deeper(it.span, |survey| walk::walk_jsx_fragment(survey, it));
    }

    fn visit_jsx_member_expression(&mut self, it: &JSXMemberExpression<'a>) {
        self.deeper(it.span, |survey| walk::walk_jsx_member_expression(survey, it));
    }

    fn visit_ts_namespace_declaration(&mut self, it: &TSNamespaceDeclaration<'a>) {
        self.deeper(it.span, |survey| walk::walk_ts_namespace_declaration(survey, it));
    }

    fn visit_ts_type(&mut self, it: &TSType<'a>) {
        self.deeper(it.span(), |survey| survey.within_type(|survey| walk::walk_ts_type(survey, it)));
    }

    fn visit_ts_type_name(&mut self, it: &TSTypeName<'a>) {
        self.deeper(it.span(), |survey| survey.within_type(|survey| walk::walk_ts_type_name(survey, it)));
    }

    // Sums of many parts are as deep as they are long, and common: their left sides are walked without recursion.
    fn visit_binary_expression(&mut self, it: &BinaryExpression<'a>) {
        let mut left = &it.left;
        self.visit_expression(&it.right);
        while let Expression::BinaryExpression(inner) = left {
            self.visit_expression(&inner.right);
            left = &inner.left;
        }
        self.visit_expression(left);
    }

    fn visit_logical_expression(&mut self, it: &LogicalExpression<'a>) {
        let mut left = &it.left;
        self.visit_expression(&it.right);
        while let Expression::LogicalExpression(inner) = left {
            self.visit_expression(&inner.right);
            left = &inner.left;
        }
        self.visit_expression(left);
    }

    fn visit_identifier_reference(&mut self, it: &IdentifierReference<'a>) {
        if self.types == 0 && !self.values.contains(it.name.as_str()) {
            self.values.insert(it.name.to_string());
        }
    }

    fn visit_import_expression(&mut self, it: &ImportExpression<'a>) {
        let kind = |specifier: &str| match self.tries {
            0 => ImportKind::Value,
            // Code is often loaded inside of a `try` without being optional; a file that is not there is.
            _ if specifier.starts_with('.') => ImportKind::Optional,
            _ => ImportKind::Value,
        };
        match &it.source {
            Expression::StringLiteral(source) => self.request(source, kind(&source.value)),
            Expression::TemplateLiteral(template) => {
                if let Some(text) = template.single_quasi() {
                    self.request_text(&text, template.span, kind(&text));
                }
            }
            _ => {}
        }
        walk::walk_import_expression(self, it);
    }

    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        if let Some(source) = it.common_js_require() {
            let kind = if self.tries == 0 { ImportKind::Value } else { ImportKind::Optional };
            self.request_text(&source.value, source.span, kind);
        }
        let passes_exports =
            it.arguments.iter().filter_map(|argument| argument.as_expression()).any(|argument| {
                argument.is_specific_id("exports")
                    || argument.is_specific_id("module")
                    || is_module_exports(argument)
            });
        if passes_exports {
            self.has_more_common_js = true;
        }
        walk::walk_call_expression(self, it);
    }

    fn visit_ts_import_type(&mut self, it: &TSImportType<'a>) {
        self.request(&it.source, ImportKind::Type);
        if let Some(arguments) = &it.type_arguments {
            self.visit_ts_type_parameter_instantiation(arguments);
        }
    }

    fn visit_try_statement(&mut self, it: &TryStatement<'a>) {
        self.tries += 1;
        self.visit_block_statement(&it.block);
        self.tries -= 1;
        if let Some(handler) = &it.handler {
            self.visit_catch_clause(handler);
        }
        if let Some(finalizer) = &it.finalizer {
            self.visit_block_statement(finalizer);
        }
    }

    fn visit_static_member_expression(&mut self, it: &StaticMemberExpression<'a>) {
        self.read_member(&it.object, &it.property.name, it.span);
        walk::walk_static_member_expression(self, it);
    }

    fn visit_computed_member_expression(&mut self, it: &ComputedMemberExpression<'a>) {
        if let Some(name) = it.static_property_name() {
            self.read_member(&it.object, &name, it.span);
        }
        walk::walk_computed_member_expression(self, it);
    }

    fn visit_variable_declarator(&mut self, it: &VariableDeclarator<'a>) {
        if let (BindingPattern::ObjectPattern(pattern), Some(value)) = (&it.id, &it.init) {
            self.read_members(pattern, value);
        }
        walk::walk_variable_declarator(self, it);
    }

    fn visit_assignment_expression(&mut self, it: &AssignmentExpression<'a>) {
        if it.operator == AssignmentOperator::Assign {
            self.writes.insert(it.left.span());
            self.note_common_js(&it.left, &it.right);
        }
        walk::walk_assignment_expression(self, it);
    }

    fn visit_unary_expression(&mut self, it: &UnaryExpression<'a>) {
        if it.operator == UnaryOperator::Delete {
            self.writes.insert(it.argument.span());
        }
        walk::walk_unary_expression(self, it);
    }

    fn visit_ts_interface_declaration(&mut self, it: &TSInterfaceDeclaration<'a>) {
        if describes_environment(&it.id.name) {
            self.describe(&it.body.body);
        }
        walk::walk_ts_interface_declaration(self, it);
    }

    fn visit_ts_type_alias_declaration(&mut self, it: &TSTypeAliasDeclaration<'a>) {
        if describes_environment(&it.id.name) {
            self.describe_type(&it.type_annotation);
        }
        walk::walk_ts_type_alias_declaration(self, it);
    }

    fn visit_ts_property_signature(&mut self, it: &TSPropertySignature<'a>) {
        if let (true, Some(of)) = (it.key.is_specific_static_name("Bindings"), &it.type_annotation) {
            self.describe_type(&of.type_annotation);
        }
        walk::walk_ts_property_signature(self, it);
    }
}

fn describes_environment(name: &str) -> bool {
    name.ends_with("Bindings") || name.ends_with("Env")
}

/// `string`, a union of texts, or one of these that may be absent.
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

fn is_module_exports(object: &Expression<'_>) -> bool {
    object.is_specific_member_access("module", "exports")
}

/// The environment that an expression is.
fn environment(object: &Expression<'_>) -> Option<Environment> {
    let object = object.get_inner_expression();
    match object {
        Expression::Identifier(name) if name.name == "env" => Some(Environment::Name),
        Expression::StaticMemberExpression(member) if member.property.name == "env" => {
            match member.object.get_inner_expression() {
                Expression::Identifier(name) if name.name == "process" => Some(Environment::Process),
                Expression::StaticMemberExpression(inner) if inner.property.name == "process" => {
                    Some(Environment::Process)
                }
                // Vite's `import.meta.env`
                Expression::ImportMeta(_) => None,
                _ => Some(Environment::Context),
            }
        }
        _ => None,
    }
}
