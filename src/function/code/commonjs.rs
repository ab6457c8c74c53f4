//! What a `CommonJS` module puts into `exports` and `module.exports`.

use std::borrow::Cow;
use std::collections::BTreeSet;

use oxc_ast::AstKind;
use oxc_ast::ast::Expression;
use oxc_semantic::{AstNodes, NodeId, Semantic};
use oxc_span::{GetSpan as _, Span};
use oxc_syntax::operator::UnaryOperator;

/// The exports of a `CommonJS` module.
pub(super) struct CommonJsExports {
    pub(super) names: BTreeSet<String>,
    /// Whether there may be more: code that holds `exports` itself can add anything.
    pub(super) is_partial: bool,
}

pub(super) fn exports(semantic: &Semantic<'_>) -> CommonJsExports {
    let mut reader = Reader {
        nodes: semantic.nodes(),
        found: CommonJsExports { names: BTreeSet::new(), is_partial: false },
    };
    for node in global_references("exports", semantic) {
        reader.read_use_of_exports(node);
    }
    for node in global_references("module", semantic) {
        reader.read_use_of_module(node);
    }
    // A function that takes them as parameters may be called with the real ones.
    reader.found.is_partial |=
        semantic.scoping().symbol_names().any(|name| matches!(name, "exports" | "module"))
            || uses_top_level_this(semantic.nodes());
    reader.found
}

fn global_references(name: &str, semantic: &Semantic<'_>) -> Vec<NodeId> {
    let scoping = semantic.scoping();
    let references = scoping.root_unresolved_references().get(name);
    references.into_iter().flatten().map(|id| scoping.get_reference(*id).node_id()).collect()
}

/// At the top level of `CommonJS`, `this` is `exports`.
fn uses_top_level_this(nodes: &AstNodes<'_>) -> bool {
    nodes.iter().filter(|node| matches!(node.kind(), AstKind::ThisExpression(_))).any(|node| {
        !nodes.ancestor_kinds(node.id()).any(|kind| matches!(kind, AstKind::Function(_) | AstKind::Class(_)))
    })
}

/// How a node is used.
enum Use {
    /// As the object of this member expression, whose name may be constant.
    Member(NodeId, Option<String>),
    /// `typeof exports`
    Typeof,
    Other,
}

struct Reader<'a, 's> {
    nodes: &'s AstNodes<'a>,
    found: CommonJsExports,
}

impl Reader<'_, '_> {
    /// `exports` or `module.exports`: setting a member exports its name, reading one does nothing.
    fn read_use_of_exports(&mut self, exports: NodeId) {
        match self.use_of(exports) {
            Use::Member(member, Some(name)) if self.is_assigned(member) => _ = self.found.names.insert(name),
            Use::Member(member, None) if self.is_assigned(member) => self.found.is_partial = true,
            Use::Member(..) | Use::Typeof => {}
            Use::Other => self.found.is_partial = true,
        }
    }

    fn read_use_of_module(&mut self, module: NodeId) {
        match self.use_of(module) {
            Use::Member(member, Some(name)) if name == "exports" => match self.nodes.parent_kind(member) {
                AstKind::AssignmentExpression(assignment) if assignment.left.span() == self.span(member) => {
                    self.read_exported_object(&assignment.right);
                    // In `self = module.exports = {}` more can be added to `self`.
                    let user = self.nodes.parent_kind(self.nodes.parent_id(member));
                    self.found.is_partial |= !matches!(user, AstKind::ExpressionStatement(_));
                }
                _ => self.read_use_of_exports(member),
            },
            Use::Member(_, Some(_)) | Use::Typeof => {}
            Use::Member(_, None) | Use::Other => self.found.is_partial = true,
        }
    }

    /// `module.exports = { … }`
    fn read_exported_object(&mut self, value: &Expression<'_>) {
        let Expression::ObjectExpression(object) = value.get_inner_expression() else {
            self.found.is_partial = true;
            return;
        };
        for property in &object.properties {
            let name = property.as_property().and_then(|property| property.key.static_name());
            self.found.is_partial |= name.is_none();
            self.found.names.extend(name.map(Cow::into_owned));
        }
    }

    fn use_of(&self, node: NodeId) -> Use {
        let span = self.span(node);
        let mut parents = self.nodes.ancestor_ids(node).skip_while(|id| is_wrapper(self.nodes.kind(*id)));
        let Some(parent) = parents.next() else { return Use::Other };
        match self.nodes.kind(parent) {
            AstKind::StaticMemberExpression(it) => Use::Member(parent, Some(it.property.name.to_string())),
            AstKind::ComputedMemberExpression(it) if it.object.span().contains_inclusive(span) => {
                Use::Member(parent, it.static_property_name().map(|name| name.to_string()))
            }
            AstKind::UnaryExpression(it) if it.operator == UnaryOperator::Typeof => Use::Typeof,
            _ => Use::Other,
        }
    }

    fn span(&self, node: NodeId) -> Span {
        self.nodes.kind(node).span()
    }

    /// Whether a member expression is set: by an assignment, `++`, a pattern or a loop.
    fn is_assigned(&self, member: NodeId) -> bool {
        let target = self.span(member);
        match self.nodes.parent_kind(member) {
            AstKind::AssignmentExpression(it) => it.left.span() == target,
            AstKind::AssignmentTargetWithDefault(it) => it.binding.span() == target,
            AstKind::AssignmentTargetPropertyProperty(it) => it.binding.span() == target,
            AstKind::ForInStatement(it) => it.left.span() == target,
            AstKind::ForOfStatement(it) => it.left.span() == target,
            AstKind::UpdateExpression(_)
            | AstKind::ArrayAssignmentTarget(_)
            | AstKind::AssignmentTargetRest(_) => true,
            _ => false,
        }
    }
}

/// Whether an expression has the value of the one inside it.
fn is_wrapper(kind: AstKind<'_>) -> bool {
    matches!(
        kind,
        AstKind::ParenthesizedExpression(_)
            | AstKind::TSAsExpression(_)
            | AstKind::TSSatisfiesExpression(_)
            | AstKind::TSInstantiationExpression(_)
            | AstKind::TSNonNullExpression(_)
            | AstKind::TSTypeAssertion(_)
    )
}
