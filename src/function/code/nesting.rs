//! Limits how deep a syntax tree is, so that recursive walks over it can't exhaust the stack.

use oxc_allocator::{Allocator, ArenaVec, TakeIn as _};
use oxc_ast::ast::{
    AssignmentTarget, BindingPattern, Expression, JSXElement, JSXFragment, JSXMemberExpression, Program,
    Statement, TSNamespaceDeclaration, TSType, TSTypeName,
};
use oxc_ast::builder::AstBuilder;
use oxc_ast_visit::{VisitMut, walk_mut};
use oxc_span::{GetSpan as _, Span};

/// Most levels of nested expressions, statements and types. Hand-written code stays below 300; engines give up after a
/// few thousand.
const MAX_DEPTH: usize = 4000;

/// Most operands of `a + b + …` that count as levels, as the parser nests them. Generated code has thousands.
const MAX_OPERANDS: usize = 50;

/// Makes a program safe to walk: the operands of a chain of operators that is only long become a flat list.
///
/// # Errors
/// Where the code is nested deeper than [`MAX_DEPTH`].
pub(super) fn limit<'a>(program: &mut Program<'a>, allocator: &'a Allocator) -> Result<(), usize> {
    let mut limiter = NestingLimiter { builder: AstBuilder::new(allocator), depth: 0, too_deep: None };
    limiter.visit_program(program);
    limiter.too_deep.map_or(Ok(()), Err)
}

struct NestingLimiter<'a> {
    builder: AstBuilder<'a>,
    depth: usize,
    too_deep: Option<usize>,
}

impl<'a> NestingLimiter<'a> {
    /// Walks one level deeper, unless that is too deep.
    fn descend(&mut self, span: Span, walk: impl FnOnce(&mut Self)) {
        if self.depth == MAX_DEPTH {
            self.too_deep.get_or_insert(span.start as usize);
            return;
        }
        self.depth += 1;
        walk(self);
        self.depth -= 1;
    }

    /// Makes `a + b + c` `(a, b) + c`: the same names and members are used in it.
    fn flatten_operands(&self, chain: &mut Expression<'a>) {
        let Some((left, _)) = operands_of(chain) else { return };
        let span = left.span();
        let mut rest = left.take_in(&self.builder);
        let mut operands = Vec::new();
        while let Some((left, right)) = operands_of(&mut rest) {
            operands.push(right.take_in(&self.builder));
            rest = left.take_in(&self.builder);
        }
        operands.push(rest);
        operands.reverse();
        let operands = ArenaVec::from_iter_in(operands, &self.builder);
        *left = Expression::new_sequence_expression(span, operands, &self.builder);
    }
}

fn operands_of<'e, 'a>(
    chain: &'e mut Expression<'a>,
) -> Option<(&'e mut Expression<'a>, &'e mut Expression<'a>)> {
    match chain {
        Expression::BinaryExpression(pair) => {
            let pair = pair.as_mut();
            Some((&mut pair.left, &mut pair.right))
        }
        Expression::LogicalExpression(pair) => {
            let pair = pair.as_mut();
            Some((&mut pair.left, &mut pair.right))
        }
        _ => None,
    }
}

/// Visits each of these nodes as a level.
macro_rules! levels {
    ($($visit:ident, $walk:ident, $node:ident;)*) => {$(
        fn $visit(&mut self, it: &mut $node<'a>) {
            self.descend(it.span(), |limiter| walk_mut::$walk(limiter, it));
        }
    )*};
}

impl<'a> VisitMut<'a> for NestingLimiter<'a> {
    fn visit_expression(&mut self, it: &mut Expression<'a>) {
        let mut operand = Some(&mut *it);
        for _ in 0..MAX_OPERANDS {
            operand = operand.and_then(operands_of).map(|(left, _)| left);
        }
        if operand.is_some() {
            self.flatten_operands(it);
        }
        self.descend(it.span(), |limiter| walk_mut::walk_expression(limiter, it));
    }

    levels! {
        visit_statement, walk_statement, Statement;
        visit_binding_pattern, walk_binding_pattern, BindingPattern;
        visit_assignment_target, walk_assignment_target, AssignmentTarget;
        visit_jsx_element, walk_jsx_element, JSXElement;
        visit_jsx_fragment, walk_jsx_fragment, JSXFragment;
        visit_jsx_member_expression, walk_jsx_member_expression, JSXMemberExpression;
        visit_ts_namespace_declaration, walk_ts_namespace_declaration, TSNamespaceDeclaration;
        visit_ts_type, walk_ts_type, TSType;
        visit_ts_type_name, walk_ts_type_name, TSTypeName;
    }
}
