//! What a `CommonJS` module puts into `exports` and `module.exports`.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the syntax tree has a variant for every construct there is"
)]

use std::collections::BTreeSet;

use oxc_ast::AstKind;
use oxc_ast::ast::{Expression, ObjectPropertyKind};
use oxc_semantic::{AstNodes, NodeId, Semantic};
use oxc_span::GetSpan as _;
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

struct Reader<'a, 's> {
    nodes: &'s AstNodes<'a>,
    found: CommonJsExports,
}

impl Reader<'_, '_> {
    /// `exports` or `module.exports`: setting a member exports its name, reading one does nothing.
    fn read_use_of_exports(&mut self, exports: NodeId) {
        if self.is_typeof(exports) {
            return;
        }
        match self.member_of(exports) {
            Some((member, Some(name))) if self.is_assigned(member) => _ = self.found.names.insert(name),
            Some((member, None)) if self.is_assigned(member) => self.found.is_partial = true,
            Some(_) => {}
            None => self.found.is_partial = true,
        }
    }

    fn read_use_of_module(&mut self, module: NodeId) {
        if self.is_typeof(module) {
            return;
        }
        match self.member_of(module) {
            Some((member, Some(name))) if name == "exports" => match self.nodes.parent_kind(member) {
                AstKind::AssignmentExpression(assignment) if assignment.left.span() == self.span(member) => {
                    self.read_exported_object(&assignment.right);
                    // In `self = module.exports = {}` more can be added to `self`.
                    let grandparent = self.nodes.parent_kind(self.nodes.parent_id(member));
                    self.found.is_partial |= !matches!(grandparent, AstKind::ExpressionStatement(_));
                }
                _ => self.read_use_of_exports(member),
            },
            Some((_, Some(_))) => {}
            Some((_, None)) | None => self.found.is_partial = true,
        }
    }

    /// `module.exports = { … }`
    fn read_exported_object(&mut self, value: &Expression<'_>) {
        let Expression::ObjectExpression(object) = value.get_inner_expression() else {
            self.found.is_partial = true;
            return;
        };
        for property in &object.properties {
            let name = match property {
                ObjectPropertyKind::ObjectProperty(property) => property.key.static_name(),
                ObjectPropertyKind::SpreadProperty(_) => None,
            };
            match name {
                Some(name) => _ = self.found.names.insert(name.into_owned()),
                None => self.found.is_partial = true,
            }
        }
    }

    fn span(&self, node: NodeId) -> oxc_span::Span {
        self.nodes.kind(node).span()
    }

    /// `typeof exports`: only the name, as in tests for `CommonJS`.
    fn is_typeof(&self, node: NodeId) -> bool {
        matches!(self.nodes.kind(node), AstKind::IdentifierReference(_))
            && matches!(self.nodes.parent_kind(node), AstKind::UnaryExpression(unary) if unary.operator == UnaryOperator::Typeof)
    }

    /// The member expression whose object a node is, and the member's name if it is constant.
    fn member_of(&self, object: NodeId) -> Option<(NodeId, Option<String>)> {
        let mut object = object;
        while matches!(
            self.nodes.parent_kind(object),
            AstKind::ParenthesizedExpression(_)
                | AstKind::TSAsExpression(_)
                | AstKind::TSSatisfiesExpression(_)
                | AstKind::TSInstantiationExpression(_)
                | AstKind::TSNonNullExpression(_)
                | AstKind::TSTypeAssertion(_)
        ) {
            object = self.nodes.parent_id(object);
        }
        let parent = self.nodes.parent_id(object);
        match self.nodes.kind(parent) {
            AstKind::StaticMemberExpression(member) => Some((parent, Some(member.property.name.to_string()))),
            AstKind::ComputedMemberExpression(member) if member.object.span() == self.span(object) => {
                Some((parent, member.static_property_name().map(|name| name.to_string())))
            }
            _ => None,
        }
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
