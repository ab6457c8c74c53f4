//! Members that hold an environment: `process.env`, `c.env`, `this.env`.

use oxc_ast::AstKind;
use oxc_ast::ast::{
    Argument, BindingPattern, CallExpression, Class, ClassElement, Expression, FormalParameter,
    IdentifierReference, MemberExpression, ObjectExpression, ObjectPropertyKind, Statement, ThisExpression,
};

use super::env_objects::{EnvObjects, MAX_NAMES_OF_ENV, untyped};
use super::env_places::{
    TypeOfMember, as_member, is_context_name, is_context_type, is_env_name, is_of_route, is_platform_type,
    is_process_path, superclass, type_of_member,
};
use super::env_types::type_of;
use super::module::{EnvObject, ImportBinding};
use super::scope::{is_global_called, symbol_of};

impl<'a> EnvObjects<'_, 'a> {
    /// Whether an expression is the global `process`, or Node's module of this name.
    fn is_process(&self, object: &Expression<'a>) -> bool {
        match object.get_inner_expression() {
            Expression::Identifier(name) => {
                is_global_called(name, "process", self.semantic.scoping())
                    || self.import_of(name).is_some_and(is_process_module)
                    || self.is_required_process(name)
            }
            // `globalThis.process`
            Expression::StaticMemberExpression(member) => member.property.name == "process",
            Expression::CallExpression(call) => self.requires_process(call),
            _ => false,
        }
    }

    /// `const process = require('node:process')`
    fn is_required_process(&self, name: &IdentifierReference<'a>) -> bool {
        let Some(symbol) = symbol_of(name, self.semantic.scoping()) else { return false };
        match self.semantic.symbol_declaration(symbol).kind() {
            AstKind::VariableDeclarator(it) if it.id.is_binding_identifier() => {
                matches!(&it.init, Some(Expression::CallExpression(call)) if self.requires_process(call))
            }
            _ => false,
        }
    }

    fn requires_process(&self, call: &CallExpression<'a>) -> bool {
        let is_require = matches!(&call.callee, Expression::Identifier(name)
            if is_global_called(name, "require", self.semantic.scoping()));
        is_require
            && matches!(call.arguments.first(), Some(Argument::StringLiteral(path)) if is_process_path(&path.value))
    }

    /// What a member of an object holds.
    pub(super) fn member(&self, object: &Expression<'a>, name: &str, depth: usize) -> Option<EnvObject> {
        if name == "env" && self.is_process(object) {
            return Some(EnvObject::Process);
        }
        let is_env = is_env_name(name);
        match object {
            Expression::ParenthesizedExpression(it) => self.member(&it.expression, name, depth),
            Expression::TSNonNullExpression(it) => self.member(&it.expression, name, depth),
            Expression::TSSatisfiesExpression(it) => self.member(&it.expression, name, depth),
            Expression::AwaitExpression(it) => self.member(&it.argument, name, depth),
            Expression::LogicalExpression(it) => self.member(&it.left, name, depth),
            Expression::TSAsExpression(it) => {
                match type_of_member(&it.type_annotation, name, self.semantic) {
                    TypeOfMember::Is(of) => self.typed(of, is_env),
                    TypeOfMember::Untyped => None,
                    TypeOfMember::Unknown => self.member(&it.expression, name, depth),
                }
            }
            Expression::ThisExpression(this) => self.member_of_this(this, name, depth),
            Expression::Identifier(id) => self.member_of_name(id, name, depth),
            Expression::ObjectExpression(it) if is_env => {
                self.once(it.span.start, name, || self.of(property(it, name)?, depth))
            }
            // `getCloudflareContext().env`
            Expression::CallExpression(call) => {
                let callee = call.callee.get_inner_expression();
                let is_context = matches!(callee, Expression::Identifier(callee)
                    if callee.name.starts_with("get") && callee.name.ends_with("Context"));
                untyped(is_env && is_context)
            }
            // `event.platform.env`
            other => {
                let last = as_member(other).and_then(MemberExpression::static_property_name);
                untyped(is_env && last.is_some_and(is_context_name))
            }
        }
    }

    fn member_of_name(&self, id: &IdentifierReference<'a>, name: &str, depth: usize) -> Option<EnvObject> {
        if let Some(import) = self.import_of(id) {
            let is_platform = import.specifier == "cloudflare:workers" && import.name.is_none();
            return (is_platform && name == "env").then_some(EnvObject::Worker);
        }
        let symbol = symbol_of(id, self.semantic.scoping())?;
        if depth == MAX_NAMES_OF_ENV || !is_env_name(name) {
            return None;
        }
        let declaration = self.semantic.symbol_declaration(symbol);
        let is_context =
            is_context_name(&id.name) || (self.uses_hono && is_of_route(declaration.id(), self.semantic));
        let context = || {
            if is_context && self.uses_hono { Some(EnvObject::Worker) } else { untyped(is_context) }
        };
        self.once(self.position(symbol), name, || match declaration.kind() {
            AstKind::VariableDeclarator(it) => match (&it.id, &it.init, &it.type_annotation) {
                (BindingPattern::BindingIdentifier(_), _, Some(annotation))
                    if is_context_type(annotation) =>
                {
                    Some(EnvObject::Worker)
                }
                (BindingPattern::BindingIdentifier(_), Some(init), _) => self.member(init, name, depth + 1),
                // `const { platform } = event`
                (BindingPattern::ObjectPattern(_), ..) => untyped(is_context),
                _ => None,
            },
            AstKind::FormalParameter(it) => match (&it.pattern, &it.initializer, &it.type_annotation) {
                (BindingPattern::BindingIdentifier(_), Some(default), _) => {
                    self.member(default, name, depth + 1)
                }
                (BindingPattern::BindingIdentifier(_), None, Some(annotation)) => {
                    self.part_of_type(annotation, name, is_context)
                }
                (BindingPattern::BindingIdentifier(_), None, None) => context(),
                _ => untyped(is_context),
            },
            _ => None,
        })
    }

    /// What a member of the class around `this` holds.
    fn member_of_this(&self, this: &ThisExpression, name: &str, depth: usize) -> Option<EnvObject> {
        let mut ancestors = self.semantic.nodes().ancestor_kinds(this.node_id.get());
        let class = ancestors.find_map(|kind| match kind {
            AstKind::Class(class) => Some(class),
            _ => None,
        });
        let class = class?;
        self.once(class.span.start, name, || self.member_of_class(class, name, depth))
    }

    fn member_of_class(&self, class: &Class<'a>, name: &str, depth: usize) -> Option<EnvObject> {
        let elements = || class.body.body.iter();
        let constructor = elements().find_map(|element| match element {
            ClassElement::MethodDefinition(it) if it.kind.is_constructor() => Some(&it.value),
            _ => None,
        });
        let field = elements().find_map(|element| match element {
            ClassElement::PropertyDefinition(it) if it.key.name().is_some_and(|key| key == name) => Some(it),
            _ => None,
        });
        let assigned = constructor.and_then(|it| assigned_to_this(&it.body.as_ref()?.statements, name));
        if matches!(assigned, Some(Expression::ObjectExpression(_))) {
            return None;
        }
        if let Some(field) = field {
            return match (&field.value, &field.type_annotation) {
                (Some(value), _) => self.of(value, depth),
                (None, Some(annotation)) => self.typed(type_of(annotation), is_env_name(name)),
                (None, None) => assigned.map_or(untyped(is_env_name(name)), |value| self.of(value, depth)),
            };
        }
        let parameter = constructor.and_then(|it| {
            let declares = |one: &&FormalParameter<'a>| one.accessibility.is_some() || one.readonly;
            let is_it = |one: &&FormalParameter<'a>| {
                one.pattern.get_binding_identifier().is_some_and(|id| id.name == name)
            };
            it.params.items.iter().filter(declares).find(is_it)
        });
        if let Some(parameter) = parameter {
            let node = self.semantic.nodes().get_node(parameter.node_id.get());
            return self.of_parameter(node, depth);
        }
        if superclass(class).is_some_and(is_platform_type) && name == "env" {
            return Some(EnvObject::Worker);
        }
        assigned.map_or(untyped(is_env_name(name)), |value| self.of(value, depth))
    }
}

fn is_process_module(import: &ImportBinding) -> bool {
    is_process_path(&import.specifier) && import.name.as_deref().is_none_or(|name| name == "default")
}

/// The value of an object's property.
fn property<'e, 'a>(object: &'e ObjectExpression<'a>, name: &str) -> Option<&'e Expression<'a>> {
    object.properties.iter().find_map(|property| match property {
        ObjectPropertyKind::ObjectProperty(it) if it.key.is_specific_static_name(name) => Some(&it.value),
        _ => None,
    })
}

/// What the constructor sets a member of `this` to.
fn assigned_to_this<'e, 'a>(statements: &'e [Statement<'a>], name: &str) -> Option<&'e Expression<'a>> {
    statements.iter().find_map(|statement| {
        let Statement::ExpressionStatement(statement) = statement else { return None };
        let Expression::AssignmentExpression(it) = &statement.expression else { return None };
        let member = it.left.as_member_expression()?;
        let key = match member {
            MemberExpression::PrivateFieldExpression(it) => it.field.name.as_str(),
            member => member.static_property_name()?,
        };
        let is_it = key == name && matches!(member.object(), Expression::ThisExpression(_));
        is_it.then_some(&it.right)
    })
}
