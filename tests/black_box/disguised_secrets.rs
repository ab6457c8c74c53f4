//! Secrets that are written in another form than they are used in: found where they are, whatever the form, and never shown, whoever
//! repeats them.
//!
//! This file contains no secret: each is put together when a test runs.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;
use stand_in_hub::{Fault, Route, StandInHub};

use crate::fixtures::side_by_side;
use crate::secrets::github_token;
use crate::sinks::{Reports, run_with_reports};
use crate::support::{CODE, MANIFEST, Step, text};

const KEY: &str = "ac_q7Zt0KbN4sXw9RfLm2Vc";

fn hub() -> StandInHub {
    StandInHub::builder().account(KEY, "alice").start()
}

fn each_char(text: &str, form: impl Fn(u32) -> String) -> String {
    text.chars().map(|c| form(u32::from(c))).collect()
}

/// The form of a text, by its name.
type Disguise = (&'static str, fn(&str) -> String);

/// The escapes of JSON, which JavaScript has too.
const JSON: [Disguise; 2] = [
    ("JSON escapes", |text| each_char(text, |code| format!("\\u{code:04x}"))),
    ("one JSON escape", |text| {
        format!("{}\\u{:04X}{}", &text[..4], u32::from(text.as_bytes()[4]), &text[5..])
    }),
];

const JAVASCRIPT: [Disguise; 5] = [
    ("hexadecimal escapes", |text| each_char(text, |code| format!("\\x{code:02X}"))),
    ("code points", |text| each_char(text, |code| format!("\\u{{{code:x}}}"))),
    ("a line continuation", |text| format!("{}\\\n{}", &text[..9], &text[9..])),
    ("concatenation", |text| format!("{}' + '{}' +\n  '{}", &text[..6], &text[6..10], &text[10..])),
    ("other quotes", |text| format!("{}'+`{}`+'{}", &text[..8], &text[8..12], &text[12..])),
];

const OTHER_ESCAPES: [Disguise; 5] = [
    ("octal escapes", |text| each_char(text, |code| format!("\\{code:o}"))),
    ("percent-encoding", |text| each_char(text, |code| format!("%{code:02x}"))),
    ("decimal entities", |text| each_char(text, |code| format!("&#{code};"))),
    ("hexadecimal entities", |text| each_char(text, |code| format!("&#x{code:X};"))),
    ("a named entity", |text| text.replace('_', "&lowbar;")),
];

/// Forms in which only the key of the run is found.
const ENCODINGS: [Disguise; 12] = [
    ("Base64", |text| STANDARD.encode(text)),
    ("Base64 after one byte", |text| STANDARD.encode(format!("x{text}?>~"))),
    ("Base64 after two bytes", |text| STANDARD.encode(format!("?>{text}~"))),
    ("Base64 without padding", |text| STANDARD.encode(text).trim_end_matches('=').to_owned()),
    ("Base64 for URLs", |text| URL_SAFE_NO_PAD.encode(format!("?>{text}?>~"))),
    ("Base64 in lines", |text| {
        let base64 = STANDARD.encode(text);
        let lines: Vec<_> = base64.as_bytes().chunks(8).map(String::from_utf8_lossy).collect();
        lines.join("\\\n")
    }),
    ("hexadecimal digits", |text| each_char(text, |code| format!("{code:02x}"))),
    ("hexadecimal digits in upper case", |text| each_char(text, |code| format!("{code:02X}"))),
    ("zero-width spaces", |text| {
        each_char(text, |code| format!("{}\u{200b}", char::from_u32(code).unwrap()))
    }),
    ("tags", |text| each_char(text, |code| format!("\u{e0061}{}", char::from_u32(code).unwrap()))),
    ("soft hyphens", |text| format!("{}\u{ad}{}\u{ad}{}", &text[..5], &text[5..9], &text[9..])),
    ("a list", |text| format!("{}','{}", &text[..10], &text[10..])),
];

/// No sink shows the text or a part of it in this form.
#[track_caller]
fn assert_hidden(reports: &Reports, form: &str, disguised: &str) {
    for (sink, text) in reports.sinks() {
        let lines = text.lines().filter(|line| !line.starts_with("::add-mask::"));
        let text: Vec<_> = lines.collect();
        let text = text.join("\n");
        assert!(!text.contains(disguised), "{form}: {sink} shows `{disguised}`: {text}");
        let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        for part in KEY.as_bytes().windows(12).map(String::from_utf8_lossy) {
            assert!(!plain.contains(&*part), "{form}: {sink} shows `{part}`: {text}");
            let hexadecimal = each_char(&part, |code| format!("{code:02x}"));
            assert!(!plain.to_lowercase().contains(&hexadecimal), "{form}: {sink} shows `{part}`: {text}");
            // All of it but what depends on the bytes around it.
            for before in ["", "x", "xx"] {
                let base64 = URL_SAFE_NO_PAD.encode(format!("{before}{part}"));
                let inner = &base64[(before.len() * 8).div_ceil(6)..(before.len() + part.len()) * 8 / 6];
                assert!(!plain.contains(inner), "{form}: {sink} shows `{part}`: {text}");
            }
        }
    }
}

/// Runs a function with this text at this place, which must be found there, and nothing sent.
#[track_caller]
fn refused(step: Step, form: &str, file: &str, line: u64, disguised: &str) -> Reports {
    let hub = hub();
    let reports = run_with_reports(step.hub(&hub).input("api-key", KEY).github());
    let run = &reports.run;
    assert_eq!(run.exit_code, 1, "{form} in {file}: {}", run.stdout);
    let finding = run.finding("SECRET_FOUND");
    assert_eq!((&finding["file"], &finding["line"]), (&json!(file), &json!(line)), "{form}: {}", run.stdout);
    assert!(hub.requests().is_empty(), "{form} in {file}");
    assert_hidden(&reports, form, disguised);
    reports
}

/// Places for a text in a file of code, of JSON or of Markdown: the step, the file, and the line.
type Place = fn(&str) -> (Step, &'static str, u64);

fn in_manifest(name: &str, value: &str) -> Step {
    Step::plain().edit("aerostack.json", "{\n", &format!("{{\n  \"{name}\": \"{value}\",\n"))
}

const IN_JSON: [Place; 3] = [
    |text| (in_manifest("x-key", text), "aerostack.json", 2),
    |text| (in_manifest(text, "x"), "aerostack.json", 2),
    |text| {
        let code =
            format!("import data from './data.json' with {{ type: 'json' }};\nexport {{ data }};\n{CODE}");
        let json = format!("{{\n  \"key\": \"{text}\"\n}}\n");
        (Step::plain().file("index.ts", code).file("data.json", json), "data.json", 2)
    },
];

const IN_CODE: [Place; 4] = [
    |text| (Step::plain().file("index.ts", format!("{CODE}export const a = '{text}';\n")), "index.ts", 2),
    |text| (Step::plain().file("index.ts", format!("{CODE}// '{text}'\n")), "index.ts", 2),
    |text| {
        (Step::plain().file("index.ts", format!("{CODE}export const a = b(`'{text}'`);\n")), "index.ts", 2)
    },
    |text| {
        let step = Step::plain().file("index.ts", format!("export * from './other';\n{CODE}"));
        (step.file("other.ts", format!("\nexport const a = '{text}';\n")), "other.ts", 2)
    },
];

const IN_MARKDOWN: [Place; 1] =
    [|text| (Step::plain().file("README.md", format!("# Greeter\n\n'{text}'\n")), "README.md", 3)];

#[test]
fn the_key_and_other_secrets_are_found_in_every_escape_where_they_are_written() {
    let token = github_token();
    let mut cases: Vec<(Disguise, Place)> = Vec::new();
    for disguise in JSON {
        cases.extend(IN_JSON.iter().chain(&IN_CODE).chain(&IN_MARKDOWN).map(|place| (disguise, *place)));
    }
    for disguise in JAVASCRIPT.into_iter().chain(OTHER_ESCAPES) {
        cases.extend(IN_CODE.iter().chain(&IN_MARKDOWN).map(|place| (disguise, *place)));
    }
    side_by_side(cases, |((form, disguise), place)| {
        let disguised = disguise(KEY);
        let (step, file, line) = place(&disguised);
        let reports = refused(step, form, file, line, &disguised);
        assert_eq!(reports.run.finding("SECRET_FOUND")["message"], "found the key of this run", "{form}");

        let disguised = disguise(&token);
        let (step, file, line) = place(&disguised);
        let reports = refused(step, form, file, line, &disguised);
        let message = text(&reports.run.finding("SECRET_FOUND")["message"]).to_owned();
        assert_eq!(
            message, "found a GitHub token, written with escapes, which starts with `ghp_q7Zt`",
            "{form} in {file}"
        );
        for (sink, text) in reports.sinks() {
            assert!(!text.contains(&token[..12]), "{form}: {sink} shows it: {text}");
        }
    });
}

#[test]
fn the_key_is_found_in_every_encoding() {
    let mut cases: Vec<(Disguise, Place)> = Vec::new();
    for disguise in ENCODINGS {
        cases.extend(IN_CODE.iter().take(2).chain(&IN_MARKDOWN).map(|place| (disguise, *place)));
        // A string in JSON has no line breaks and no quotes.
        if !disguise.1(KEY).contains(['\n', '\'']) {
            cases.extend(IN_JSON.map(|place| (disguise, place)));
        }
    }
    side_by_side(cases, |((form, disguise), place)| {
        let disguised = disguise(KEY);
        let (step, file, line) = place(&disguised);
        let reports = refused(step, form, file, line, &disguised);
        assert_eq!(reports.run.finding("SECRET_FOUND")["message"], "found the key of this run", "{form}");
    });
}

#[test]
fn other_secrets_are_found_in_base64() {
    let token = github_token();
    for disguised in [STANDARD.encode(&token), URL_SAFE_NO_PAD.encode(format!("token={token}\n"))] {
        let (step, file, line) = IN_CODE[0](&disguised);
        let reports = refused(step, "Base64", file, line, &disguised);
        let message = &reports.run.finding("SECRET_FOUND")["message"];
        assert_eq!(*message, "found a GitHub token, written in Base64, which starts with `ghp_q7Zt`");
    }
}

#[test]
fn a_comment_allows_a_secret_in_disguise_but_not_the_key() {
    let allow = "aerostack-publish: allow SECRET_FOUND";
    for secret in [github_token(), KEY.to_owned()] {
        for disguised in [JAVASCRIPT[0].1(&secret), STANDARD.encode(&secret)] {
            let hub = hub();
            let code = format!("{CODE}export const a = '{disguised}'; // {allow}\n");
            let run = Step::plain().file("index.ts", code).hub(&hub).input("api-key", KEY).run();
            let is_own = secret == KEY;
            assert_eq!(
                (run.exit_code, hub.publishes().len()),
                if is_own { (1, 0) } else { (0, 1) },
                "{}",
                run.stdout
            );
        }
    }
}

#[test]
fn a_key_that_only_the_request_contains_is_found_before_anything_is_published() {
    const KEY: &str = "ac_q7Zt0KbN/4sXw9RfLm2Vc";
    for dry_run in ["false", "true"] {
        let hub = StandInHub::builder().account(KEY, "alice").start();
        let step = Step::empty()
            .input("directory", "functions/*")
            .function("functions/a", MANIFEST, CODE)
            .function(
                "functions/b",
                &MANIFEST.replace("greeter", "other"),
                &format!("import './ac_q7Zt0KbN';\n{CODE}"),
            )
            .file("functions/b/ac_q7Zt0KbN/index.ts", "import './4sXw9RfLm2Vc';\n")
            .file("functions/b/ac_q7Zt0KbN/4sXw9RfLm2Vc.ts", "export const a = 1;\n");
        let reports = run_with_reports(step.hub(&hub).input("api-key", KEY).input("dry-run", dry_run));
        let run = &reports.run;
        assert_eq!(run.exit_code, 1, "{}", run.stdout);
        let finding = run.finding("SECRET_FOUND");
        assert_eq!(finding["file"], "functions/b/aerostack.json");
        assert_eq!(finding["message"], "the request contains the key of this run, although no file does");
        assert!(hub.publishes().is_empty());
        for (sink, text) in reports.sinks() {
            assert!(!text.contains(KEY), "{sink}: {text}");
        }
    }
}

#[test]
fn what_the_hub_repeats_of_the_key_is_redacted_in_every_form() {
    let forms = [&JSON[..], &JAVASCRIPT, &OTHER_ESCAPES, &ENCODINGS].concat();
    let split: [Disguise; 4] = [
        ("as it is", str::to_owned),
        ("lines", |text| format!("{}\n{}\r\n{}", &text[..5], &text[5..11], &text[11..])),
        ("colors", |text| format!("{}\x1b[31m{}\x1b[0;1m{}", &text[..5], &text[5..11], &text[11..])),
        ("escapes twice", |text| each_char(text, |code| format!("%25{code:02x}"))),
    ];
    let parts = [KEY, &KEY[..13], &KEY[5..18], &KEY[KEY.len() - 13..]];
    let forms = forms.into_iter().chain(split);
    let cases = forms.enumerate().map(|(number, form)| (form, parts[number % parts.len()]));
    side_by_side(cases, |((form, disguise), part)| {
        let echo = disguise(part);
        let receipt = json!({"id": echo, "name": echo, "slug": echo, "status": echo, "url": format!("https://a/{echo}")});
        for (route, response) in [
            (Route::Publish, Fault::error(400, "QUOTA", &format!("no: {echo}"))),
            (Route::Publish, Fault::json(200, &receipt)),
            (Route::Any, Fault::text(401, &echo)),
            (Route::Any, Fault::json(403, &json!({"error": {"details": {&echo: [{"a": [&echo]}]}}}))),
        ] {
            let hub = hub();
            hub.fault_always(route, response);
            let step = Step::plain().github().hub(&hub).input("api-key", KEY).input("timeout", "1");
            assert_hidden(&run_with_reports(step), form, &echo);
        }
        if !echo.contains(|c: char| c.is_control() || !c.is_ascii() || c == ' ') {
            let hub = hub();
            hub.fault_always(Route::Any, Fault::Redirect(format!("http://127.0.0.1:1/{echo}?{echo}")));
            let step = Step::plain().github().hub(&hub).input("api-key", KEY).input("timeout", "1");
            assert_hidden(&run_with_reports(step), form, &echo);
        }
    });
}

#[test]
fn inputs_that_repeat_the_key_are_redacted_in_every_form() {
    let forms = [&JSON[..], &JAVASCRIPT[..2], &OTHER_ESCAPES, &ENCODINGS].concat();
    side_by_side(forms, |(form, disguise)| {
        let echo = disguise(KEY);
        for input in ["publish", "directory", "username", "report"] {
            let hub = hub();
            let step = Step::plain().github().hub(&hub).input("api-key", KEY);
            let step =
                if input == "report" { step.input("strategy", &echo) } else { step.input(input, &echo) };
            assert_hidden(&run_with_reports(step), form, &echo);
        }
    });
}

#[test]
fn what_is_no_part_of_a_secret_is_shown_and_published() {
    let hub = hub();
    let encoded = STANDARD.encode("an ordinary text of some length");
    let code = format!(
        "{CODE}export const a = ['\\x61\\u0062', 'ac_' + 'q7Zt0KbN', '{encoded}', /ghp_\\w{{36}}/, '%61%62', 'sk_live_' + '…'];\n"
    );
    let readme = "# ac_q7Zt0KbN\n\nKeys start with `ac_`; &#97;&amp;&lowbar; 61635f71375a7430\n";
    let step = Step::plain().file("index.ts", code).file("README.md", readme);
    let run = step.hub(&hub).input("api-key", KEY).run();
    assert_eq!((run.exit_code, hub.publishes().len()), (0, 1), "{}", run.stdout);
    hub.fault_always(Route::Any, Fault::error(400, "QUOTA", "keys such as ac_q7Zt0KbN are over their quota"));
    let run = Step::plain().hub(&hub).input("api-key", KEY).run();
    assert!(run.stdout.contains("keys such as ac_q7Zt0KbN are over their quota"), "{}", run.stdout);
}

#[test]
fn in_a_function_with_very_many_secrets_the_first_are_reported_and_the_files_of_the_rest_counted() {
    let token = github_token();
    let names: Vec<_> = (0..20).map(|number| format!("m{number}")).collect();
    let import = |name: &String| format!("import './{name}';\n");
    let imports: String = names.iter().map(import).collect();
    let secrets = format!("// {token}\n").repeat(60);
    let step = Step::plain().file("index.ts", format!("{imports}{CODE}"));
    let step = names.iter().fold(step, |step, name| step.file(&format!("{name}.ts"), &secrets));
    let hub = hub();
    let run = step.hub(&hub).input("api-key", KEY).run();
    assert_eq!((run.exit_code, hub.requests().len()), (1, 0), "{}", run.stdout);
    let messages: Vec<_> =
        run.findings().iter().map(|finding| text(&finding["message"]).to_owned()).collect();
    assert_eq!(messages.len(), 103);
    assert_eq!(messages[102], "found secrets in 18 more files, of which this is the first");
}
