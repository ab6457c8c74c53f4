//! Which reads of an environment variable have a default, so that nobody has to set it.

use oxc_ast::AstKind;
use oxc_ast::ast::{
    BindingIdentifier, BindingPattern, CallExpression, ConditionalExpression, Expression, FunctionBody,
    Statement, TSType,
};
use oxc_semantic::{NodeId, Reference, Semantic, SymbolId};
use oxc_span::{GetSpan as _, Span};
use oxc_syntax::operator::{LogicalOperator, UnaryOperator};

use super::env_objects::{EnvObjects, MAX_NAMES_OF_ENV};
use super::env_places::as_member;
use super::env_presence::{MAX_OPERATORS, Variable, called_name, presence, presence_in_call};
use super::scope::{is_wrapper, symbol_of};

/// Functions that make another value of one that may be absent.
const CONVERSIONS: [&str; 5] = ["Number", "parseInt", "parseFloat", "String", "BigInt"];

/// What was made of a read so far.
struct Value {
    span: Span,
    /// Whether it is in an optional chain, which ends where the variable is absent.
    is_chain: bool,
    /// Whether it is absent (or no number) where the variable is.
    may_be_absent: bool,
}

/// What looks for defaults in a module.
pub(super) struct Defaults<'o, 's, 'a> {
    pub(super) semantic: &'s Semantic<'a>,
    pub(super) objects: &'o EnvObjects<'s, 'a>,
}

impl<'a> Defaults<'_, '_, 'a> {
    /// Whether a read has a default: `env.X ?? 'a'`, `env.X ? env.X : 'a'`, `const x = env.X; … x || 'a'`.
    pub(super) fn has_default(&self, read: NodeId, of: &Variable<'_>) -> bool {
        self.ends_in_default(read, of, 0) || self.is_chosen(read, of)
    }

    /// Whether the variable is only used where it is present, and nothing is thrown where it is not: `if (X) use(X)`, `X && use(X)`,
    /// `X ? [X] : []`.
    fn is_chosen(&self, read: NodeId, of: &Variable<'_>) -> bool {
        let ancestors = self.semantic.nodes().ancestor_kinds(read).take(MAX_OPERATORS);
        ancestors.take_while(|kind| !kind.is_function_like()).any(|kind| match kind {
            AstKind::IfStatement(it) => {
                let (present, absent) = match (presence(&it.test, of, 0), &it.alternate) {
                    (Some(true), absent) => (&it.consequent, absent.as_ref()),
                    (Some(false), Some(present)) => (present, Some(&it.consequent)),
                    _ => return false,
                };
                of.is_in(present.span()) && !absent.is_some_and(is_throw)
            }
            AstKind::ConditionalExpression(it) => match presence(&it.test, of, 0) {
                Some(true) => is_used(&it.consequent, of),
                Some(false) => is_used(&it.alternate, of),
                None => false,
            },
            AstKind::LogicalExpression(it) => match (presence(&it.left, of, 0), it.operator) {
                (Some(true), LogicalOperator::And) | (Some(false), LogicalOperator::Or) => {
                    is_used(&it.right, of)
                }
                _ => false,
            },
            _ => false,
        })
    }

    /// Whether a local variable has a default wherever it is used, or is set again.
    pub(super) fn every_use_has_default(&self, local: &BindingIdentifier<'_>) -> bool {
        local.symbol_id.get().is_some_and(|symbol| self.symbol_has_default(symbol, 0))
    }

    /// The same for what expressions make of the read, up to a name, whose uses then count.
    fn ends_in_default(&self, read: NodeId, of: &Variable<'_>, depth: usize) -> bool {
        let nodes = self.semantic.nodes();
        let mut node = read;
        let mut value = Value { span: nodes.kind(node).span(), is_chain: false, may_be_absent: true };
        for _ in 0..MAX_OPERATORS {
            let user = nodes.parent_node(node);
            let local = match user.kind() {
                AstKind::VariableDeclarator(it) => Some(&it.id),
                AstKind::FormalParameter(it) => Some(&it.pattern),
                _ => None,
            };
            if let Some(local) = local {
                let symbol = match local {
                    BindingPattern::BindingIdentifier(local) if value.may_be_absent => local.symbol_id.get(),
                    _ => None,
                };
                return symbol.is_some_and(|symbol| self.symbol_has_default(symbol, depth + 1));
            }
            if let Some(has_default) = self.default_of(user.kind(), &mut value, of) {
                return has_default;
            }
            node = user.id();
            value.span = user.kind().span();
        }
        // Silence is better than a wrong warning.
        true
    }

    /// Whether what uses a value gives it a default; `None` if that depends on what its own value is used for.
    fn default_of(&self, user: AstKind<'a>, value: &mut Value, of: &Variable<'_>) -> Option<bool> {
        let span = value.span;
        let is_here = |expression: &Expression<'_>| expression.span() == span;
        match user {
            AstKind::LogicalExpression(it) if it.operator == LogicalOperator::And => {
                // In what follows, it is there.
                value.may_be_absent |= presence(&it.left, of, 0) == Some(true);
                None
            }
            AstKind::LogicalExpression(it) => {
                (value.may_be_absent && is_here(&it.left) && self.is_value(&it.right, 0)).then_some(true)
            }
            AstKind::ConditionalExpression(it) => match self.choice(it, of) {
                Some(false) => {
                    value.may_be_absent = true;
                    None
                }
                None if is_here(&it.test) => Some(false),
                choice => choice,
            },
            // A comparison is never absent, but may choose a default.
            AstKind::UnaryExpression(it) => {
                value.may_be_absent &= it.operator == UnaryOperator::UnaryPlus;
                None
            }
            AstKind::BinaryExpression(_) => {
                value.may_be_absent = false;
                None
            }
            AstKind::CallExpression(it) if is_here(&it.callee) => {
                value.may_be_absent &= value.is_chain;
                None
            }
            AstKind::CallExpression(it) => {
                value.may_be_absent &= is_conversion(it);
                presence_in_call(it, of).is_none().then_some(false)
            }
            kind if is_wrapper(&kind) => {
                value.is_chain &= !matches!(kind, AstKind::ParenthesizedExpression(_));
                None
            }
            kind => {
                let member = kind.as_member_expression_kind().filter(|member| is_here(member.object()));
                let Some(member) = member else { return Some(false) };
                value.is_chain |= member.optional();
                value.may_be_absent &= value.is_chain;
                None
            }
        }
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
        if values().any(Reference::is_write) {
            return true;
        }
        let spans = values().map(|reference| self.semantic.reference_span(reference));
        let uses = Variable { name: "", reads: spans.map(|span| (span.start, span.end)).collect() };
        !uses.reads.is_empty()
            && values().all(|reference| {
                let is_read = matches!(nodes.kind(reference.node_id()), AstKind::IdentifierReference(_));
                let has_default =
                    |node| self.ends_in_default(node, &uses, depth) || self.is_chosen(node, &uses);
                is_read && has_default(reference.node_id())
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

/// Whether an expression makes something of the variable: by itself, it is only passed on, absent or not.
fn is_used(expression: &Expression<'_>, of: &Variable<'_>) -> bool {
    of.is_in(expression.span()) && !of.is(expression.get_inner_expression().span())
}

fn ends_in_throw(body: &FunctionBody<'_>) -> bool {
    body.statements.last().is_some_and(is_throw)
}

fn is_throw(statement: &Statement<'_>) -> bool {
    match statement {
        Statement::ThrowStatement(_) => true,
        Statement::BlockStatement(block) => block.body.last().is_some_and(is_throw),
        _ => false,
    }
}

fn is_conversion(call: &CallExpression<'_>) -> bool {
    called_name(call).is_some_and(|name| CONVERSIONS.contains(&name))
}
