//! One module of a function: its text parsed, and what there is to know of it. Nothing of the tree is kept.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use oxc_allocator::Allocator;
use oxc_ast_visit::Visit as _;
use oxc_diagnostics::Diagnostics;
use oxc_parser::{Parser, ParserReturn};
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;

use super::declarations::Declarations;
use super::module::{MAX_FAULTS, Module, SyntaxFault};
use super::stack;
use super::survey::Survey;

/// Longest time that all modules of a function may take. Real code of 10 MiB takes less than a second; some nesting makes the parser try the
/// same text again and again (unclosed `(a=(a=(…`, `a<a<a<…`).
pub(super) const LONGEST: Duration = Duration::from_secs(20);

impl Module {
    /// Parses a module; the language is that of its file name's ending. A file of another kind is an empty module.
    /// At the deadline it is given up.
    ///
    /// The parser is recursive, so it runs in a thread whose stack is large enough for whatever this text could nest.
    pub(super) fn read(path: &str, text: &str, deadline: Instant) -> Self {
        let Ok(language) = SourceType::from_path(path) else { return Self::default() };
        let Some(stack) = stack::needed_for(text) else {
            return Self::refused(text, "the file holds more brackets and operators than can be read safely");
        };
        let (sender, receiver) = mpsc::channel();
        let owned = text.to_owned();
        let reader = thread::Builder::new().stack_size(stack).spawn(move || {
            // Nobody listens any more if this took too long.
            let _ = sender.send(parse(&owned, language));
        });
        if reader.is_err() {
            return Self::refused(text, "this machine has not enough memory to read the file");
        }
        let left = deadline.saturating_duration_since(Instant::now());
        let read = receiver.recv_timeout(left).ok().filter(|_| !left.is_zero());
        read.unwrap_or_else(|| Self {
            took_too_long: true,
            ..Self::refused(text, "the file takes too long to read")
        })
    }

    fn refused(text: &str, message: &str) -> Self {
        let line = text.find('\n').unwrap_or(text.len());
        let hint = Some("split it into several modules".to_owned());
        let fault = SyntaxFault { message: message.to_owned(), hint, range: 0..line.min(1) };
        Self { faults: vec![fault], ..Self::default() }
    }
}

/// JavaScript takes in JSX wherever it stands: Wrangler bundles `.js` so.
fn parse(text: &str, language: SourceType) -> Module {
    let allocator = Allocator::default();
    let language = if language.is_javascript() { language.with_jsx(true) } else { language };
    let parsed = parse_as(&allocator, text, language);
    let mut faults = faults_of(&parsed.diagnostics);
    if let Some(hint) = (!faults.is_empty()).then(|| other_language(text, language)).flatten() {
        faults.truncate(1);
        for fault in &mut faults {
            fault.hint = Some(hint.to_owned());
        }
    }
    if !faults.is_empty() {
        return Module { faults, ..Module::default() };
    }
    let declarations = Declarations::of(&parsed.program, language.is_typescript_definition());
    let mut survey = Survey::default();
    survey.visit_program(&parsed.program);
    if let Some(start) = survey.too_deep {
        let message = "the code is nested too deep".to_owned();
        let hint = Some("break it into smaller functions or statements".to_owned());
        let fault = SyntaxFault { message, hint, range: start..start + 1 };
        return Module { faults: vec![fault], ..Module::default() };
    }
    let faults: Vec<_> = survey.expressions.iter().flat_map(faults_of).take(MAX_FAULTS).collect();
    if !faults.is_empty() {
        return Module { faults, ..Module::default() };
    }
    // What only the whole tells, as names declared twice; the walk is recursive, and some sums are only long.
    if !survey.is_long {
        let checked = SemanticBuilder::new().with_check_syntax_error(true).build(&parsed.program);
        let mut faults = faults_of(&checked.diagnostics);
        let is_declared = |name: &str| checked.semantic.scoping().get_root_binding(name.into()).is_some();
        if faults.is_empty() && !language.is_typescript_definition() {
            faults = declarations.undeclared(is_declared);
            faults.extend(declarations.duplicates());
        }
        if !faults.is_empty() {
            return Module { faults, ..Module::default() };
        }
    }
    declarations.joined_with(survey, language.is_typescript())
}

fn parse_as<'t>(allocator: &'t Allocator, text: &'t str, language: SourceType) -> ParserReturn<'t> {
    Parser::new(allocator, text, language).parse()
}

fn faults_of(diagnostics: &Diagnostics) -> Vec<SyntaxFault> {
    let errors = diagnostics.errors().take(MAX_FAULTS);
    errors
        .map(|error| {
            let span = error.labels.first().map(oxc_span::LabeledSpan::span).unwrap_or_default();
            let range = span.start as usize..span.end.max(span.start + 1) as usize;
            let hint = error.help.as_deref().map(in_our_words);
            SyntaxFault { message: in_our_words(&error.message), hint, range }
        })
        .collect()
}

/// The parser's sentence as messages are written here: its first letter small, no final period.
fn in_our_words(sentence: &str) -> String {
    let sentence = sentence.trim().trim_end_matches('.');
    let mut characters = sentence.chars();
    let first = characters.next().map(char::to_lowercase);
    let is_word = characters.clone().next().is_some_and(char::is_lowercase);
    match first {
        Some(first) if is_word => first.chain(characters).collect(),
        _ => sentence.to_owned(),
    }
}

/// The mend, if the text is faultless in another language than its file's name says.
fn other_language(text: &str, language: SourceType) -> Option<&'static str> {
    let allocator = Allocator::default();
    let is_right = |other| !parse_as(&allocator, text, other).diagnostics.has_errors();
    if language.is_javascript() {
        let module = language.with_typescript(true);
        return (is_right(module) || is_right(module.with_jsx(false)))
            .then_some("this is TypeScript: name the file `.ts` (`.tsx` with JSX)");
    }
    (!language.is_jsx() && is_right(language.with_jsx(true))).then_some("this is JSX: name the file `.tsx`")
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;

    fn read(path: &str, text: &str) -> Module {
        let module = Module::read(path, text, Instant::now() + LONGEST);
        assert!(module.faults.is_empty(), "{path}: {:?} in {text:.200}", module.faults);
        module
    }

    fn first_fault(path: &str, text: &str) -> (String, Range<usize>) {
        let module = Module::read(path, text, Instant::now() + LONGEST);
        let fault = module.faults.first().unwrap_or_else(|| panic!("no fault in {text:.200}"));
        (fault.message.clone(), fault.range.clone())
    }

    /// Every construct of the grammar that holds itself: how it opens, what is inside, how it closes.
    const NESTING: [(&str, &str, &str, &str, &str); 52] = [
        ("a.ts", "", "(", "1", ")"),
        ("a.ts", "", "[", "1", "]"),
        ("a.ts", "", "({a:", "1", "})"),
        ("a.ts", "", "({a(){", "", "}})"),
        ("a.ts", "", "{", "", "}"),
        ("a.ts", "", "function f(){", "", "}"),
        ("a.ts", "", "function f(a=", "1", "){}"),
        ("a.ts", "", "class A{static{", "", "}}"),
        ("a.ts", "", "`${", "1", "}`"),
        ("a.ts", "type X=", "A<", "B", ">"),
        ("a.ts", "type X=", "A extends B?C:", "D", ""),
        ("a.ts", "type X=", "(", "A", ")"),
        ("a.ts", "type X=", "(a:", "A", ")=>B"),
        ("a.ts", "type X=", "[", "A", "]"),
        ("a.ts", "type X=", "{a:", "A", "}"),
        ("a.ts", "type X=", "keyof ", "A", ""),
        ("a.ts", "type X=", "{[K in ", "A", "]:B}"),
        ("a.ts", "type X=", "`${", "A", "}`"),
        ("a.ts", "type X=", "", "A", "[]"),
        ("a.ts", "type X=", "a.", "a", ""),
        ("a.ts", "type X=", "<T extends ", "A", ">()=>B"),
        ("a.ts", "", "!", "1", ""),
        ("a.ts", "", "typeof ", "1", ""),
        ("a.ts", "", "new ", "a", ""),
        ("a.ts", "", "await ", "a", ""),
        ("a.ts", "function* f(){", "yield ", "1", ""),
        ("a.ts", "", "a=>", "1", ""),
        ("a.ts", "", "async a=>", "1", ""),
        ("a.ts", "", "(a)=>(", "b", ")"),
        ("a.ts", "", "(a?(", "b", "):c)"),
        ("a.ts", "", "a?b:", "c", ""),
        ("a.ts", "", "a?", "b", ":c"),
        ("a.ts", "", "a=", "b", ""),
        ("a.ts", "", "a**", "b", ""),
        ("a.ts", "", "if(a);else ", ";", ""),
        ("a.ts", "", "if(a)", ";", ""),
        ("a.ts", "", "for(;;)", ";", ""),
        ("a.ts", "", "while(a)", ";", ""),
        ("a.ts", "", "switch(a){case 1:", "", "}"),
        ("a.ts", "", "try{", "", "}catch{}"),
        ("a.ts", "", "a.", "b", ""),
        ("a.ts", "", "a?.", "b", ""),
        ("a.ts", "", "", "a", "!"),
        ("a.ts", "", "", "a", " as A"),
        ("a.ts", "", "f(", "1", ")"),
        ("a.ts", "", "", "f", "()"),
        ("a.ts", "", "<A>", "b", ""),
        ("a.ts", "let ", "[", "a", "]"),
        ("a.ts", "namespace ", "a.", "a", "{}"),
        ("a.ts", "", "(class extends ", "a", "{})"),
        ("a.tsx", "", "<a>", "x", "</a>"),
        ("a.tsx", "", "<a b=", "<c/>", "/>"),
    ];

    #[test]
    fn code_that_nests_without_end_is_a_fault_and_never_a_crash() {
        for (path, before, open, inside, close) in NESTING {
            let levels = if matches!(open, "(" | "[") { 50_000 } else { 8_000 };
            // Some constructs close only once.
            let close = if close == "{}" { close.to_owned() } else { close.repeat(levels) };
            let after = match before {
                "let " => "=1",
                "function* f(){" => "}",
                _ => "",
            };
            let text = format!("{before}{}{inside}{close}{after}", open.repeat(levels));
            assert_eq!(first_fault(path, &text).0, "the code is nested too deep", "{open}");
            let text = format!("{before}{}", open.repeat(levels));
            if !open.is_empty() {
                assert_ne!(first_fault(path, &text).0, "the file takes too long to read", "{open}");
            }
        }
    }

    #[test]
    fn a_regular_expression_that_nests_without_end_is_no_crash() {
        for (open, close, flag) in [("(", ")", ""), ("(?=", ")", "u"), ("[", "]", "v")] {
            for levels in [500, 30_000] {
                let (open, close) = (open.repeat(levels), close.repeat(levels));
                read("a.ts", &format!("export const a = /{open}a{close}/{flag}"));
            }
        }
        assert!(first_fault("a.ts", "export const a = /a(/").0.contains("regular expression"));
    }

    #[test]
    fn what_is_only_long_is_no_fault() {
        for (before, part, after) in [
            ("export const a = 1", " + a", ";"),
            ("export const a = 1", " || a", ";"),
            ("export const a = 1", " in a", ";"),
            ("export const a = [", "[1],", "];"),
            ("export type A = 'a'", " | 'a'", ";"),
            ("", "label: for (;;) { break label }\n", ""),
            ("", "if (a) { b() } else { c() }\n", ""),
            ("", "@a ", "class A {}"),
            ("const a = `", "${b}", "`"),
        ] {
            read("a.ts", &format!("{before}{}{after}", part.repeat(20_000)));
        }
        read("a.ts", &format!("export const a = '{}'", "a".repeat(9 << 20)));
    }
}
