//! Comments that may allow findings, and the lines for which they do.

use oxc_ast::ast::{Expression, Statement};
use oxc_parser::ParserReturn;
use oxc_span::{GetSpan as _, LabeledSpan, Span};

use super::scope::range_of;
use crate::function::allowed::{Comment, Comments, MAX_ALLOWED, may_allow};

/// The comments that may allow findings. Where the parser stopped, nothing is known of what follows.
pub(super) fn comments(text: &str, parsed: &ParserReturn<'_>) -> Comments {
    let unknown_from = if parsed.panicked { end_of_parsed(parsed) } else { text.len() };
    let mut known = Vec::new();
    if may_allow(text) {
        let lines = Lines::of(text);
        let units = units(parsed);
        let places = places(text, &parsed.program.comments);
        let marked = places
            .into_iter()
            .filter(|one| one.span.end as usize <= unknown_from && may_allow(one.span.source_text(text)));
        known.extend(marked.take(MAX_ALLOWED).map(|one| one.comment(&lines, &units)));
    }
    Comments { known, unknown_from }
}

/// Where the error is after which nothing was parsed.
fn end_of_parsed(parsed: &ParserReturn<'_>) -> usize {
    let labels = parsed.diagnostics.errors().flat_map(|error| &error.labels).map(LabeledSpan::span);
    labels.map(|span| span.start as usize).max().unwrap_or_default()
}

/// A comment and the code around it.
struct Placed {
    span: Span,
    /// Whether other code precedes it on its line.
    follows_code: bool,
    /// Where the next code is.
    next: Option<usize>,
}

impl Placed {
    /// It holds for its lines, and where it is alone on them, for the next line that has code. What a formatter may write on several
    /// lines is allowed as a whole.
    fn comment(&self, lines: &Lines, units: &[Span]) -> Comment {
        let range = range_of(self.span);
        let start = lines.start(range.start);
        let next = self.next.filter(|_| !self.follows_code).unwrap_or(range.end);
        let end = lines.end(next.max(range.end));
        let begins_in = |unit: &Span| (start..end).contains(&(unit.start as usize));
        let ends = units.iter().filter(|unit| begins_in(unit)).map(|unit| unit.end as usize);
        Comment { range, place: start..ends.fold(end, usize::max) }
    }
}

/// Every comment with its place, in one pass down and one up.
fn places(text: &str, comments: &[oxc_ast::Comment]) -> Vec<Placed> {
    // No finding is at a brace, and comments in JSX are in braces.
    let is_code = |c: char| !c.is_whitespace() && !matches!(c, '{' | '}');
    let (mut end, mut follows_code) = (0, false);
    let mut places = Vec::with_capacity(comments.len());
    for comment in comments {
        let gap = text.get(end..comment.span.start as usize).unwrap_or_default();
        let line = gap.rsplit(LINE_ENDS).next().unwrap_or_default();
        follows_code = (follows_code && line.len() == gap.len()) || line.contains(is_code);
        places.push(Placed { span: comment.span, follows_code, next: None });
        follows_code &= !comment.is_multiline_block();
        end = comment.span.end as usize;
    }
    let (mut start, mut next) = (text.len(), None);
    for place in places.iter_mut().rev() {
        let end = place.span.end as usize;
        let gap = text.get(end..start).unwrap_or_default();
        next = gap.find(is_code).map(|at| end + at).or(next);
        place.next = next;
        start = place.span.start as usize;
    }
    places
}

/// Imports and re-exports: what is imported may be lines below their beginning.
fn units(parsed: &ParserReturn<'_>) -> Vec<Span> {
    let record = &parsed.module_record;
    let declared = record.requested_modules.values().flatten().map(|request| request.statement_span);
    let computed = record.dynamic_imports.iter().map(|import| import.span);
    let required = parsed.program.body.iter().filter(|one| is_required(one)).map(Statement::span);
    declared.chain(computed).chain(required).collect()
}

/// `const { a } = require('…')`, `const { a } = await import('…')`
fn is_required(statement: &Statement<'_>) -> bool {
    let Statement::VariableDeclaration(declaration) = statement else { return false };
    let mut values = declaration.declarations.iter().filter_map(|variable| variable.init.as_ref());
    values.any(|value| match value.get_inner_expression() {
        Expression::CallExpression(call) => call.common_js_require().is_some(),
        Expression::AwaitExpression(awaited) => {
            matches!(awaited.argument.get_inner_expression(), Expression::ImportExpression(_))
        }
        _ => false,
    })
}

const LINE_ENDS: [char; 2] = ['\n', '\r'];

/// Where the lines of a text end.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.match_indices(LINE_ENDS).map(|(at, _)| at).chain([text.len()]).collect())
    }

    fn start(&self, at: usize) -> usize {
        let line = self.0.partition_point(|end| *end < at);
        line.checked_sub(1).and_then(|before| self.0.get(before)).map_or(0, |end| end + 1)
    }

    fn end(&self, at: usize) -> usize {
        self.0.get(self.0.partition_point(|end| *end < at)).map_or(at, |end| end + 1)
    }
}

#[cfg(test)]
mod tests {
    use oxc_allocator::Allocator;
    use oxc_parser::Parser;
    use oxc_span::SourceType;

    use super::*;

    /// The text for which each comment holds, without its line end.
    fn held(text: &str) -> Vec<String> {
        let allocator = Allocator::default();
        let known = comments(text, &Parser::new(&allocator, text, SourceType::tsx()).parse()).known;
        let end = |comment: &Comment| comment.place.end.min(text.len());
        known.iter().map(|one| text[one.place.start..end(one)].trim_end().to_owned()).collect()
    }

    #[test]
    fn a_comment_holds_for_its_lines_and_alone_for_the_next_line_of_code() {
        let allow = "aerostack-publish: allow A_B";
        for (text, expected) in [
            (format!("a\nb // {allow}\nc"), format!("b // {allow}")),
            (format!("a\n// {allow}\nc\nd"), format!("// {allow}\nc")),
            (format!("// {allow}\r\n\r\nc\r\nd"), format!("// {allow}\r\n\r\nc")),
            (format!("// {allow}\rc\rd"), format!("// {allow}\rc")),
            (format!("/* {allow} */ b\nc"), format!("/* {allow} */ b")),
            (format!("/* a */ // {allow}\n\n/* b\n */ c\nd"), format!("/* a */ // {allow}\n\n/* b\n */ c")),
            (format!("a /*\n */ // {allow}\nc\nd"), format!(" */ // {allow}\nc")),
            (format!("a /* {allow}\n */\nc"), format!("a /* {allow}\n */")),
            (format!("<a>\n{{/* {allow} */}}\n{{b}}\n</a>"), format!("{{/* {allow} */}}\n{{b}}")),
            (format!("// {allow}"), format!("// {allow}")),
            (
                format!("// {allow}\nimport {{\n a\n}} from 'a'; b\nc"),
                format!("// {allow}\nimport {{\n a\n}} from 'a';"),
            ),
            (format!("a(import( // {allow}\n b\n))\nc"), format!("a(import( // {allow}\n b\n)")),
        ] {
            assert_eq!(held(&text), [expected], "{text}");
        }
        assert_eq!(held(&format!("a('{allow}', `{allow}`, /{allow}/, <b>// {allow}</b>)")), [""; 0]);
    }

    #[test]
    fn after_an_error_comments_are_not_known() {
        let allocator = Allocator::default();
        let text = "// aerostack-publish: allow A_B\nconst a = ; // aerostack-publish: allow C_D\n";
        let found = comments(text, &Parser::new(&allocator, text, SourceType::ts()).parse());
        assert_eq!((found.known.len(), found.unknown_from), (1, text.find(';').unwrap_or_default()));
    }
}
