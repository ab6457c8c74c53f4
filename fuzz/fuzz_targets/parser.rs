//! The memory of the process that parses. The fuzzer's own executable is that process too: it is started again as the program
//! starts itself.
#![no_main]

use std::cell::RefCell;
use std::fs::read_to_string;
use std::sync::Once;
use std::thread;
use std::time::Duration;

use aerostack_publish::cancellation::Cancellation;
use aerostack_publish::{PARSER_ARGUMENT, Parser};
use libfuzzer_sys::fuzz_target;

/// Most memory of the process, in KiB: what a run with a hostile function may use.
const MAX_MEMORY: u64 = 400_000_000 / 1024;

static WATCH: Once = Once::new();

thread_local! {
    static PARSER: RefCell<Option<Parser>> = const { RefCell::new(None) };
}

fuzz_target!(
    init: {
        if std::env::args().nth(1).is_some_and(|argument| argument == PARSER_ARGUMENT) {
            std::process::exit(aerostack_publish::parse_for_parent_process().into());
        }
        WATCH.call_once(|| drop(thread::spawn(watch)));
    },
    |bytes: &[u8]| {
        let known = PARSER.take();
        let parser = known.unwrap_or_else(|| Parser::in_child_process(&Cancellation::never()));
        // Each parser gives up only so much.
        if aerostack_publish::fuzzing::parser(bytes, &parser) {
            PARSER.set(Some(parser));
        } else {
            parser.close();
        }
    }
);

/// Looks at the memory of the child process all the time, and ends the fuzzer if it is too much.
fn watch() {
    loop {
        if let Some(memory) = peaks().into_iter().max().filter(|memory| *memory > MAX_MEMORY) {
            eprintln!("the process that parses used {memory} KiB");
            std::process::abort();
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// The most memory that each child process has used so far, in KiB.
fn peaks() -> Vec<u64> {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| read_to_string(thread.path().join("children")).ok());
    let children: Vec<_> =
        lists.flat_map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect();
    let is_worker = |child: &&String| {
        read_to_string(format!("/proc/{child}/cmdline"))
            .is_ok_and(|command| command.contains(PARSER_ARGUMENT))
    };
    let peak = |child: &String| {
        let status = read_to_string(format!("/proc/{child}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().trim_end_matches(" kB").parse().ok()
    };
    children.iter().filter(is_worker).filter_map(peak).collect()
}
