//! How the values of a module's top-level variables and of its default export are made.

use std::collections::BTreeMap;

use oxc_ast::AstKind;
use oxc_ast::ast::{BindingPattern, Expression};
use oxc_semantic::Semantic;

use super::module::{DEFAULT, Initializer, Operation};

pub(super) fn initializers(semantic: &Semantic<'_>) -> BTreeMap<String, Initializer> {
    let scoping = semantic.scoping();
    let symbols = scoping.get_bindings(scoping.root_scope_id()).values();
    let variables = symbols.filter_map(|symbol| match semantic.symbol_declaration(*symbol).kind() {
        AstKind::VariableDeclarator(variable) => match (&variable.id, &variable.init) {
            (BindingPattern::BindingIdentifier(name), Some(value)) => Some((name.name.as_str(), value)),
            _ => None,
        },
        _ => None,
    });
    let default = semantic.nodes().iter().find_map(|node| match node.kind() {
        AstKind::ExportDefaultDeclaration(export) => Some((DEFAULT, export.declaration.as_expression()?)),
        _ => None,
    });
    let values = variables.chain(default);
    values.filter_map(|(name, value)| Some((name.to_owned(), initializer(value)?))).collect()
}

/// A value that is made by a chain of calls and members of a name.
fn initializer(value: &Expression<'_>) -> Option<Initializer> {
    let mut operations = Vec::new();
    let mut value = value.get_inner_expression();
    loop {
        let (operation, inner) = match value {
            Expression::Identifier(base) => {
                operations.reverse();
                return Some(Initializer { base: base.name.to_string(), operations });
            }
            Expression::CallExpression(call) => (Operation::Call, &call.callee),
            Expression::StaticMemberExpression(member) => {
                (Operation::Member(member.property.name.to_string()), &member.object)
            }
            _ => return None,
        };
        operations.push(operation);
        value = inner.get_inner_expression();
    }
}
