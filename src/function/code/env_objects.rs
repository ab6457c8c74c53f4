//! Which expressions hold an environment: `process.env`, that of a Worker, or what may be one by its type and name.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use oxc_ast::AstKind;
use oxc_ast::ast::{
    AssignmentTarget, BindingPattern, BindingProperty, Expression, FormalParameter, IdentifierReference,
    MemberExpression, ObjectPattern, TSType, TSTypeAnnotation, VariableDeclarator,
};
use oxc_semantic::{AstNode, Semantic, SymbolId};

use super::env_places::{
    Place, TypeOfMember, as_member, is_adapter_call, is_context_name, is_context_type, is_element,
    is_env_name, is_process_path, place_of, type_of_member,
};
use super::env_types::{names_of_object, type_of};
use super::module::{EnvObject, ImportBinding};
use super::resolve::is_path;
use super::scope::symbol_of;

/// Most variables that are followed from a name to what it holds: `const e = env` is common, longer chains are not.
pub(super) const MAX_NAMES_OF_ENV: usize = 5;

/// The environments of a module.
pub(super) struct EnvObjects<'s, 'a> {
    pub(super) semantic: &'s Semantic<'a>,
    bindings: &'s BTreeMap<String, ImportBinding>,
    /// Whether the module imports Hono, whose contexts have the environment of the Worker.
    pub(super) uses_hono: bool,
    /// What is known of names, objects and classes, by their position, and of their members, by name.
    known: RefCell<BTreeMap<(u32, String), Option<EnvObject>>>,
}

impl<'s, 'a> EnvObjects<'s, 'a> {
    pub(super) fn new(semantic: &'s Semantic<'a>, bindings: &'s BTreeMap<String, ImportBinding>) -> Self {
        let is_hono = |it: &ImportBinding| it.specifier == "hono" || it.specifier.starts_with("hono/");
        let uses_hono = bindings.values().any(is_hono);
        Self { semantic, bindings, uses_hono, known: RefCell::default() }
    }

    /// What an expression holds, if it may be an environment. Names are followed up to a depth.
    pub(super) fn of(&self, object: &Expression<'a>, depth: usize) -> Option<EnvObject> {
        match object {
            Expression::ParenthesizedExpression(it) => self.of(&it.expression, depth),
            Expression::TSNonNullExpression(it) => self.of(&it.expression, depth),
            Expression::TSSatisfiesExpression(it) => self.of(&it.expression, depth),
            Expression::AwaitExpression(it) => self.of(&it.argument, depth),
            Expression::TSAsExpression(it) => self.of_assertion(&it.expression, &it.type_annotation, depth),
            Expression::TSTypeAssertion(it) => self.of_assertion(&it.expression, &it.type_annotation, depth),
            Expression::Identifier(name) => self.of_name(name, depth),
            Expression::CallExpression(call) if is_adapter_call(call, self.bindings) => {
                Some(EnvObject::Worker)
            }
            // `process.env ?? {}`, `typeof process === 'undefined' ? {} : process.env`
            Expression::LogicalExpression(it) => {
                self.of(&it.left, depth).or_else(|| self.of(&it.right, depth))
            }
            Expression::ConditionalExpression(it) => {
                self.of(&it.consequent, depth).or_else(|| self.of(&it.alternate, depth))
            }
            other => {
                let member = as_member(other)?;
                let name = match member {
                    MemberExpression::PrivateFieldExpression(it) => it.field.name.as_str(),
                    member => member.static_property_name()?,
                };
                self.member(member.object(), name, depth)
            }
        }
    }

    /// `c.env as Env`: the type of what may be an environment.
    fn of_assertion(&self, object: &Expression<'a>, to: &TSType<'a>, depth: usize) -> Option<EnvObject> {
        let held = self.of(object, depth);
        let is_member = as_member(object.get_inner_expression()).is_some();
        match held {
            Some(EnvObject::Typed { is_named_env, .. }) => self.typed(to, is_named_env).or(held),
            None if is_member => self.typed(to, false),
            _ => held,
        }
    }

    /// What has a type, or may have it. What is called `env` may be an environment of any type.
    pub(super) fn typed(&self, of: &TSType<'_>, is_named_env: bool) -> Option<EnvObject> {
        let types = names_of_object(of, self.semantic)?;
        (is_named_env || !types.is_empty()).then_some(EnvObject::Typed { types, is_named_env })
    }

    fn annotated(&self, annotation: Option<&TSTypeAnnotation<'_>>, name: &str) -> Option<EnvObject> {
        match annotation {
            Some(annotation) => self.typed(type_of(annotation), is_env_name(name)),
            None => untyped(is_env_name(name)),
        }
    }

    fn of_name(&self, name: &IdentifierReference<'a>, depth: usize) -> Option<EnvObject> {
        match self.import_of(name) {
            Some(import) => of_import(import, &name.name),
            None => self.of_symbol(symbol_of(name, self.semantic.scoping())?, depth),
        }
    }

    pub(super) fn import_of(&self, name: &IdentifierReference<'_>) -> Option<&ImportBinding> {
        let scoping = self.semantic.scoping();
        let is_import = scoping.symbol_flags(symbol_of(name, scoping)?).is_import();
        self.bindings.get(name.name.as_str()).filter(|_| is_import)
    }

    /// What a variable or a parameter holds, where its declaration shows it.
    fn of_symbol(&self, symbol: SymbolId, depth: usize) -> Option<EnvObject> {
        if depth == MAX_NAMES_OF_ENV {
            return None;
        }
        let declaration = self.semantic.symbol_declaration(symbol);
        self.once(self.position(symbol), "", || match declaration.kind() {
            AstKind::VariableDeclarator(it) => self.of_variable(it, symbol, depth + 1),
            AstKind::FormalParameter(it) => match &it.pattern {
                BindingPattern::ObjectPattern(pattern) => match taken_out(pattern, self.position(symbol))? {
                    (_, Some(default)) => self.of(default, depth + 1),
                    (key, None) => self.part_of_parameter(it, &key, depth + 1),
                },
                _ => self.of_parameter(declaration, depth + 1),
            },
            _ => None,
        })
    }

    pub(super) fn position(&self, symbol: SymbolId) -> u32 {
        self.semantic.scoping().symbol_span(symbol).start
    }

    /// Finds something out, unless it is known.
    pub(super) fn once(
        &self,
        position: u32,
        name: &str,
        find: impl FnOnce() -> Option<EnvObject>,
    ) -> Option<EnvObject> {
        let key = (position, name.to_owned());
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        // What depends on itself holds nothing.
        self.known.borrow_mut().insert(key.clone(), None);
        let found = find();
        self.known.borrow_mut().insert(key, found.clone());
        found
    }

    fn of_variable(
        &self,
        variable: &VariableDeclarator<'a>,
        symbol: SymbolId,
        depth: usize,
    ) -> Option<EnvObject> {
        let annotation = variable.type_annotation.as_deref();
        match (&variable.id, &variable.init) {
            (BindingPattern::BindingIdentifier(name), Some(init)) => {
                let held = self.of(init, depth);
                self.with_annotation(held, annotation, &name.name)
            }
            (BindingPattern::BindingIdentifier(name), None) => {
                if self.semantic.scoping().symbol_flags(symbol).is_ambient() {
                    return self.annotated(annotation, &name.name);
                }
                let held = self.assigned(symbol, depth);
                self.with_annotation(held, annotation, &name.name)
            }
            (BindingPattern::ObjectPattern(pattern), Some(init)) => {
                let position = self.position(symbol);
                match taken_out(pattern, position) {
                    Some((_, Some(default))) => self.of(default, depth),
                    Some((key, None)) => self.member(init, &key, depth),
                    None if is_rest_of(pattern, symbol) => self.of(init, depth),
                    // `const { cloudflare: { env } } = context`
                    None => {
                        let outer = property_at(pattern, position)?;
                        let BindingPattern::ObjectPattern(inner) = &outer.value else { return None };
                        let (key, _) = taken_out(inner, position)?;
                        let is_context = outer.key.static_name().is_some_and(|name| is_context_name(&name));
                        untyped(is_context && is_env_name(&key))
                    }
                }
            }
            _ => None,
        }
    }

    /// The type of a variable says more than what it is set to.
    fn with_annotation(
        &self,
        held: Option<EnvObject>,
        annotation: Option<&TSTypeAnnotation<'_>>,
        name: &str,
    ) -> Option<EnvObject> {
        match (held, annotation) {
            (Some(EnvObject::Typed { is_named_env, .. }), Some(annotation)) => {
                self.typed(type_of(annotation), is_named_env || is_env_name(name))
            }
            (held, _) => held,
        }
    }

    /// What a variable is set to later, as far as that is an environment.
    fn assigned(&self, symbol: SymbolId, depth: usize) -> Option<EnvObject> {
        let nodes = self.semantic.nodes();
        let writes = self.semantic.symbol_references(symbol).filter(|reference| reference.is_write());
        writes.map(|reference| nodes.parent_kind(reference.node_id())).find_map(|parent| match parent {
            AstKind::AssignmentExpression(it)
                if matches!(it.left, AssignmentTarget::AssignmentTargetIdentifier(_)) =>
            {
                self.of(&it.right, depth)
            }
            _ => None,
        })
    }

    /// What a parameter holds as a whole.
    pub(super) fn of_parameter(&self, node: &AstNode<'a>, depth: usize) -> Option<EnvObject> {
        let AstKind::FormalParameter(it) = node.kind() else { return None };
        if let Some(default) = &it.initializer {
            return self.of(default, depth);
        }
        let name = match place_of(node, self.semantic) {
            Some(Place::Sure) => return Some(EnvObject::Worker),
            Some(Place::Guessed) if it.type_annotation.is_some() => "env",
            None if is_element(node.id(), self.semantic) => "",
            _ => it.pattern.get_binding_identifier().map_or("", |name| name.name.as_str()),
        };
        self.annotated(it.type_annotation.as_deref(), name)
    }

    /// What a parameter's member holds that is taken out where it is declared: `({ env }) => …`.
    pub(super) fn part_of_parameter(
        &self,
        parameter: &FormalParameter<'a>,
        key: &str,
        depth: usize,
    ) -> Option<EnvObject> {
        match (&parameter.initializer, &parameter.type_annotation) {
            (Some(default), _) => self.member(default, key, depth),
            (None, Some(annotation)) => self.part_of_type(annotation, key, true),
            (None, None) => untyped(is_env_name(key)),
        }
    }

    pub(super) fn part_of_type(
        &self,
        annotation: &TSTypeAnnotation<'a>,
        name: &str,
        is_context: bool,
    ) -> Option<EnvObject> {
        let is_named_env = is_context && is_env_name(name);
        if is_named_env && is_context_type(annotation) {
            return Some(EnvObject::Worker);
        }
        match type_of_member(type_of(annotation), name, self.semantic) {
            TypeOfMember::Is(of) => self.typed(of, is_named_env),
            TypeOfMember::Untyped => None,
            TypeOfMember::Unknown => untyped(is_named_env),
        }
    }
}

/// What is only called `env`, if it is.
pub(super) fn untyped(is_named_env: bool) -> Option<EnvObject> {
    is_named_env.then(|| EnvObject::Typed { types: BTreeSet::new(), is_named_env })
}

/// What an imported name holds.
fn of_import(import: &ImportBinding, local: &str) -> Option<EnvObject> {
    let is_env = import.name.as_deref() == Some("env");
    match import.specifier.as_str() {
        path if is_process_path(path) => is_env.then_some(EnvObject::Process),
        // Cloudflare documentation, "Environment variables": `import { env } from "cloudflare:workers"`.
        "cloudflare:workers" => is_env.then_some(EnvObject::Worker),
        path if is_path(path) => {
            let is_named_env = is_env_name(local) || import.name.as_deref().is_some_and(is_env_name);
            is_named_env.then(|| EnvObject::Imported(import.clone()))
        }
        _ => None,
    }
}

/// The property of a pattern that is at a position.
fn property_at<'p, 'a>(pattern: &'p ObjectPattern<'a>, position: u32) -> Option<&'p BindingProperty<'a>> {
    let index = pattern.properties.partition_point(|property| property.span.end <= position);
    pattern.properties.get(index).filter(|property| property.span.start <= position)
}

/// Under which key a pattern takes out what the name at a position holds, and its default.
fn taken_out<'p, 'a>(
    pattern: &'p ObjectPattern<'a>,
    position: u32,
) -> Option<(String, Option<&'p Expression<'a>>)> {
    let property = property_at(pattern, position)?;
    let (local, default) = match &property.value {
        BindingPattern::AssignmentPattern(it) => (&it.left, Some(&it.right)),
        value => (value, None),
    };
    let is_it = matches!(local, BindingPattern::BindingIdentifier(id) if id.span.start == position);
    is_it.then(|| Some((property.key.static_name()?.into(), default)))?
}

fn is_rest_of(pattern: &ObjectPattern<'_>, symbol: SymbolId) -> bool {
    let rest = pattern.rest.as_ref().and_then(|rest| rest.argument.get_binding_identifier());
    rest.is_some_and(|id| id.symbol_id.get() == Some(symbol))
}
