//! Which reads of an environment variable have a default, so that nobody has to set it.

use std::collections::BTreeSet;

use oxc_ast::AstKind;
use oxc_ast::ast::{
    BindingIdentifier, CallExpression, ConditionalExpression, Expression, FunctionBody, Statement, TSType,
};
use oxc_semantic::{NodeId, Semantic, SymbolId};
use oxc_span::{GetSpan as _, Span};
use oxc_syntax::operator::{BinaryOperator, LogicalOperator, UnaryOperator};

use super::env_objects::{EnvObjects, MAX_NAMES_OF_ENV};
use super::env_places::{as_member, is_wrapper};
use super::scope::symbol_of;

/// Most operators around a read, or in a test, that are looked at.
const MAX_OPERATORS: usize = 100;

/// Functions that make another value of one that may be absent.
const CONVERSIONS: [&str; 5] = ["Number", "parseInt", "parseFloat", "String", "BigInt"];

/// The reads of one variable.
pub(super) struct Variable<'n> {
    pub(super) name: &'n str,
    pub(super) reads: BTreeSet<(u32, u32)>,
}

impl Variable<'_> {
    fn is(&self, span: Span) -> bool {
        self.reads.contains(&(span.start, span.end))
    }

    fn is_in(&self, span: Span) -> bool {
        self.reads.range((span.start, 0)..(span.end, 0)).any(|read| read.1 <= span.end)
    }
}

pub(super) struct Defaults<'o, 's, 'a> {
    pub(super) semantic: &'s Semantic<'a>,
    pub(super) objects: &'o EnvObjects<'s, 'a>,
}

impl<'a> Defaults<'_, '_, 'a> {
    /// Whether a read has a default: `env.X ?? 'a'`, `env.X ? env.X : 'a'`, `const x = env.X; … x || 'a'`.
    pub(super) fn has_default(&self, read: NodeId, of: &Variable<'_>) -> bool {
        self.ends_in_default(read, of, 0)
    }

    /// Whether a local variable has a default wherever it is used, or is set again.
    pub(super) fn every_use_has_default(&self, local: &BindingIdentifier<'_>) -> bool {
        local.symbol_id.get().is_some_and(|symbol| self.symbol_has_default(symbol, 0))
    }

    /// The same for what an expression makes of the read, up to a name, whose uses then count.
    fn ends_in_default(&self, read: NodeId, of: &Variable<'_>, depth: usize) -> bool {
        let nodes = self.semantic.nodes();
        let mut node = read;
        let mut is_chain = false;
        let mut may_be_absent = true;
        for _ in 0..MAX_OPERATORS {
            let span = nodes.kind(node).span();
            let is_here = |expression: &Expression<'_>| expression.span() == span;
            let parent = nodes.parent_node(node);
            is_chain &= !matches!(parent.kind(), AstKind::ParenthesizedExpression(_));
            let is_passed_on = match parent.kind() {
                kind if is_wrapper(&kind) => true,
                AstKind::LogicalExpression(it) if it.operator == LogicalOperator::And => {
                    // In what follows, it is there.
                    may_be_absent |= presence(&it.left, of, 0) == Some(true);
                    true
                }
                AstKind::LogicalExpression(it) => {
                    if may_be_absent && is_here(&it.left) && self.is_value(&it.right, 0) {
                        return true;
                    }
                    true
                }
                AstKind::ConditionalExpression(it) => {
                    match self.choice(it, of) {
                        Some(has_default) if has_default => return true,
                        Some(_) => may_be_absent = true,
                        None if is_here(&it.test) => return false,
                        None => {}
                    }
                    true
                }
                // A comparison is never absent, but may choose a default.
                AstKind::UnaryExpression(it) => {
                    may_be_absent &= it.operator == UnaryOperator::UnaryPlus;
                    true
                }
                AstKind::BinaryExpression(_) => {
                    may_be_absent = false;
                    true
                }
                AstKind::CallExpression(it) if is_here(&it.callee) => {
                    may_be_absent &= is_chain;
                    true
                }
                AstKind::CallExpression(it) => {
                    may_be_absent &= is_conversion(it);
                    presence_in_call(it, of).is_some()
                }
                AstKind::VariableDeclarator(it) => {
                    let is_whole = may_be_absent && it.init.as_ref().is_some_and(is_here);
                    let local = it
                        .id
                        .get_binding_identifier()
                        .filter(|_| is_whole && !it.id.is_destructuring_pattern());
                    return local
                        .and_then(|local| local.symbol_id.get())
                        .is_some_and(|symbol| self.symbol_has_default(symbol, depth + 1));
                }
                kind => match kind.as_member_expression_kind() {
                    Some(member) if is_here(member.object()) => {
                        is_chain |= member.optional();
                        may_be_absent &= is_chain;
                        true
                    }
                    _ => false,
                },
            };
            if !is_passed_on {
                return false;
            }
            node = parent.id();
        }
        // Silence is better than a wrong warning.
        true
    }

    /// Whether a condition on the variable chooses it or a default; `None` if the condition is about something else.
    fn choice(&self, it: &ConditionalExpression<'a>, of: &Variable<'_>) -> Option<bool> {
        let (present, absent) = if presence(&it.test, of, 0)? {
            (&it.consequent, &it.alternate)
        } else {
            (&it.alternate, &it.consequent)
        };
        of.is_in(present.span()).then(|| self.is_value(absent, 0))
    }

    fn symbol_has_default(&self, symbol: SymbolId, depth: usize) -> bool {
        if depth == MAX_NAMES_OF_ENV || self.is_exported(symbol) {
            return false;
        }
        let nodes = self.semantic.nodes();
        let values = || self.semantic.symbol_references(symbol).filter(|reference| !reference.is_type());
        if values().any(|reference| reference.is_write()) {
            return true;
        }
        let spans = values().map(|reference| self.semantic.reference_span(reference));
        let uses = Variable { name: "", reads: spans.map(|span| (span.start, span.end)).collect() };
        !uses.reads.is_empty()
            && values().all(|reference| {
                let is_read = matches!(nodes.kind(reference.node_id()), AstKind::IdentifierReference(_));
                is_read && self.ends_in_default(reference.node_id(), &uses, depth)
            })
    }

    /// Whether a variable is declared with `export`.
    fn is_exported(&self, symbol: SymbolId) -> bool {
        let nodes = self.semantic.nodes();
        let mut ancestors = nodes.ancestor_kinds(self.semantic.scoping().symbol_declaration(symbol));
        matches!(ancestors.nth(1), Some(AstKind::ExportNamedDeclaration(_)))
    }

    /// Whether an expression is a value to go on with: not absent, no error, and no variable that has to be set.
    fn is_value(&self, expression: &Expression<'a>, depth: usize) -> bool {
        if depth == MAX_OPERATORS {
            return true;
        }
        match expression.get_inner_expression() {
            Expression::NullLiteral(_) => false,
            Expression::UnaryExpression(it) => it.operator != UnaryOperator::Void,
            Expression::LogicalExpression(it) => self.is_value(&it.right, depth + 1),
            Expression::ConditionalExpression(it) => {
                self.is_value(&it.consequent, depth + 1) || self.is_value(&it.alternate, depth + 1)
            }
            Expression::CallExpression(call) => !self.throws(&call.callee),
            Expression::Identifier(name) => match symbol_of(name, self.semantic.scoping()) {
                None => name.name != "undefined",
                Some(symbol) => match self.semantic.symbol_declaration(symbol).kind() {
                    AstKind::VariableDeclarator(it)
                        if it.id.is_binding_identifier()
                            && self.semantic.scoping().symbol_flags(symbol).is_const_variable() =>
                    {
                        it.init.as_ref().is_none_or(|init| self.is_value(init, depth + 1))
                    }
                    _ => true,
                },
            },
            other => as_member(other).is_none_or(|member| {
                member.static_property_name().is_none() || self.objects.of(member.object(), 0).is_none()
            }),
        }
    }

    /// Whether a function only throws: one that is written here, or that this module declares.
    fn throws(&self, callee: &Expression<'a>) -> bool {
        match callee.get_inner_expression() {
            Expression::ArrowFunctionExpression(it) => it.body.as_function_body().is_some_and(ends_in_throw),
            Expression::FunctionExpression(it) => it.body.as_deref().is_some_and(ends_in_throw),
            Expression::Identifier(name) => {
                let Some(symbol) = symbol_of(name, self.semantic.scoping()) else { return false };
                match self.semantic.symbol_declaration(symbol).kind() {
                    AstKind::Function(it) => {
                        let of = it.return_type.as_ref().map(|annotation| &annotation.type_annotation);
                        matches!(of, Some(TSType::TSNeverKeyword(_)))
                            || it.body.as_deref().is_some_and(ends_in_throw)
                    }
                    AstKind::VariableDeclarator(it) => match &it.init {
                        Some(Expression::ArrowFunctionExpression(it)) => {
                            it.body.as_function_body().is_some_and(ends_in_throw)
                        }
                        _ => false,
                    },
                    _ => false,
                }
            }
            _ => false,
        }
    }
}

fn ends_in_throw(body: &FunctionBody<'_>) -> bool {
    matches!(body.statements.last(), Some(Statement::ThrowStatement(_)))
}

/// Whether a test is true where the variable is present; `None` if it tests something else.
fn presence(test: &Expression<'_>, of: &Variable<'_>, depth: usize) -> Option<bool> {
    if depth == MAX_OPERATORS {
        return None;
    }
    if of.is(test.span()) {
        return Some(true);
    }
    let either = |one: &Expression<'_>, other: &Expression<'_>, value| {
        let is_so = |test| presence(test, of, depth + 1) == Some(value);
        (is_so(one) || is_so(other)).then_some(value)
    };
    match test.get_inner_expression() {
        inner if of.is(inner.span()) => Some(true),
        Expression::UnaryExpression(it) if it.operator == UnaryOperator::LogicalNot => {
            presence(&it.argument, of, depth + 1).map(|is_present| !is_present)
        }
        Expression::LogicalExpression(it) => match it.operator {
            LogicalOperator::And => either(&it.left, &it.right, true),
            LogicalOperator::Or => either(&it.left, &it.right, false),
            LogicalOperator::Coalesce => presence(&it.left, of, depth + 1),
        },
        Expression::BinaryExpression(it) => match (&it.left, &it.right) {
            // `'X' in process.env`
            (Expression::StringLiteral(name), _) if it.operator == BinaryOperator::In => {
                (name.value == of.name).then_some(true)
            }
            (left, right) => {
                compared(left, it.operator, right, of).or_else(|| compared(right, it.operator, left, of))
            }
        },
        Expression::CallExpression(call) => presence_in_call(call, of),
        // `env.X.length`, `env.X?.trim()`
        other => {
            let start = other.span().start;
            let mut reads = of.reads.range((start, 0)..(start + 1, 0));
            let is_about = as_member(other).is_some() && reads.any(|read| read.1 <= other.span().end);
            is_about.then_some(true)
        }
    }
}

/// The same for what a function says of the variable, or a method of it: `isNaN(env.X)` is true of what is absent.
fn presence_in_call(call: &CallExpression<'_>, of: &Variable<'_>) -> Option<bool> {
    let name = match call.callee.get_inner_expression() {
        Expression::Identifier(name) => name.name.as_str(),
        other => as_member(other).and_then(|member| member.static_property_name()).unwrap_or_default(),
    };
    let is_about = call.arguments.first().is_some_and(|argument| of.is_in(argument.span()));
    (is_about || of.is_in(call.callee.span())).then_some(name != "isNaN")
}

/// The same for a comparison of the variable, or of its type.
fn compared(
    one: &Expression<'_>,
    operator: BinaryOperator,
    other: &Expression<'_>,
    of: &Variable<'_>,
) -> Option<bool> {
    let is_equal = match operator {
        BinaryOperator::Equality | BinaryOperator::StrictEquality => true,
        BinaryOperator::Inequality | BinaryOperator::StrictInequality => false,
        // `env.X.length > 0`
        _ => return of.is_in(one.span()).then_some(true),
    };
    let is_absent = match (one.get_inner_expression(), other.get_inner_expression()) {
        (Expression::UnaryExpression(it), Expression::StringLiteral(text))
            if it.operator == UnaryOperator::Typeof && of.is_in(it.argument.span()) =>
        {
            text.value == "undefined"
        }
        (inner, other) if of.is(inner.span()) => match other {
            Expression::StringLiteral(text) => text.value.is_empty(),
            other => other.is_null() || other.is_undefined() || other.is_void(),
        },
        _ => return None,
    };
    Some(is_equal != is_absent)
}

fn is_conversion(call: &CallExpression<'_>) -> bool {
    let name = match call.callee.get_inner_expression() {
        Expression::Identifier(name) => Some(name.name.as_str()),
        other => as_member(other).and_then(|member| member.static_property_name()),
    };
    name.is_some_and(|name| CONVERSIONS.contains(&name))
}
