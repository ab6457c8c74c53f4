//! Limits how deep a syntax tree is, so that recursive walks over it can't exhaust the stack.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the syntax tree has a variant for every construct there is"
)]

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

/// Most levels of a tree in which each operand of `a + b + …` is one more level, as the parser builds it.
const MAX_TREE_DEPTH: usize = 5 * MAX_DEPTH;

/// Makes a program safe to walk: a chain of operators that is only long becomes a flat list of its operands.
///
/// # Errors
/// Where the code is nested deeper than [`MAX_DEPTH`].
pub(super) fn limit<'a>(program: &mut Program<'a>, allocator: &'a Allocator) -> Result<(), usize> {
    let builder = AstBuilder::new(allocator);
    let mut limiter = NestingLimiter { builder, depth: 0, operands: 0, too_deep: None };
    limiter.visit_program(program);
    limiter.too_deep.map_or(Ok(()), Err)
}

struct NestingLimiter<'a> {
    builder: AstBuilder<'a>,
    depth: usize,
    /// Levels of the tree that are operands of the chains around the current node.
    operands: usize,
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

    /// Visits the operands of `a + b + …`, a tree as deep as the chain is long, without recursion.
    fn visit_chain(&mut self, chain: &mut Expression<'a>) {
        let mut rest = chain;
        loop {
            rest = match rest {
                Expression::BinaryExpression(pair) => {
                    self.visit_expression(&mut pair.right);
                    &mut pair.left
                }
                Expression::LogicalExpression(pair) => {
                    self.visit_expression(&mut pair.right);
                    &mut pair.left
                }
                first => return self.visit_expression(first),
            };
        }
    }

    /// `a + b + …` as `(a, b, …)`: the same names and members are used in it.
    fn flatten(&self, chain: &mut Expression<'a>) {
        let span = chain.span();
        let mut rest = chain.take_in(&self.builder);
        let mut operands = Vec::new();
        loop {
            let (left, right) = match rest {
                Expression::BinaryExpression(pair) => {
                    let pair = pair.unbox();
                    (pair.left, pair.right)
                }
                Expression::LogicalExpression(pair) => {
                    let pair = pair.unbox();
                    (pair.left, pair.right)
                }
                first => {
                    operands.push(first);
                    break;
                }
            };
            operands.push(right);
            rest = left;
        }
        operands.reverse();
        let operands = ArenaVec::from_iter_in(operands, &self.builder);
        *chain = Expression::new_sequence_expression(span, operands, &self.builder);
    }
}

/// The operands of `a + b + …` but for the first.
fn chain_length(chain: &Expression<'_>) -> usize {
    let mut rest = chain;
    let mut length = 0;
    loop {
        rest = match rest {
            Expression::BinaryExpression(pair) => &pair.left,
            Expression::LogicalExpression(pair) => &pair.left,
            _ => return length,
        };
        length += 1;
    }
}

impl<'a> VisitMut<'a> for NestingLimiter<'a> {
    fn visit_expression(&mut self, it: &mut Expression<'a>) {
        self.descend(it.span(), |limiter| match chain_length(it) {
            0 => walk_mut::walk_expression(limiter, it),
            length if limiter.depth + limiter.operands + length > MAX_TREE_DEPTH => {
                limiter.flatten(it);
                walk_mut::walk_expression(limiter, it);
            }
            length => {
                limiter.operands += length;
                limiter.visit_chain(it);
                limiter.operands -= length;
            }
        });
    }

    fn visit_statement(&mut self, it: &mut Statement<'a>) {
        self.descend(it.span(), |limiter| walk_mut::walk_statement(limiter, it));
    }

    fn visit_binding_pattern(&mut self, it: &mut BindingPattern<'a>) {
        self.descend(it.span(), |limiter| walk_mut::walk_binding_pattern(limiter, it));
    }

    fn visit_assignment_target(&mut self, it: &mut AssignmentTarget<'a>) {
        self.descend(it.span(), |limiter| walk_mut::walk_assignment_target(limiter, it));
    }

    fn visit_jsx_element(&mut self, it: &mut JSXElement<'a>) {
        self.descend(it.span, |limiter| walk_mut::walk_jsx_element(limiter, it));
    }

    fn visit_jsx_fragment(&mut self, it: &mut JSXFragment<'a>) {
        self.descend(it.span, |limiter| walk_mut::walk_jsx_fragment(limiter, it));
    }

    fn visit_jsx_member_expression(&mut self, it: &mut JSXMemberExpression<'a>) {
        self.descend(it.span, |limiter| walk_mut::walk_jsx_member_expression(limiter, it));
    }

    fn visit_ts_namespace_declaration(&mut self, it: &mut TSNamespaceDeclaration<'a>) {
        self.descend(it.span, |limiter| walk_mut::walk_ts_namespace_declaration(limiter, it));
    }

    fn visit_ts_type(&mut self, it: &mut TSType<'a>) {
        self.descend(it.span(), |limiter| walk_mut::walk_ts_type(limiter, it));
    }

    fn visit_ts_type_name(&mut self, it: &mut TSTypeName<'a>) {
        self.descend(it.span(), |limiter| walk_mut::walk_ts_type_name(limiter, it));
    }
}
