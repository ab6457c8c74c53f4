//! Code that is written to exhaust the memory, the stack or the time of whoever parses it: a finding at the file, and never a
//! crash. What a run uses is measured for all of its processes.

use std::collections::BTreeSet;
use std::fs::read_to_string;
use std::path::Path;
use std::process::Command;

use stand_in_hub::StandInHub;

use crate::fixtures::manifest;
use crate::memory::{MAX_MEMORY, MAX_MEMORY_OF_RUN, Used, children, measured, peak};
use crate::support::{MANIFEST, Run, Started, Step, text, wait_until};

/// 9 MB.
const LARGE: usize = 9_000_000;

/// A text repeated up to a length.
fn repeated(part: &str, length: usize) -> String {
    part.repeat(length / part.len())
}

/// A text for each of many numbers, up to 9 MB.
fn numbered(part: impl Fn(u32) -> String) -> String {
    let mut code = String::new();
    for number in 0.. {
        code += &part(number);
        if code.len() > LARGE {
            break;
        }
    }
    code
}

/// A function of one file.
fn function(file: &str, code: &str) -> Step {
    let language = if file.ends_with("js") { "javascript" } else { "typescript" };
    let manifest = MANIFEST.replace("index.ts", file).replace("\"typescript\"", &format!("\"{language}\""));
    Step::empty().file("aerostack.json", manifest).file(file, code)
}

/// Refused with a finding at a file, within the limit of memory; nothing is sent.
#[track_caller]
fn refused_at_file(name: &str, step: Step, file: &str) -> Run {
    let hub = StandInHub::start();
    let step = step.hub(&hub);
    let Used { run, memory, .. } = measured(step.start());
    assert_eq!((run.exit_code, run.codes()), (1, vec!["SYNTAX_ERROR"]), "{name}: {}", run.stdout);
    assert_eq!(run.finding("SYNTAX_ERROR")["file"], file, "{name}");
    assert!(memory < MAX_MEMORY, "{name}: {memory} bytes");
    assert!(hub.requests().is_empty(), "{name}");
    run
}

/// Either a finding at the file or none, within the limit of memory: it depends on the machine whether it can be parsed.
#[track_caller]
fn ends_well(name: &str, step: &Step, file: &str) {
    let Used { run, memory, .. } = measured(step.start());
    let errors: BTreeSet<_> = run.codes().into_iter().collect();
    let allowed = BTreeSet::from(["SYNTAX_ERROR", "NO_EXPORT", "UNDECLARED_ENV_VAR", "NOT_COMPARED"]);
    assert!(errors.is_subset(&allowed) && matches!(run.exit_code, 0 | 1), "{name}: {}", run.stdout);
    let of_parser = run.findings().into_iter().filter(|finding| finding["code"] == "SYNTAX_ERROR");
    assert!(of_parser.into_iter().all(|finding| finding["file"] == file), "{name}");
    assert!(memory < MAX_MEMORY, "{name}: {memory} bytes");
}

#[test]
fn code_on_which_a_parser_backtracks_is_refused() {
    for (file, before, part) in [
        ("index.ts", "", "a<"),
        ("index.ts", "", "(a="),
        ("index.ts", "", "a?(b):c=>"),
        ("index.ts", "", "async(a="),
        ("index.ts", "", "<T,>("),
        ("index.js", "", "(a="),
    ] {
        for length in if part == "a<" { &[6_000, 100_000][..] } else { &[6_000] } {
            let code = format!("{before}{}", repeated(part, *length));
            refused_at_file(&format!("{length} bytes of {part}"), function(file, &code), file);
        }
    }
}

#[test]
fn code_that_is_nested_endlessly_is_refused() {
    for (file, before, part) in [
        ("index.ts", "", "`${"),
        ("index.ts", "", "("),
        ("index.ts", "export const a = ", "["),
        ("index.ts", "", "{"),
        ("index.ts", "type X=", "(a:(a:("),
        ("index.ts", "type X=", "A<"),
        ("index.ts", "", "@a("),
        ("index.ts", "", "a=>{"),
        ("index.ts", "", "class A{static{"),
        ("index.tsx", "export const a = ", "<a>"),
        ("index.tsx", "export const a = ", "<a b={"),
    ] {
        for length in if before.is_empty() { &[100_000, LARGE][..] } else { &[100_000] } {
            let code = format!("{before}{}", repeated(part, *length));
            refused_at_file(&format!("{length} bytes of {part}"), function(file, &code), file);
        }
    }
}

#[test]
fn code_that_is_only_dense_stays_within_the_memory() {
    let names = |before: &'static str, after: &'static str| {
        numbered(move |number| format!("{before} a{number}{after}\n"))
    };
    for (name, code) in [
        ("statements", repeated("a;", LARGE)),
        ("empty statements", repeated(";", LARGE)),
        ("numbers", format!("export const a = [{}];", repeated("1,", LARGE))),
        ("arrays", format!("export const a = [{}];", repeated("[],", LARGE))),
        ("objects", format!("export const a = [{}];", repeated("{},", LARGE))),
        ("functions", repeated("()=>a;", LARGE)),
        ("regular expressions", repeated("/a/;", LARGE)),
        ("one regular expression", format!("export const a = /{}/v;", repeated("[a]", LARGE))),
        ("environment variables", repeated("process.env.A;", LARGE)),
        ("exports", names("export let", "=1;")),
        ("exported functions", names("export function", "(){}")),
        ("initializers", names("let", "=b.c;")),
        ("imports", numbered(|number| format!("import '{number}';"))),
        ("errors", names("let", "; let a;")),
    ] {
        ends_well(name, &function("index.ts", &code).input("dry-run", "true"), "index.ts");
    }
}

#[test]
fn code_that_is_only_long_is_accepted() {
    for (name, code) in [
        ("one line", format!("export const a = '{}';", repeated("x", 2_000_000))),
        ("comments", format!("export const a = 1;\n{}", repeated("// a\n", 2_000_000))),
        ("lines", format!("export const a = 1;{}", repeated("\n", 2_000_000))),
    ] {
        let step = function("index.ts", &code).input("dry-run", "true");
        let Used { run, memory, .. } = measured(step.start());
        assert_eq!((run.exit_code, run.statuses()), (0, vec!["dry-run"]), "{name}: {}", run.stdout);
        assert!(memory < MAX_MEMORY, "{name}: {memory} bytes");
    }
}

#[test]
fn names_of_many_modules_stay_within_the_memory() {
    let mut step = Step::empty();
    let stars = (0..9).map(|module| format!("export * from './m{module}';\n"));
    let entrypoint: String = stars.collect();
    for module in 0..9 {
        let exports = (0..45_000).map(|number| format!("export let m{module}_{number}=1;\n"));
        step = step.file(&format!("m{module}.ts"), exports.collect::<String>());
    }
    let step = step.function(".", MANIFEST, &entrypoint).input("dry-run", "true");
    let Used { run, memory, .. } = measured(step.start());
    let finding = run.finding("SYNTAX_ERROR");
    assert_eq!(run.exit_code, 1, "{}", run.stdout);
    assert!(text(&finding["file"]).starts_with('m'), "{finding}");
    assert!(memory < MAX_MEMORY, "{memory} bytes");
}

#[test]
fn hostile_code_in_an_imported_module_is_a_finding_there() {
    let step = Step::empty().function(".", MANIFEST, "import './lib/b';\nexport const a = 1;\n");
    let run = refused_at_file("a module", step.file("lib/b.ts", repeated("a<", 6_000)), "lib/b.ts");
    let hint = text(&run.finding("SYNTAX_ERROR")["hint"]);
    assert_eq!(hint, "split it into several modules");
}

#[test]
fn hostile_code_in_the_wrong_language_is_refused() {
    let typescript = format!("let x: number;\n{}", repeated("(a=", 6_000));
    refused_at_file("TypeScript", function("index.js", &typescript), "index.js");
    let dense = format!("{}let x: number;", repeated("a;", LARGE));
    refused_at_file("much TypeScript", function("index.js", &dense), "index.js");
    let jsx = format!("let x = <a></a>;\n{}", repeated("(a=", 6_000));
    refused_at_file("JSX", function("index.ts", &jsx), "index.ts");
}

/// So many hostile functions, and one with an ordinary mistake.
fn many(count: usize, code: &str) -> Step {
    let mut step = Step::empty();
    let mut directories = vec!["broken".to_owned()];
    directories.extend((0..count).map(|number| format!("hostile-{number:03}")));
    for directory in &directories {
        step = step.function(directory, &manifest(directory, "1.0.0"), code);
    }
    step.file("broken/index.ts", "export const a = ;\n").input("directory", &directories.join("\n"))
}

#[test]
fn many_hostile_functions_in_one_run_are_all_refused() {
    for (count, code) in [
        (3, repeated("a<", 6_000)),
        (30, repeated("a<", 6_000)),
        (50, format!("export const a = [{}", repeated("1,", LARGE))),
    ] {
        let hub = StandInHub::start();
        let step = many(count, &code).hub(&hub);
        let Used { run, memory, children } = measured(step.start());
        assert_eq!(run.exit_code, 1, "{}", run.stdout);
        assert_eq!(run.codes(), vec!["SYNTAX_ERROR"; count + 1]);
        let files: BTreeSet<_> = run.findings().iter().map(|finding| text(&finding["file"])).collect();
        assert_eq!(files.iter().filter(|file| file.ends_with("/index.ts")).count(), count + 1, "{files:?}");
        let ordinary = run.findings().into_iter().find(|finding| finding["file"] == "broken/index.ts");
        assert_eq!(ordinary.map(|finding| &finding["line"]), Some(&1.into()));
        assert!(memory < MAX_MEMORY_OF_RUN, "{count} functions: {memory} bytes");
        assert!(children <= count + 1, "{children} child processes for {count} functions");
        assert!(hub.requests().is_empty());
    }
}

#[test]
fn all_modules_of_a_run_are_parsed_by_one_child_process() {
    let names: Vec<_> = (0..40).map(|number| format!("function-{number}")).collect();
    let mut step = Step::empty().input("directory", &names.join("\n")).input("dry-run", "true");
    let exports =
        (0..2_000).map(|number| format!("export const greet{number} = (name: string) => [name];\n"));
    let code = format!("import './b';\n{}", exports.collect::<String>());
    for name in &names {
        step = step
            .function(name, &manifest(name, "1.0.0"), &code)
            .file(&format!("{name}/b.ts"), "export {};\n");
    }
    let Used { run, children, .. } = measured(step.start());
    assert_eq!((run.exit_code, run.statuses()), (0, vec!["dry-run"; 40]), "{}", run.stdout);
    assert_eq!(children, 1);
}

/// Waits for the child process of a run on code that takes long to parse.
fn child_of(started: &Started<'_>) -> u32 {
    wait_until("a child process", || {
        let is_program = |child: &u32| !argument_of(*child).is_empty();
        children(started.process()).first().is_some_and(is_program)
    });
    children(started.process())[0]
}

/// The argument of a process; empty for one that is only about to start.
fn argument_of(process: u32) -> String {
    let command = read_to_string(format!("/proc/{process}/cmdline")).unwrap_or_default();
    command.split('\0').nth(1).unwrap_or_default().to_owned()
}

fn is_running(process: u32) -> bool {
    // One that has ended and is not waited for has no memory.
    peak(process).is_some()
}

fn send(signal: &str, process: u32) {
    let sent = Command::new("kill").args(["-s", signal, &process.to_string()]).status();
    assert!(sent.expect("`kill` starts").success(), "{signal} to {process}");
}

/// Code that takes a second to parse, more than a test needs to look at it.
fn slow() -> Step {
    function("index.ts", &repeated("(a=", 6_000))
}

#[test]
fn the_child_process_has_no_environment_no_directory_and_no_files() {
    let hub = StandInHub::start();
    let step = slow().hub(&hub).env("SECRET", "value");
    let started = step.start();
    let child = child_of(&started);
    let of_child = |name: &str| Path::new("/proc").join(child.to_string()).join(name);
    assert_eq!(read_to_string(of_child("environ")).expect("its environment"), "");
    assert_eq!(of_child("cwd").read_link().expect("its directory"), Path::new("/"));
    let limits = || read_to_string(of_child("limits")).unwrap_or_default();
    wait_until("no core files", || {
        limits().lines().any(|line| line.split_whitespace().eq("Max core file size 0 0 bytes".split(' ')))
    });
    // Its own measurement of its memory comes and goes.
    let files = || {
        let files = of_child("fd").read_dir().expect("its files").flatten();
        files.filter_map(|file| file.path().read_link().ok()).collect::<Vec<_>>()
    };
    let is_known = |file: &Path| {
        let name = file.to_string_lossy();
        name.starts_with("pipe:") || name == "/dev/null" || name.starts_with("/proc/")
    };
    assert!(files().iter().all(|file| is_known(file)), "{:?}", files());
    started.signal_if_running("TERM");
    started.wait();
}

#[test]
fn no_child_process_outlives_a_run_that_is_cancelled_or_killed() {
    for (signal, is_stopped, exit_code) in
        [("TERM", false, 143), ("INT", false, 130), ("TERM", true, 143), ("KILL", false, -1)]
    {
        let hub = StandInHub::start();
        let step = slow().hub(&hub);
        let started = step.start();
        let child = child_of(&started);
        if is_stopped {
            send("STOP", child);
        }
        send(signal, started.process());
        let run = started.wait();
        assert_eq!(run.exit_code, exit_code, "{signal}: {}", run.stdout);
        if exit_code > 0 {
            assert_eq!(run.codes(), ["CANCELLED"], "{signal}");
        }
        wait_until("the end of the child process", || !is_running(child));
        assert!(hub.requests().is_empty());
    }
}

#[test]
fn a_child_process_that_is_killed_or_stopped_is_a_finding_at_the_file() {
    for (signal, message) in [
        ("KILL", "the parser crashed at the file"),
        ("STOP", "the file takes too long to parse"),
        // So ends a process that gets no more memory.
        ("ABRT", "the file takes too much memory to parse"),
    ] {
        let hub = StandInHub::start();
        let step = slow().hub(&hub);
        let started = step.start();
        let child = child_of(&started);
        send(signal, child);
        let run = started.wait();
        assert_eq!((run.exit_code, run.codes()), (1, vec!["SYNTAX_ERROR"]), "{signal}: {}", run.stdout);
        let finding = run.finding("SYNTAX_ERROR");
        assert!(text(&finding["message"]).starts_with(message), "{signal}: {finding}");
        assert!(!is_running(child), "{signal}");
        assert!(hub.requests().is_empty());
    }
}

/// Also where nobody looks at its memory in time.
#[test]
fn the_system_itself_limits_the_memory_of_the_child_process() {
    let step = slow();
    let started = step.start();
    let child = child_of(&started);
    let is_limited = || {
        let limits = std::fs::read_to_string(format!("/proc/{child}/limits")).unwrap_or_default();
        let limit = limits.lines().find(|line| line.starts_with("Max data size")).unwrap_or_default();
        let most: Vec<u64> = limit.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        // A stack of 1 GiB, and everything else.
        most == [(1024 + 320) << 20; 2]
    };
    wait_until("the limit, which it sets itself", is_limited);
    started.signal("KILL");
    started.wait();
}

#[test]
fn a_signal_to_the_whole_process_group_cancels_the_run() {
    let step = slow();
    let started = step.start_in_own_group();
    child_of(&started);
    let group = format!("-{}", started.process());
    let sent = Command::new("kill").args(["-s", "INT", "--", &group]).status();
    assert!(sent.expect("`kill` starts").success());
    let run = started.wait();
    assert_eq!((run.exit_code, run.codes()), (130, vec!["CANCELLED"]), "{}", run.stdout);
}

#[test]
fn a_machine_that_starts_no_process_is_an_error_of_the_pipeline() {
    let hub = StandInHub::start();
    let run = Step::plain().hub(&hub).unprivileged().run_limited("-u 0");
    assert_eq!((run.exit_code, run.codes()), (2, vec!["SYNTAX_ERROR"]), "{}", run.stdout);
    let finding = run.finding("SYNTAX_ERROR");
    let expected =
        "the file can't be parsed: no process can be started for it (Resource temporarily unavailable)";
    assert_eq!((text(&finding["file"]), text(&finding["message"])), ("index.ts", expected));
    assert!(text(&finding["hint"]).starts_with("allow this job to start processes"));
    assert!(hub.requests().is_empty());
}

#[test]
fn a_machine_that_gives_the_process_no_stack_is_an_error_of_the_pipeline() {
    let hub = StandInHub::start();
    // KiB of address space: enough for the program itself.
    let run = Step::plain().hub(&hub).run_limited("-v 1000000");
    assert_eq!((run.exit_code, run.codes()), (2, vec!["SYNTAX_ERROR"]), "{}", run.stdout);
    let finding = run.finding("SYNTAX_ERROR");
    let expected = "the file can't be parsed: no process can be started for it (";
    assert!(text(&finding["message"]).starts_with(expected), "{finding}");
    assert!(hub.requests().is_empty());
}

/// The argument with which the program starts itself.
const ARGUMENT: &str = "--parse-for-parent-process";

#[test]
fn the_internal_argument_explains_itself_on_a_terminal() {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&terminal).expect("a terminal");
    unlockpt(&terminal).expect("a terminal");
    let name = ptsname(&terminal, Vec::new()).expect("its name");
    let stdin = std::fs::File::open(name.to_str().expect("ASCII")).expect("its other side");
    let output = Step::empty().command_with(ARGUMENT).stdin(stdin).output().expect("the binary starts");
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), &b""[..]));
    let expected = format!(
        "error: `{ARGUMENT}` is for this program itself, which parses code in a child process; see `--help`\n"
    );
    assert_eq!(String::from_utf8_lossy(&output.stderr), expected);
    // Without a parent, there is nothing to parse.
    let output = Step::empty().command_with(ARGUMENT).output().expect("the binary starts");
    assert_eq!((output.status.code(), output.stdout.len() + output.stderr.len()), (Some(0), 0));
}
