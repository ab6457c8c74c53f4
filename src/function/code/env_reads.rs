//! Environment variables that a module reads.

use std::collections::{BTreeMap, BTreeSet};

use oxc_ast::AstKind;
use oxc_ast::ast::{
    Argument, AssignmentTarget, AssignmentTargetMaybeDefault, AssignmentTargetProperty, BindingPattern,
    CallExpression, Expression, MemberExpression, ObjectAssignmentTarget, ObjectPattern, ObjectPropertyKind,
};
use oxc_semantic::{AstNode, NodeId, Semantic};
use oxc_span::{GetSpan as _, Span};
use oxc_syntax::operator::{AssignmentOperator, UnaryOperator};

use super::env_defaults::Defaults;
use super::env_objects::EnvObjects;
use super::env_places::{ENV_TYPES, is_env_name};
use super::env_presence::Variable;
use super::module::{EnvObject, EnvRead, ImportBinding};
use super::scope::{is_wrapper, range_of};

/// Members of every object (ECMAScript, "Properties of the Object Prototype Object").
const OBJECT_MEMBERS: [&str; 12] = [
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
];

/// The environment variables that are read, in source order, and those that are set: members of `process.env`, and those of a
/// context's `env`.
pub(super) fn env_reads(
    semantic: &Semantic<'_>,
    bindings: &BTreeMap<String, ImportBinding>,
) -> (Vec<EnvRead>, BTreeSet<String>) {
    let objects = EnvObjects::new(semantic, bindings);
    let mut reader = EnvReader { semantic, objects: &objects, set: BTreeMap::new(), reads: Vec::new() };
    for node in semantic.nodes() {
        reader.visit(node);
    }
    reader.finish()
}

/// Whether a name is written as those of environment variables are.
pub(super) fn is_upper_case(name: &str) -> bool {
    let is_upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    name.chars().all(is_upper) && name.chars().any(|c| c.is_ascii_uppercase())
}

struct EnvReader<'o, 's, 'a> {
    semantic: &'s Semantic<'a>,
    objects: &'o EnvObjects<'s, 'a>,
    /// Variables that the module sets, and where it does so first.
    set: BTreeMap<String, u32>,
    reads: Vec<(EnvRead, NodeId)>,
}

impl<'a> EnvReader<'_, '_, 'a> {
    fn visit(&mut self, node: &AstNode<'a>) {
        if let Some(member) = node.kind().as_member_expression_kind() {
            if let Some(name) = member.static_property_name()
                && let Some(object) = self.objects.of(member.object(), 0)
            {
                if is_set(node, self.semantic) {
                    self.set(&name, node.kind().span());
                } else {
                    self.add(object, &name, node.kind().span(), node.id(), false);
                }
            }
            return;
        }
        match node.kind() {
            // `const { X } = process.env`, `const { env: { X } } = c`
            AstKind::VariableDeclarator(it) => {
                if let (BindingPattern::ObjectPattern(pattern), Some(init)) = (&it.id, &it.init) {
                    match self.objects.of(init, 0) {
                        Some(object) => self.add_all(&object, pattern, node.id()),
                        None => {
                            self.add_nested(pattern, node.id(), |objects, key| objects.member(init, key, 0));
                        }
                    }
                }
            }
            // `fetch(request, { X }: Env)`, `({ env: { X } }) => …`
            AstKind::FormalParameter(it) => {
                if let BindingPattern::ObjectPattern(pattern) = &it.pattern {
                    if let Some(object) = self.objects.of_parameter(node, 0) {
                        self.add_all(&object, pattern, node.id());
                    }
                    self.add_nested(pattern, node.id(), |objects, key| objects.part_of_parameter(it, key, 0));
                }
            }
            AstKind::AssignmentExpression(it) => match &it.left {
                // `({ X } = process.env)`
                AssignmentTarget::ObjectAssignmentTarget(target) => {
                    if let Some(object) = self.objects.of(&it.right, 0) {
                        self.add_targets(&object, target, node.id());
                    }
                }
                // `process.env = { X: 'a' }`
                left => {
                    let member = left.as_member_expression();
                    let name = member.and_then(MemberExpression::static_property_name);
                    if let (Some(member), Some("env"), Expression::ObjectExpression(_)) =
                        (member, name, &it.right)
                        && self.objects.member(member.object(), "env", 0).is_some()
                    {
                        self.set_all(&it.right);
                    }
                }
            },
            AstKind::CallExpression(it) => self.visit_call(it),
            _ => {}
        }
    }

    /// `Object.assign(process.env, { X: 'a' })`, `Object.defineProperty(process.env, 'X', …)`
    fn visit_call(&mut self, call: &CallExpression<'a>) {
        let Expression::StaticMemberExpression(callee) = &call.callee else { return };
        let is_setter = matches!(callee.property.name.as_str(), "assign" | "defineProperty" | "set")
            && (callee.object.is_specific_id("Object") || callee.object.is_specific_id("Reflect"));
        let Some((Some(object), rest)) =
            call.arguments.split_first().map(|(object, rest)| (object.as_expression(), rest))
        else {
            return;
        };
        if !is_setter || self.objects.of(object, 0).is_none() {
            return;
        }
        for argument in rest {
            match argument {
                Argument::StringLiteral(name) => self.set(&name.value, call.span),
                argument => argument.as_expression().into_iter().for_each(|it| self.set_all(it)),
            }
        }
    }

    fn set(&mut self, name: &str, at: Span) {
        self.set.entry(name.to_owned()).or_insert(at.start);
    }

    /// Notes the members of an object as set.
    fn set_all(&mut self, object: &Expression<'_>) {
        let Expression::ObjectExpression(object) = object.get_inner_expression() else { return };
        for property in &object.properties {
            if let ObjectPropertyKind::ObjectProperty(it) = property
                && let Some(name) = it.key.static_name()
            {
                self.set(&name, it.span);
            }
        }
    }

    fn add(&mut self, object: EnvObject, name: &str, span: Span, node: NodeId, is_optional: bool) {
        let may_be_variable = match &object {
            EnvObject::Process | EnvObject::Worker | EnvObject::Imported(_) => true,
            // Most objects with a type have nothing to do with the environment.
            EnvObject::Typed { types, .. } => {
                is_upper_case(name) || types.iter().any(|of| ENV_TYPES.contains(&of.as_str()))
            }
        };
        if may_be_variable && !OBJECT_MEMBERS.contains(&name) {
            let name = name.to_owned();
            self.reads.push((EnvRead { name, range: range_of(span), object, is_optional }, node));
        }
    }

    /// Adds every member that a pattern takes out of an object.
    fn add_all(&mut self, object: &EnvObject, pattern: &ObjectPattern<'_>, node: NodeId) {
        for property in &pattern.properties {
            let Some(name) = property.key.static_name() else { continue };
            let has_default = match &property.value {
                BindingPattern::AssignmentPattern(_) => true,
                BindingPattern::BindingIdentifier(local) => {
                    let defaults = Defaults { semantic: self.semantic, objects: self.objects };
                    defaults.every_use_has_default(local)
                }
                _ => false,
            };
            self.add(object.clone(), &name, property.key.span(), node, has_default);
        }
    }

    /// The same for patterns in it that take an environment apart.
    fn add_nested(
        &mut self,
        pattern: &ObjectPattern<'_>,
        node: NodeId,
        find: impl Fn(&EnvObjects<'_, 'a>, &str) -> Option<EnvObject>,
    ) {
        for property in &pattern.properties {
            if let BindingPattern::ObjectPattern(inner) = &property.value
                && let Some(key) = property.key.static_name().filter(|key| is_env_name(key))
                && let Some(object) = find(self.objects, &key)
            {
                self.add_all(&object, inner, node);
            }
        }
    }

    /// The same for a pattern on the left of an assignment.
    fn add_targets(&mut self, object: &EnvObject, target: &ObjectAssignmentTarget<'_>, node: NodeId) {
        for property in &target.properties {
            match property {
                AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(it) => {
                    self.add(object.clone(), &it.binding.name, it.span, node, it.init.is_some());
                }
                AssignmentTargetProperty::AssignmentTargetPropertyProperty(it) => {
                    let has_default =
                        matches!(it.binding, AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(_));
                    if let Some(name) = it.name.static_name() {
                        self.add(object.clone(), &name, it.name.span(), node, has_default);
                    }
                }
            }
        }
    }

    /// The reads, with what is known of their variables.
    fn finish(self) -> (Vec<EnvRead>, BTreeSet<String>) {
        let mut variables: BTreeMap<&str, Variable<'_>> = BTreeMap::new();
        for (read, node) in &self.reads {
            let name = read.name.as_str();
            let variable = variables.entry(name).or_insert_with(|| Variable { name, reads: BTreeSet::new() });
            let span = self.semantic.nodes().kind(*node).span();
            variable.reads.insert((span.start, span.end));
        }
        let defaults = Defaults { semantic: self.semantic, objects: self.objects };
        let is_optional = |read: &EnvRead, node| {
            let is_member = self.semantic.nodes().kind(node).as_member_expression_kind().is_some();
            let has_default = || {
                let variable = variables.get(read.name.as_str());
                is_member && variable.is_some_and(|variable| defaults.has_default(node, variable))
            };
            // What the module sets itself, nobody else has to set.
            let is_set = self.set.get(&read.name).is_some_and(|at| !self.is_before(node, *at));
            read.is_optional || is_set || has_default()
        };
        let optional: Vec<_> = self.reads.iter().map(|(read, node)| is_optional(read, *node)).collect();
        let reads = self.reads.into_iter().zip(optional);
        let mut reads: Vec<_> =
            reads.map(|((read, _), is_optional)| EnvRead { is_optional, ..read }).collect();
        reads.sort_by_key(|read| read.range.start);
        (reads, self.set.into_keys().collect())
    }

    /// Whether a node is certainly evaluated before a position: it is in an earlier statement at the top level, and in no function.
    fn is_before(&self, node: NodeId, position: u32) -> bool {
        let mut statement = None;
        for kind in self.semantic.nodes().ancestor_kinds(node) {
            match kind {
                AstKind::Function(_) | AstKind::ArrowFunctionExpression(_) => return false,
                AstKind::Program(_) => break,
                kind => statement = Some(kind.span()),
            }
        }
        statement.is_some_and(|statement| statement.end <= position)
    }
}

/// Whether a member is set, if only where it is not set yet, or deleted.
fn is_set(node: &AstNode<'_>, semantic: &Semantic<'_>) -> bool {
    let nodes = semantic.nodes();
    let Some(member) = node.kind().as_member_expression_kind() else { return false };
    let mut user = nodes.parent_node(node.id());
    while is_wrapper(&user.kind()) {
        user = nodes.parent_node(user.id());
    }
    match user.kind() {
        AstKind::AssignmentExpression(it) => {
            let is_whole = it.operator == AssignmentOperator::Assign || it.operator.is_logical();
            is_whole && it.left.span().contains_inclusive(node.kind().span())
        }
        AstKind::UnaryExpression(it) => it.operator == UnaryOperator::Delete,
        AstKind::UpdateExpression(_) => false,
        kind => member.is_assigned_to_in_parent(&kind),
    }
}
