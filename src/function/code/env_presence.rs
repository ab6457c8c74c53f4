//! What the tests of a condition say of a variable: whether it is there.

use std::collections::BTreeSet;

use oxc_ast::ast::{Argument, CallExpression, Expression, MemberExpression};
use oxc_span::{GetSpan as _, Span};
use oxc_syntax::operator::{BinaryOperator, LogicalOperator, UnaryOperator};

use super::env_places::as_member;

/// Most operators around a read, or in a test, that are looked at.
pub(super) const MAX_OPERATORS: usize = 50;

/// The reads of one variable.
pub(super) struct Variable<'n> {
    pub(super) name: &'n str,
    pub(super) reads: BTreeSet<(u32, u32)>,
}

impl Variable<'_> {
    pub(super) fn is(&self, span: Span) -> bool {
        self.reads.contains(&(span.start, span.end))
    }

    pub(super) fn is_in(&self, span: Span) -> bool {
        self.reads.range((span.start, 0)..(span.end, 0)).any(|read| read.1 <= span.end)
    }
}

/// Whether a test is true where the variable is present; `None` if it tests something else.
pub(super) fn presence(test: &Expression<'_>, of: &Variable<'_>, depth: usize) -> Option<bool> {
    if depth == MAX_OPERATORS {
        return None;
    }
    if of.is(test.span()) {
        return Some(true);
    }
    let either = |one: &Expression<'_>, other: &Expression<'_>, value| {
        let is_so = |test| presence(test, of, depth + 1) == Some(value);
        (is_so(other) || is_so(one)).then_some(value)
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
pub(super) fn presence_in_call(call: &CallExpression<'_>, of: &Variable<'_>) -> Option<bool> {
    let name = called_name(call).unwrap_or_default();
    let is_about = call.arguments.first().is_some_and(|argument| of.is_in(argument.span()));
    // `Object.hasOwn(process.env, 'X')`
    let is_it =
        |argument: &Argument<'_>| matches!(argument, Argument::StringLiteral(text) if text.value == of.name);
    if matches!(name, "hasOwn" | "hasOwnProperty") && call.arguments.iter().any(is_it) {
        return Some(true);
    }
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

/// The name of the function or method that is called.
pub(super) fn called_name<'c>(call: &'c CallExpression<'_>) -> Option<&'c str> {
    match call.callee.get_inner_expression() {
        Expression::Identifier(name) => Some(name.name.as_str()),
        other => as_member(other).and_then(MemberExpression::static_property_name),
    }
}
