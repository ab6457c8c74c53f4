//! Imports that bundlers do not follow: their paths are computed, or written elsewhere than in an import.

use std::borrow::Cow;

use oxc_ast::AstKind;
use oxc_ast::ast::{
    Argument, BindingPattern, Expression, IdentifierReference, StringLiteral, TemplateElement,
};
use oxc_semantic::{AstNode, Semantic};
use oxc_span::{GetSpan as _, Span};

use super::module::ComputedImport;
use super::scope::{is_global, range_of, symbol_of};

/// Every one of them, in source order: `import('./' + name)`, `import.meta.glob('./*.ts')`, `new URL('./a.js', import.meta.url)`.
pub(super) fn computed_imports(semantic: &Semantic<'_>) -> Vec<ComputedImport> {
    let mut computed: Vec<_> = semantic.nodes().iter().flat_map(|node| of_node(node, semantic)).collect();
    computed.sort_by_key(|import| import.range.start);
    computed
}

fn of_node(node: &AstNode<'_>, semantic: &Semantic<'_>) -> Vec<ComputedImport> {
    match node.kind() {
        AstKind::ImportExpression(import) => of_path(&import.source, true, semantic).into_iter().collect(),
        AstKind::CallExpression(call) => match (&call.callee, call.arguments.first()) {
            (Expression::Identifier(name), Some(argument))
                if name.name == "require" && is_global(name, semantic.scoping()) =>
            {
                argument.as_expression().and_then(|path| of_path(path, false, semantic)).into_iter().collect()
            }
            (Expression::StaticMemberExpression(member), Some(argument))
                if matches!(member.property.name.as_str(), "glob" | "globEager")
                    && matches!(member.object, Expression::ImportMeta(_)) =>
            {
                of_globs(argument)
            }
            _ => Vec::new(),
        },
        AstKind::NewExpression(new) => match (&new.callee, new.arguments.as_slice()) {
            (Expression::Identifier(name), [Argument::StringLiteral(path), base, ..])
                if name.name == "URL" && is_url_of_module(base) && !path.value.contains(':') =>
            {
                vec![whole(path)]
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// The path of an import, if it is computed and no package's. One of which nothing is known counts only where that is asked for.
fn of_path(path: &Expression<'_>, is_unknown_meant: bool, semantic: &Semantic<'_>) -> Option<ComputedImport> {
    if !literals(path).is_empty() {
        return None;
    }
    let (start, end) = match path.get_inner_expression() {
        Expression::TemplateLiteral(template) => {
            let text = |part: Option<&TemplateElement<'_>>| {
                part.map(|part| part.value.raw.to_string()).unwrap_or_default()
            };
            (text(template.quasis.first()), text(template.quasis.last()))
        }
        Expression::BinaryExpression(sum) => (first_text(&sum.left), text_of(&sum.right)),
        Expression::Identifier(name) => match constant(name, semantic) {
            Some(constant) if is_relative(&constant.value) => {
                return Some(ComputedImport { range: range_of(path.span()), ..whole(constant) });
            }
            Some(_) => return None,
            None => (String::new(), String::new()),
        },
        _ => (String::new(), String::new()),
    };
    let is_known = is_relative(&start);
    let is_meant = is_known || (start.is_empty() && is_unknown_meant);
    let start = is_known.then_some(start);
    is_meant.then(|| ComputedImport { start, end, is_whole: false, range: range_of(path.span()) })
}

/// The texts that a path can be, all of which bundlers follow: `'./a'`, `x ? './a' : './b'`. None if there are others.
pub(super) fn literals<'a>(path: &Expression<'a>) -> Vec<(Cow<'a, str>, Span)> {
    match path.get_inner_expression() {
        Expression::StringLiteral(text) => vec![(text.value.as_str().into(), text.span)],
        Expression::TemplateLiteral(text) => {
            text.single_quasi().map(|value| (value.as_str().into(), text.span)).into_iter().collect()
        }
        Expression::ConditionalExpression(either) => {
            let (one, other) = (literals(&either.consequent), literals(&either.alternate));
            if one.is_empty() || other.is_empty() { Vec::new() } else { [one, other].concat() }
        }
        _ => Vec::new(),
    }
}

/// The text of a constant.
fn constant<'s, 'a>(
    name: &IdentifierReference<'_>,
    semantic: &'s Semantic<'a>,
) -> Option<&'s StringLiteral<'a>> {
    let symbol = symbol_of(name, semantic.scoping())?;
    if !semantic.scoping().symbol_flags(symbol).is_const_variable() {
        return None;
    }
    let AstKind::VariableDeclarator(variable) = semantic.symbol_declaration(symbol).kind() else {
        return None;
    };
    match (&variable.id, &variable.init) {
        (BindingPattern::BindingIdentifier(_), Some(Expression::StringLiteral(text))) => Some(text),
        _ => None,
    }
}

/// With what a sum begins.
fn first_text(sum: &Expression<'_>) -> String {
    let mut first = sum.get_inner_expression();
    while let Expression::BinaryExpression(inner) = first {
        first = inner.left.get_inner_expression();
    }
    text_of(first)
}

fn text_of(part: &Expression<'_>) -> String {
    match part.get_inner_expression() {
        Expression::StringLiteral(text) => text.value.to_string(),
        _ => String::new(),
    }
}

/// The globs of Vite's `import.meta.glob`.
fn of_globs(argument: &Argument<'_>) -> Vec<ComputedImport> {
    let globs: Vec<&StringLiteral<'_>> = match argument {
        Argument::StringLiteral(glob) => vec![glob],
        Argument::ArrayExpression(globs) => {
            let literals = globs.elements.iter().filter_map(|element| match element.as_expression() {
                Some(Expression::StringLiteral(glob)) => Some(&**glob),
                _ => None,
            });
            literals.collect()
        }
        _ => Vec::new(),
    };
    let computed = globs.into_iter().filter(|glob| is_relative(&glob.value)).map(|glob| {
        let text = glob.value.as_str();
        match text.find(WILDCARDS) {
            Some(at) => ComputedImport {
                start: text.get(..at).map(str::to_owned),
                end: text.rsplit(WILDCARDS).next().unwrap_or_default().to_owned(),
                is_whole: false,
                range: range_of(glob.span),
            },
            None => whole(glob),
        }
    });
    computed.collect()
}

const WILDCARDS: [char; 7] = ['*', '?', '[', ']', '{', '}', '!'];

fn whole(path: &StringLiteral<'_>) -> ComputedImport {
    ComputedImport {
        start: Some(path.value.to_string()),
        end: String::new(),
        is_whole: true,
        range: range_of(path.span),
    }
}

fn is_relative(path: &str) -> bool {
    path.starts_with("./") || path.starts_with("../")
}

/// `import.meta.url`
fn is_url_of_module(base: &Argument<'_>) -> bool {
    matches!(base, Argument::StaticMemberExpression(member)
        if member.property.name == "url" && matches!(member.object, Expression::ImportMeta(_)))
}
