//! Parsing of one module. Nothing of the syntax tree is kept.

use oxc_allocator::Allocator;
use oxc_diagnostics::OxcDiagnostic;
use oxc_parser::Parser;
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;
use oxc_syntax::module_record::ModuleRecord;

use super::computed::computed_imports;
use super::env_reads::env_reads;
use super::env_types::env_types;
use super::exports::{ExportReader, initializers};
use super::imports::{Uses, augmented, bindings, imports};
use super::module::{Module, SyntaxError};
use super::{assignments, comments, nesting, regular_expressions};
use crate::finding::MAX_FINDINGS;
use crate::function::allowed::Comments;

/// The stack of a thread that parses, in bytes: 1 GiB. The parser is recursive, and in a child process its memory is limited
/// long before it has used this much; it is only reserved.
pub(super) const STACK: usize = 1 << 30;

/// Parses a module; its language follows from the file name's extension. A file of another kind is an empty module.
pub(super) fn parse(path: &str, text: &str) -> Module {
    let Ok(language) = SourceType::from_path(path) else { return Module::default() };
    // Wrangler bundles `.js` with JSX.
    let language = if language.is_javascript() { language.with_jsx(true) } else { language };
    let mut comments = Comments::default();
    let module = analyze(text, language, &mut comments).unwrap_or_else(|mut errors| {
        errors.truncate(MAX_FINDINGS);
        Module { errors, ..Module::default() }
    });
    Module { comments, ..module }
}

/// With the comments, also where there are errors.
fn analyze(text: &str, language: SourceType, comments: &mut Comments) -> Result<Module, Vec<SyntaxError>> {
    let allocator = Allocator::default();
    let mut parsed = Parser::new(&allocator, text, language).parse();
    *comments = comments::comments(text, &parsed);
    if let Err(errors) = ok_if_none(syntax_errors(parsed.diagnostics.errors())) {
        drop(parsed);
        drop(allocator);
        return Err(match other_language(text, language) {
            Some(hint) => errors.into_iter().take(1).map(|error| error.with_hint(hint)).collect(),
            None => errors,
        });
    }
    nesting::limit(&mut parsed.program, &allocator).map_err(|start| {
        let error = SyntaxError::new("the code is nested too deep", start..start + 1);
        vec![error.with_hint("split it into smaller functions or statements")]
    })?;
    let checked =
        SemanticBuilder::new().with_build_nodes(true).with_check_syntax_error(true).build(&parsed.program);
    let (semantic, record) = (&checked.semantic, &parsed.module_record);
    ok_if_none(syntax_errors(&regular_expressions::errors(semantic)))?;
    let is_of_type = |error: &&OxcDiagnostic| is_about_type_import(error, record);
    ok_if_none(syntax_errors(checked.diagnostics.errors().filter(|error| !is_of_type(error))))?;
    ok_if_none(assignments::errors(semantic))?;
    let uses = Uses::of(semantic);
    let mut module = Module {
        imports: imports(&uses, record),
        computed: computed_imports(semantic),
        import_bindings: bindings(&uses, record),
        initializers: initializers(semantic),
        ..Module::default()
    };
    (module.env_reads, module.env_set) = env_reads(semantic, &module.import_bindings);
    module.env_types = env_types(semantic, &module.import_bindings);
    module.augmented = augmented(semantic);
    let exports = ExportReader::new(semantic, record, &module);
    if !language.is_typescript_definition() {
        ok_if_none(exports.errors())?;
    }
    module.exports = exports.exports();
    Ok(module)
}

/// Whether an imported type is said to be declared twice: it is gone at run time, and the value of its name is left.
fn is_about_type_import(error: &OxcDiagnostic, record: &ModuleRecord<'_>) -> bool {
    let types = || record.import_entries.iter().filter(|entry| entry.is_type);
    let is_type = |span| types().any(|entry| entry.local_name.span == span);
    error.message.ends_with(DECLARED_TWICE) && error.labels.iter().any(|label| is_type(label.span()))
}

fn ok_if_none(errors: Vec<SyntaxError>) -> Result<(), Vec<SyntaxError>> {
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn syntax_errors<'d>(diagnostics: impl IntoIterator<Item = &'d OxcDiagnostic>) -> Vec<SyntaxError> {
    let errors = diagnostics.into_iter().take(MAX_FINDINGS).map(|error| {
        // Of two declarations, the first one is named first.
        let is_second = error.message.ends_with(DECLARED_TWICE);
        let label = if is_second { error.labels.last() } else { error.labels.first() };
        let span = label.map(oxc_span::LabeledSpan::span).unwrap_or_default();
        let range = span.start as usize..span.end.max(span.start + 1) as usize;
        let hint = error.help.as_deref().map(as_message);
        SyntaxError { hint, ..SyntaxError::new(as_message(&error.message), range) }
    });
    let mut errors: Vec<_> = errors.collect();
    // What follows from an error at the same place is the same mistake.
    errors.dedup_by_key(|error| error.range.start);
    errors
}

/// What the parser says of a name that is declared twice.
const DECLARED_TWICE: &str = "has already been declared";

/// The parser's sentence in the style of our messages: lower case, no final period.
fn as_message(sentence: &str) -> String {
    let sentence = sentence.trim().trim_end_matches('.');
    let mut characters = sentence.chars();
    let first = characters.next().map(char::to_lowercase);
    let is_word = characters.clone().next().is_some_and(char::is_lowercase);
    match first {
        Some(first) if is_word => first.chain(characters).collect(),
        _ => sentence.to_owned(),
    }
}

/// The fix, if the text is valid in another language than its file name says.
fn other_language(text: &str, language: SourceType) -> Option<&'static str> {
    let is_valid = |other| !Parser::new(&Allocator::default(), text, other).parse().diagnostics.has_errors();
    if language.is_javascript() {
        let module = language.with_typescript(true);
        return (is_valid(module) || is_valid(module.with_jsx(false)))
            .then_some("this is TypeScript: name the file `.ts` (`.tsx` with JSX)");
    }
    (!language.is_jsx() && is_valid(language.with_jsx(true))).then_some("this is JSX: name the file `.tsx`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(path: &str, text: &str) -> Module {
        let (path, text) = (path.to_owned(), text.to_owned());
        let parser = std::thread::Builder::new().stack_size(STACK).spawn(move || parse(&path, &text));
        parser.expect("a thread").join().expect("a module")
    }

    fn read(path: &str, text: &str) -> Module {
        let module = parsed(path, text);
        assert!(module.errors.is_empty(), "{path}: {:?} in {text:.200}", module.errors);
        module
    }

    fn first_error(path: &str, text: &str) -> String {
        let module = parsed(path, text);
        let error = module.errors.first().unwrap_or_else(|| panic!("no error in {text:.200}"));
        error.message.clone()
    }

    /// Every recursive construct of the grammar: what precedes it, how it opens, what is inside, how it closes.
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
    fn endless_nesting_is_an_error_and_never_a_crash() {
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
            assert_eq!(first_error(path, &text), "the code is nested too deep", "{open}");
            let text = format!("{before}{}", open.repeat(levels));
            if !open.is_empty() {
                first_error(path, &text);
            }
        }
    }

    #[test]
    fn an_endlessly_nested_regular_expression_does_not_crash() {
        for (open, close, flag) in [("(", ")", ""), ("(?=", ")", "u"), ("[", "]", "v")] {
            for levels in [500, 30_000] {
                let (open, close) = (open.repeat(levels), close.repeat(levels));
                read("a.ts", &format!("export const a = /{open}a{close}/{flag}"));
            }
        }
        assert!(first_error("a.ts", "export const a = /a(/").contains("regular expression"));
    }

    #[test]
    fn code_that_is_only_long_is_valid() {
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
