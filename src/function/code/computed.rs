//! Imports that bundlers do not follow: their paths are computed, or written elsewhere than in an import.

use std::borrow::Cow;

use oxc_ast::AstKind;
use oxc_ast::ast::{
    Argument, BindingPattern, CallExpression, Expression, IdentifierReference, StringLiteral,
    TemplateElement, TemplateLiteral,
};
use oxc_semantic::{AstNode, Semantic};
use oxc_span::{GetSpan as _, Span};
use oxc_syntax::operator::BinaryOperator;

use super::module::{ComputedImport, ComputedKind};
use super::resolve::without_query;
use super::scope::{is_global_called, range_of, symbol_of};

/// Every one of them, in source order: `import('./' + name)`, `import.meta.glob('./*.ts')`, `new URL('./a.js', import.meta.url)`.
pub(super) fn computed_imports(semantic: &Semantic<'_>) -> Vec<ComputedImport> {
    let mut computed: Vec<_> = semantic.nodes().iter().flat_map(|node| of_node(node, semantic)).collect();
    computed.sort_by_key(|import| import.range.start);
    computed
}

fn of_node(node: &AstNode<'_>, semantic: &Semantic<'_>) -> Vec<ComputedImport> {
    match node.kind() {
        AstKind::ImportExpression(import) => of_path(&import.source, true, semantic).into_iter().collect(),
        AstKind::CallExpression(call) => {
            let argument = call.arguments.first().and_then(Argument::as_expression);
            argument.map(|argument| of_call(call, argument, semantic)).unwrap_or_default()
        }
        AstKind::NewExpression(new) => match (new.callee.get_inner_expression(), new.arguments.as_slice()) {
            (Expression::Identifier(name), [path, base, ..])
                if is_global_called(name, "URL", semantic.scoping()) && is_url_of_module(base) =>
            {
                path.as_expression().and_then(|path| of_url(path, semantic)).into_iter().collect()
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// `require('./' + name)`, `require.context('./a')` of webpack, `import.meta.glob('./*.ts')` of Vite.
fn of_call(
    call: &CallExpression<'_>,
    argument: &Expression<'_>,
    semantic: &Semantic<'_>,
) -> Vec<ComputedImport> {
    match call.callee.get_inner_expression() {
        Expression::Identifier(name) if is_require(name, semantic) => {
            of_path(argument, false, semantic).into_iter().collect()
        }
        Expression::StaticMemberExpression(member) => {
            let name = member.property.name.as_str();
            match member.object.get_inner_expression() {
                Expression::Identifier(object) if name == "context" && is_require(object, semantic) => {
                    let directories = literals(argument).into_iter();
                    directories.map(|(path, span)| in_directory(&path, span)).collect()
                }
                Expression::ImportMeta(_) if matches!(name, "glob" | "globEager") => of_globs(argument),
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

fn is_require(name: &IdentifierReference<'_>, semantic: &Semantic<'_>) -> bool {
    is_global_called(name, "require", semantic.scoping())
}

fn in_directory(path: &str, span: Span) -> ComputedImport {
    let start = Some(format!("{}/", path.trim_end_matches('/')));
    ComputedImport { start, end: String::new(), kind: ComputedKind::Start, range: range_of(span) }
}

/// `new URL('./a.js', import.meta.url)`
fn of_url(path: &Expression<'_>, semantic: &Semantic<'_>) -> Option<ComputedImport> {
    match literals(path).into_iter().next() {
        Some((text, _)) if text.contains(':') => None,
        Some((text, span)) => Some(whole(without_query(&text), span)),
        None => of_path(path, false, semantic),
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
        Expression::BinaryExpression(sum) => (first_text(&sum.left), text_of(&sum.right).unwrap_or_default()),
        Expression::Identifier(name) => match constant(name, semantic) {
            Some(constant) if is_relative(&constant.value) => {
                return Some(whole(&constant.value, path.span()));
            }
            Some(_) => return None,
            None => (String::new(), String::new()),
        },
        _ => (String::new(), String::new()),
    };
    let is_known = is_relative(&start);
    let is_meant = is_known || (start.is_empty() && is_unknown_meant);
    let start = is_known.then_some(start);
    is_meant.then(|| ComputedImport { start, end, kind: ComputedKind::Start, range: range_of(path.span()) })
}

/// The texts that a path can be, all of which bundlers follow: `'./a'`, `x ? './a' : './b'`. None if there are others.
pub(super) fn literals<'a>(path: &Expression<'a>) -> Vec<(Cow<'a, str>, Span)> {
    match path.get_inner_expression() {
        Expression::StringLiteral(text) => vec![(text.value.as_str().into(), text.span)],
        Expression::TemplateLiteral(template) => {
            constant_template(template).map(|text| (text.into(), template.span)).into_iter().collect()
        }
        Expression::ConditionalExpression(either) => {
            let (one, other) = (literals(&either.consequent), literals(&either.alternate));
            if one.is_empty() || other.is_empty() { Vec::new() } else { [one, other].concat() }
        }
        // Bundlers work out what is constant.
        Expression::BinaryExpression(sum) if sum.operator == BinaryOperator::Addition => {
            match (literals(&sum.left).as_slice(), literals(&sum.right).as_slice()) {
                ([(start, _)], [(end, _)]) => vec![(format!("{start}{end}").into(), sum.span)],
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// The text of a template in which all is constant.
fn constant_template(template: &TemplateLiteral<'_>) -> Option<String> {
    let mut parts = template.quasis.iter();
    let mut text = parts.next()?.value.cooked?.to_string();
    for (inserted, part) in template.expressions.iter().zip(parts) {
        text += &text_of(inserted)?;
        text += part.value.cooked?.as_str();
    }
    Some(text)
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
    let mut first = sum;
    loop {
        match (text_of(first), first.get_inner_expression()) {
            (Some(text), _) => return text,
            (None, Expression::BinaryExpression(inner)) => first = &inner.left,
            (None, _) => return String::new(),
        }
    }
}

/// The only text that an expression can be.
fn text_of(part: &Expression<'_>) -> Option<String> {
    match literals(part).as_slice() {
        [(text, _)] => Some(text.to_string()),
        _ => None,
    }
}

/// The globs of Vite's `import.meta.glob`; those that begin with `!` leave files out of the others.
fn of_globs(argument: &Expression<'_>) -> Vec<ComputedImport> {
    let texts = match argument.get_inner_expression() {
        Expression::ArrayExpression(globs) => {
            globs.elements.iter().filter_map(|element| element.as_expression()).flat_map(literals).collect()
        }
        glob => literals(glob),
    };
    let (without, globs): (Vec<_>, Vec<_>) = texts.iter().partition(|(text, _)| text.starts_with('!'));
    let without: Vec<_> =
        without.into_iter().map(|(text, _)| text.trim_start_matches('!').to_owned()).collect();
    let globs = globs.into_iter().filter(|(text, _)| is_relative(text) || text.starts_with('/'));
    // Each group of alternatives multiplies what has to be compared.
    let globs = globs.filter(|(text, _)| text.matches('{').count() <= MAX_ALTERNATIVES);
    globs
        .map(|(text, span)| {
            let start = text.split(WILDCARDS).next().unwrap_or_default();
            let kind = ComputedKind::Glob { glob: text.clone().into_owned(), without: without.clone() };
            ComputedImport { start: Some(start.to_owned()), end: String::new(), kind, range: range_of(*span) }
        })
        .collect()
}

/// Most groups of alternatives in a glob: people write one or two.
const MAX_ALTERNATIVES: usize = 5;

const WILDCARDS: [char; 5] = ['*', '?', '[', '{', '!'];

fn whole(path: &str, span: Span) -> ComputedImport {
    let start = Some(path.to_owned());
    ComputedImport { start, end: String::new(), kind: ComputedKind::Whole, range: range_of(span) }
}

fn is_relative(path: &str) -> bool {
    path.starts_with("./") || path.starts_with("../")
}

/// `import.meta.url`
fn is_url_of_module(base: &Argument<'_>) -> bool {
    matches!(base.as_expression().map(Expression::get_inner_expression), Some(Expression::StaticMemberExpression(member))
        if member.property.name == "url" && matches!(member.object, Expression::ImportMeta(_)))
}
