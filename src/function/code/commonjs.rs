//! What a `CommonJS` module puts into `exports` and `module.exports`.

use oxc_ast::AstKind;
use oxc_ast::ast::Expression;
use oxc_semantic::{AstNodes, NodeId, Semantic};
use oxc_span::{GetSpan as _, Span};
use oxc_syntax::operator::UnaryOperator;

use super::module::{ExportSource, Exports};
use super::scope::{is_target, is_wrapper};

/// Adds them to what a module exports. There may be more: code that holds `exports` itself can add anything.
pub(super) fn add_exports(semantic: &Semantic<'_>, exports: &mut Exports) {
    let mut reader = Reader { nodes: semantic.nodes(), exports };
    for node in global_references("exports", semantic) {
        reader.read_use_of_exports(node);
    }
    for node in global_references("module", semantic) {
        reader.read_use_of_module(node);
    }
    // A function that takes them as parameters may be called with the real ones.
    let mut names = semantic.scoping().symbol_names();
    reader.exports.is_partial |=
        names.any(|name| matches!(name, "exports" | "module")) || uses_top_level_this(semantic.nodes());
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

struct Reader<'a, 's, 'e> {
    nodes: &'s AstNodes<'a>,
    exports: &'e mut Exports,
}

impl Reader<'_, '_, '_> {
    fn add(&mut self, name: String) {
        self.exports.values.insert(name.clone(), ExportSource::Local(name));
    }

    /// `exports` or `module.exports`: setting a member exports its name, reading one does nothing.
    fn read_use_of_exports(&mut self, exports: NodeId) {
        match self.use_of(exports) {
            Use::Member(member, Some(name)) if self.is_assigned(member) => self.add(name),
            Use::Member(member, None) if self.is_assigned(member) => self.exports.is_partial = true,
            Use::Member(..) | Use::Typeof => {}
            Use::Other => self.exports.is_partial = true,
        }
    }

    fn read_use_of_module(&mut self, module: NodeId) {
        match self.use_of(module) {
            Use::Member(member, Some(name)) if name == "exports" => match self.nodes.parent_kind(member) {
                AstKind::AssignmentExpression(assignment) if assignment.left.span() == self.span(member) => {
                    self.read_exported_object(&assignment.right);
                    // In `self = module.exports = {}` more can be added to `self`.
                    let user = self.nodes.parent_kind(self.nodes.parent_id(member));
                    self.exports.is_partial |= !matches!(user, AstKind::ExpressionStatement(_));
                }
                _ => self.read_use_of_exports(member),
            },
            Use::Member(_, Some(_)) | Use::Typeof => {}
            Use::Member(_, None) | Use::Other => self.exports.is_partial = true,
        }
    }

    /// `module.exports = { … }`
    fn read_exported_object(&mut self, value: &Expression<'_>) {
        let Expression::ObjectExpression(object) = value.get_inner_expression() else {
            self.exports.is_partial = true;
            return;
        };
        for property in &object.properties {
            let name = property.as_property().and_then(|property| property.key.static_name());
            match name {
                Some(name) => self.add(name.into_owned()),
                None => self.exports.is_partial = true,
            }
        }
    }

    fn use_of(&self, node: NodeId) -> Use {
        let span = self.span(node);
        // What an optional chain may lead to is not followed.
        let is_same = |kind: &AstKind<'_>| is_wrapper(kind) && !matches!(kind, AstKind::ChainExpression(_));
        let mut parents = self.nodes.ancestor_ids(node).skip_while(|id| is_same(&self.nodes.kind(*id)));
        let Some(parent) = parents.next() else { return Use::Other };
        let user = self.nodes.kind(parent);
        if let Some(member) = user.as_member_expression_kind()
            && member.object().span().contains_inclusive(span)
        {
            return Use::Member(parent, member.static_property_name().map(|name| name.to_string()));
        }
        match user {
            AstKind::UnaryExpression(it) if it.operator == UnaryOperator::Typeof => Use::Typeof,
            _ => Use::Other,
        }
    }

    fn span(&self, node: NodeId) -> Span {
        self.nodes.kind(node).span()
    }

    fn is_assigned(&self, member: NodeId) -> bool {
        is_target(self.span(member), &self.nodes.parent_kind(member))
    }
}
