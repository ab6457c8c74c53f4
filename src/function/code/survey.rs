//! What a module does anywhere in its text: loads, reads of the environment, names used as values.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the syntax tree has a variant for every construct there is"
)]

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

use oxc_allocator::Allocator;
use oxc_ast::ast::{
    AssignmentExpression, AssignmentTarget, BinaryExpression, BindingIdentifier, BindingPattern,
    CallExpression, Class, ComputedMemberExpression, Expression, ExpressionStatement, Function,
    IdentifierReference, ImportExpression, JSXElement, JSXMemberExpression, LogicalExpression,
    MemberExpression, ObjectPattern, ObjectPropertyKind, RegExpLiteral, SimpleAssignmentTarget, Statement,
    StaticMemberExpression, StringLiteral, TSImportType, TSInterfaceDeclaration, TSLiteral,
    TSNamespaceDeclaration, TSPropertySignature, TSSignature, TSType, TSTypeAliasDeclaration, TSTypeName,
    ThisExpression, TryStatement, UnaryExpression, VariableDeclaration, VariableDeclarator,
};
use oxc_ast_visit::{Visit, walk};
use oxc_diagnostics::Diagnostics;
use oxc_regular_expression::{LiteralParser, Options};
use oxc_span::{GetSpan as _, Span};
use oxc_syntax::operator::{AssignmentOperator, UnaryOperator};
use oxc_syntax::scope::ScopeFlags;

use super::module::{Binding, Import, ImportKind, Imported};

/// Deepest nesting of expressions, statements and types that is followed. Code as people write it stays below 300;
/// engines give up at some thousands.
const MAX_DEPTH: usize = 4000;

/// Most levels that are followed where the left sides of sums count as well, as they do for who walks them by recursion.
const MAX_LENGTH: usize = 5 * MAX_DEPTH;

/// Most groups and classes of a regular expression that is read: as people write them they have a few dozen.
const MAX_GROUPS: usize = 500;

/// Variables that the platform, or every system, sets itself.
const ALWAYS_SET: [&str; 5] = ["NODE_ENV", "CI", "HOME", "PATH", "TZ"];

/// Names by which the type of a Worker's environment goes (Cloudflare's and Hono's documentation).
const ENVIRONMENTS: [&str; 5] = ["Env", "Bindings", "CloudflareBindings", "CloudflareEnv", "WorkerEnv"];

/// What was found so far.
#[derive(Default)]
pub(super) struct Survey {
    imports: Vec<Import>,
    /// Names used as values.
    pub(super) values: HashSet<String>,
    /// What is put into `exports` and `module.exports`.
    pub(super) common_js: BTreeSet<String>,
    /// Whether more is put into them than could be read.
    pub(super) has_more_common_js: bool,
    /// Where the nesting went deeper than is followed.
    pub(super) too_deep: Option<usize>,
    /// What is wrong with regular expressions.
    pub(super) expressions: Vec<Diagnostics>,
    reads: Vec<Read>,
    /// Members of the environment that are not read, but set or deleted.
    writes: HashSet<Span>,
    /// Members of this file's types, by the type's name; a type without a name is an environment's.
    members: BTreeMap<String, Members>,
    /// Names of types that `Bindings` is said to be.
    environments: BTreeSet<String>,
    /// Loads by `require`, which are none if that is a name of this module.
    requires: Vec<Import>,
    /// Those of [`SHADOWED`] that this module declares itself.
    declared: BTreeSet<String>,
    /// Where `exports` or `module` stands and no more is done with it than could be read.
    understood: HashSet<Span>,
    /// Assignments whose value nobody takes.
    statements: HashSet<Span>,
    depth: usize,
    /// Left sides of sums around the place, which `depth` leaves out.
    lefts: usize,
    /// Whether sums make the tree deeper than a recursive walk should go.
    pub(super) is_long: bool,
    types: usize,
    tries: usize,
    /// Functions and classes around the place, each with a `this` of its own.
    with_this: usize,
    ambient: usize,
}

/// Members of a type: those that are strings, and the others.
#[derive(Default)]
struct Members {
    strings: BTreeSet<String>,
    others: BTreeSet<String>,
}

/// Names that mean something else where a module declares them.
const SHADOWED: [&str; 2] = ["process", "require"];

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
            is_process_module(&binding.from) && binding.name == Imported::Name("env".to_owned())
        });
        let is_shadowed = self.declared.contains("process")
            && !bindings.get("process").is_some_and(|binding| is_process_module(&binding.from));
        let described: Vec<_> = self
            .members
            .iter()
            .filter(|(of, _)| {
                of.is_empty() || ENVIRONMENTS.contains(&of.as_str()) || self.environments.contains(*of)
            })
            .map(|(_, members)| members)
            .collect();
        let is_string = |name: &String| {
            described.iter().any(|members| members.strings.contains(name))
                && !described.iter().any(|members| members.others.contains(name))
        };
        let is_variable = |read: &&Read| match read.of {
            Environment::Process => !is_shadowed,
            Environment::Name => is_process || is_string(&read.name),
            Environment::Context => is_string(&read.name),
        };
        let read =
            |read: &&Read| !self.writes.contains(&read.span) && !ALWAYS_SET.contains(&read.name.as_str());
        let reads = self.reads.iter().filter(is_variable).filter(read);
        let mut reads: Vec<_> = reads.map(|read| (read.name.clone(), range_of(read.span))).collect();
        reads.sort_by_key(|(_, range)| range.start);
        reads
    }

    /// The loads of other modules below the top level.
    pub(super) fn loads(&mut self) -> impl Iterator<Item = Import> {
        let requires = std::mem::take(&mut self.requires);
        let is_shadowed = self.declared.contains("require");
        std::mem::take(&mut self.imports)
            .into_iter()
            .chain(requires.into_iter().filter(move |_| !is_shadowed))
    }

    /// Goes one level deeper, unless that is too deep.
    fn deeper(&mut self, span: Span, walk: impl FnOnce(&mut Self)) {
        if self.depth == MAX_DEPTH {
            self.too_deep.get_or_insert(span.start as usize);
            return;
        }
        self.depth += 1;
        self.is_long |= self.depth + self.lefts > MAX_LENGTH;
        walk(self);
        self.depth -= 1;
    }

    fn within_function(&mut self, walk: impl FnOnce(&mut Self)) {
        self.with_this += 1;
        walk(self);
        self.with_this -= 1;
    }

    fn within_ambient(&mut self, is_ambient: bool, walk: impl FnOnce(&mut Self)) {
        self.ambient += usize::from(is_ambient);
        walk(self);
        self.ambient -= usize::from(is_ambient);
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

    /// Notes the members of a type.
    fn describe(&mut self, of: &str, signatures: &[TSSignature<'_>]) {
        let members = self.members.entry(of.to_owned()).or_default();
        for member in signatures {
            let TSSignature::TSPropertySignature(property) = member else { continue };
            let Some(name) = property.key.static_name() else { continue };
            let is_string =
                property.type_annotation.as_ref().is_some_and(|of| is_string(&of.type_annotation));
            if is_string { &mut members.strings } else { &mut members.others }.insert(name.into_owned());
        }
    }

    fn describe_type(&mut self, name: &str, of: &TSType<'_>) {
        let parts = match of {
            TSType::TSIntersectionType(all) => all.types.as_slice(),
            one => std::slice::from_ref(one),
        };
        for part in parts {
            match part {
                TSType::TSTypeLiteral(literal) => self.describe(name, &literal.members),
                TSType::TSTypeReference(reference) if name.is_empty() => {
                    if let TSTypeName::IdentifierReference(of) = &reference.type_name {
                        self.environments.insert(of.name.to_string());
                    }
                }
                _ => {}
            }
        }
    }

    /// `module.exports = …`: its members are exported.
    fn note_module_exports(&mut self, value: &Expression<'_>) {
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

    /// `exports.name`, `module.exports.name`, `module.name`: nobody keeps the object itself.
    fn understand(&mut self, object: &Expression<'_>, name: Option<&str>) {
        let object = object.get_inner_expression();
        let of = match object {
            Expression::Identifier(of) if of.name == "module" => {
                name.filter(|name| *name != "exports").map(|_| &**of)
            }
            Expression::Identifier(of) if of.name == "exports" => Some(&**of),
            object => module_of_exports(object),
        };
        if let Some(of) = of {
            self.understood.insert(of.span);
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
        let lefts = self.lefts;
        self.visit_expression(&it.right);
        while let Expression::BinaryExpression(inner) = left {
            self.lefts += 1;
            self.visit_expression(&inner.right);
            left = &inner.left;
        }
        self.visit_expression(left);
        self.lefts = lefts;
    }

    fn visit_logical_expression(&mut self, it: &LogicalExpression<'a>) {
        let mut left = &it.left;
        let lefts = self.lefts;
        self.visit_expression(&it.right);
        while let Expression::LogicalExpression(inner) = left {
            self.lefts += 1;
            self.visit_expression(&inner.right);
            left = &inner.left;
        }
        self.visit_expression(left);
        self.lefts = lefts;
    }

    fn visit_identifier_reference(&mut self, it: &IdentifierReference<'a>) {
        if self.types > 0 {
            return;
        }
        // Who keeps one of these can put anything into it.
        self.has_more_common_js |=
            matches!(it.name.as_str(), "exports" | "module") && !self.understood.contains(&it.span);
        if !self.values.contains(it.name.as_str()) {
            self.values.insert(it.name.to_string());
        }
    }

    fn visit_binding_identifier(&mut self, it: &BindingIdentifier<'a>) {
        if self.types == 0 && self.ambient == 0 && SHADOWED.contains(&it.name.as_str()) {
            self.declared.insert(it.name.to_string());
        }
    }

    fn visit_variable_declaration(&mut self, it: &VariableDeclaration<'a>) {
        self.within_ambient(it.declare, |survey| walk::walk_variable_declaration(survey, it));
    }

    fn visit_function(&mut self, it: &Function<'a>, flags: ScopeFlags) {
        let is_ambient = it.body.is_none();
        self.within_ambient(is_ambient, |survey| {
            survey.within_function(|survey| walk::walk_function(survey, it, flags));
        });
    }

    fn visit_class(&mut self, it: &Class<'a>) {
        self.within_function(|survey| walk::walk_class(survey, it));
    }

    // At the top level of `CommonJS`, `this` is `exports`.
    fn visit_this_expression(&mut self, _: &ThisExpression) {
        self.has_more_common_js |= self.with_this == 0;
    }

    fn visit_expression_statement(&mut self, it: &ExpressionStatement<'a>) {
        self.statements.insert(it.expression.span());
        walk::walk_expression_statement(self, it);
    }

    fn visit_simple_assignment_target(&mut self, it: &SimpleAssignmentTarget<'a>) {
        if let Some(member) = it.as_member_expression() {
            let object = member.object().get_inner_expression();
            if object.is_specific_id("exports") || module_of_exports(object).is_some() {
                match member.static_property_name() {
                    Some(name) => _ = self.common_js.insert(name.to_string()),
                    None => self.has_more_common_js = true,
                }
            }
        }
        walk::walk_simple_assignment_target(self, it);
    }

    fn visit_reg_exp_literal(&mut self, it: &RegExpLiteral<'a>) {
        let pattern = it.regex.pattern.text.as_str();
        // Their parser is recursive.
        if pattern.matches(['(', '[']).count() > MAX_GROUPS {
            return;
        }
        let flags = it.regex.flags.to_string();
        let start = it.span.start + 1;
        let options = Options {
            pattern_span_offset: start,
            flags_span_offset: it.span.end - u32::try_from(flags.len()).unwrap_or_default(),
        };
        let allocator = Allocator::default();
        if let Err(error) = LiteralParser::new(&allocator, pattern, Some(&flags), options).parse() {
            self.expressions.push(Diagnostics::from(vec![error]));
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
            let specifier = source.value.to_string();
            self.requires.push(Import { specifier, kind, range: range_of(source.span) });
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
        self.understand(&it.object, Some(&it.property.name));
        walk::walk_static_member_expression(self, it);
    }

    fn visit_computed_member_expression(&mut self, it: &ComputedMemberExpression<'a>) {
        if let Some(name) = it.static_property_name() {
            self.read_member(&it.object, &name, it.span);
            self.understand(&it.object, Some(&name));
        } else {
            self.understand(&it.object, None);
        }
        walk::walk_computed_member_expression(self, it);
    }

    fn visit_variable_declarator(&mut self, it: &VariableDeclarator<'a>) {
        if let (BindingPattern::ObjectPattern(pattern), Some(value)) = (&it.id, &it.init) {
            self.read_members(pattern, value);
        }
        // `const require = createRequire(import.meta.url)` loads as `require` does.
        if let Some(value) = it.init.as_ref().filter(|value| makes_require(value)) {
            self.visit_expression(value);
            return;
        }
        walk::walk_variable_declarator(self, it);
    }

    fn visit_assignment_expression(&mut self, it: &AssignmentExpression<'a>) {
        if it.operator == AssignmentOperator::Assign {
            self.writes.insert(it.left.span());
        }
        let target = it.left.as_simple_assignment_target().and_then(|target| target.as_member_expression());
        if let Some(module) = target.and_then(module_of_exports_member) {
            self.understood.insert(module.span);
            self.note_module_exports(&it.right);
            self.has_more_common_js |= !self.statements.contains(&it.span);
        }
        walk::walk_assignment_expression(self, it);
    }

    fn visit_unary_expression(&mut self, it: &UnaryExpression<'a>) {
        if it.operator == UnaryOperator::Delete {
            self.writes.insert(it.argument.span());
        }
        if let (UnaryOperator::Typeof, Expression::Identifier(of)) = (it.operator, &it.argument) {
            self.understood.insert(of.span);
        }
        walk::walk_unary_expression(self, it);
    }

    fn visit_ts_interface_declaration(&mut self, it: &TSInterfaceDeclaration<'a>) {
        self.describe(&it.id.name, &it.body.body);
        walk::walk_ts_interface_declaration(self, it);
    }

    fn visit_ts_type_alias_declaration(&mut self, it: &TSTypeAliasDeclaration<'a>) {
        self.describe_type(&it.id.name, &it.type_annotation);
        walk::walk_ts_type_alias_declaration(self, it);
    }

    fn visit_ts_property_signature(&mut self, it: &TSPropertySignature<'a>) {
        if let (true, Some(of)) = (it.key.is_specific_static_name("Bindings"), &it.type_annotation) {
            self.describe_type("", &of.type_annotation);
        }
        walk::walk_ts_property_signature(self, it);
    }
}

fn is_process_module(specifier: &str) -> bool {
    matches!(specifier, "node:process" | "process")
}

fn makes_require(value: &Expression<'_>) -> bool {
    let Expression::CallExpression(call) = value else { return false };
    call.callee_name() == Some("createRequire")
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

/// The `module` of `module.exports`.
fn module_of_exports<'e, 'a>(object: &'e Expression<'a>) -> Option<&'e IdentifierReference<'a>> {
    module_of_exports_member(object.get_inner_expression().as_member_expression()?)
}

fn module_of_exports_member<'e, 'a>(member: &'e MemberExpression<'a>) -> Option<&'e IdentifierReference<'a>> {
    match member.object().get_inner_expression() {
        Expression::Identifier(of) if of.name == "module" => {
            (member.static_property_name()? == "exports").then_some(of)
        }
        _ => None,
    }
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
