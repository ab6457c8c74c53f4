//! Every fault in every call: what a run claims is so, and it claims no less than `docs/faults.md` promises.
//!
//! Each cell is one run of the binary against a stand-in Hub of its own. A cell must be *sound*: nothing is live twice, and
//! status, outputs, reports and exit code say what is so. And it must keep its *promise*: the outcome is one of those in
//! `promises.rs`, within `timeout` and a second. On a busy machine a run may be too slow for its promise, never unsound:
//! such a cell is run again alone.

mod faults;
mod promises;

use std::io::Write as _;
use std::path::Path;
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use stand_in_hub::{DEFAULT_KEY, FilesPlace, Receipt, Route, Shapes, StandInHub};

use self::faults::{Connection, Row, rows};
use self::promises::{Outcome, promise, table};
use crate::fixtures::{body, manifest, side_by_side};
use crate::sinks::dotenv;
use crate::support::{CODE, Run, Step, variable};

/// What the Hub has when the run begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Situation {
    FirstRelease,
    Upgrade,
    Unchanged,
}

/// The call that the fault is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    List,
    ById,
    Public,
    Install,
    /// A publish that is not carried out.
    Publish,
    /// A publish that is carried out all the same.
    WrittenPublish,
    /// All reads after a publish whose receipt confirms nothing.
    ReadBack,
}

impl Call {
    pub const ALL: [Self; 7] = [
        Self::List,
        Self::ById,
        Self::Public,
        Self::Install,
        Self::Publish,
        Self::WrittenPublish,
        Self::ReadBack,
    ];

    fn route(self) -> Route {
        match self {
            Self::List => Route::My,
            Self::ById => Route::ById,
            Self::Public => Route::Public,
            Self::Install => Route::Install,
            Self::Publish | Self::WrittenPublish => Route::Publish,
            Self::ReadBack => Route::ReadBack,
        }
    }

    /// Whether a run makes this call without a fault.
    fn is_made(self, situation: Situation) -> bool {
        match self {
            Self::List | Self::Public => true,
            Self::ById | Self::Install => situation != Situation::FirstRelease,
            Self::Publish | Self::WrittenPublish | Self::ReadBack => situation != Situation::Unchanged,
        }
    }
}

/// How often the fault occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    Once,
    Always,
}

#[derive(Debug)]
struct Cell<'r> {
    row: &'r Row,
    call: Call,
    times: Times,
    situation: Situation,
}

const SITUATIONS: [Situation; 3] = [Situation::FirstRelease, Situation::Upgrade, Situation::Unchanged];

/// A function of two files, so that the content of a published version takes all calls that show it.
fn function(version: &str) -> Step {
    let code = "export { greet } from './core';\n";
    Step::empty().function(".", &manifest("greeter", version), code).file("core.ts", CODE)
}

/// The bodies with which two of its versions are published.
static BODIES: LazyLock<[Value; 2]> = LazyLock::new(|| {
    ["0.9.0", "1.0.0"].map(|version| {
        let hub = StandInHub::start();
        assert_eq!(function(version).hub(&hub).run().exit_code, 0);
        hub.publishes().remove(0)
    })
});

/// A server at another address, to which no request may ever go.
static ELSEWHERE: LazyLock<StandInHub> = LazyLock::new(StandInHub::start);

impl Cell<'_> {
    fn hub(&self) -> StandInHub {
        let receipt = if self.call == Call::ReadBack { Receipt::WithoutStatus } else { Receipt::Full };
        let builder = StandInHub::builder().shapes(Shapes {
            receipt,
            files: if self.call == Call::Install { FilesPlace::Install } else { FilesPlace::Everywhere },
            ..Shapes::default()
        });
        let hub = match self.row.connection {
            Connection::Plain => builder.start(),
            Connection::Tls | Connection::UnknownAuthority => builder.tls().start(),
            Connection::Expired => builder.tls_expired().start(),
            Connection::OtherHost => builder.tls_for("hub.example").start(),
        };
        hub.seed("alice", body("other", "1.0.0", CODE));
        let [older, same] = &*BODIES;
        match self.situation {
            Situation::FirstRelease => {}
            Situation::Upgrade => drop(hub.seed("alice", older.clone())),
            Situation::Unchanged => drop(hub.seed("alice", same.clone())),
        }
        if let Some(fault) = self.row.fault(self.call, &ELSEWHERE.url()) {
            match self.times {
                Times::Once => hub.fault(self.call.route(), fault),
                Times::Always => hub.fault_always(self.call.route(), fault),
            }
        }
        hub
    }

    fn step(&self, hub: &StandInHub) -> Step {
        let step = function("1.0.0").hub(hub).github().input("timeout", &self.row.timeout.to_string());
        let (dotenv, authority) = (step.path(".run/dotenv"), step.path(".run/ca.pem"));
        let step = step.input("dotenv", &dotenv.display().to_string());
        match hub.ca_pem().filter(|_| self.row.connection != Connection::UnknownAuthority) {
            Some(pem) => step.file(".run/ca.pem", pem).env("SSL_CERT_FILE", authority),
            None => step,
        }
    }

    /// Runs the cell. Panics where it is unsound; else says which promise it broke.
    fn run(&self) -> Result<(), String> {
        let hub = self.hub();
        let step = self.step(&hub);
        let step = if self.row.is_refused() { step.input("api-url", "http://127.0.0.1:9") } else { step };
        let started = Instant::now();
        let run = step.run();
        let elapsed = started.elapsed();
        let outcome = Outcome::of(&run);
        let case = format!("{} {self:?}: {outcome}\n{}", self.row.name, run.stdout);
        self.assert_sound(&hub, &run, &case);
        let dotenv = dotenv(&std::fs::read_to_string(step.path(".run/dotenv")).expect("a dotenv report"));
        assert_agree(&run, &dotenv, &case);
        let outcomes = promise(self.row, self.call, self.times, self.situation);
        if !outcomes.contains(&outcome) {
            return Err(format!("{case}promised: {outcomes:?}"));
        }
        if elapsed > Duration::from_secs(self.row.timeout + 1) {
            return Err(format!("{case}took {elapsed:?}"));
        }
        Ok(())
    }

    /// What the run says is so.
    fn assert_sound(&self, hub: &StandInHub, run: &Run, case: &str) {
        let times_live = hub.times_live("alice", "greeter", "1.0.0");
        assert!(times_live <= 1, "live {times_live} times: {case}");
        let is_live = times_live == 1;
        let was_live = self.situation == Situation::Unchanged;
        let says = |name: &str| run.output(name).unwrap_or_else(|| panic!("no output {name}: {case}"));
        assert!(says("live") == "false" || is_live, "not live: {case}");
        match says("status").as_str() {
            "published" => assert!(is_live && !was_live && says("live") == "true", "{case}"),
            "unchanged" => assert!(is_live && says("live") == "true", "{case}"),
            "failed" => assert!(!is_live || was_live, "failed, but it is live: {case}"),
            "unconfirmed" => {}
            other => panic!("{other}: {case}"),
        }
        assert_eq!(says("published") == "true", says("status") == "published", "{case}");
        let succeeded = matches!(says("status").as_str(), "published" | "unchanged");
        assert_eq!(run.exit_code == 0, succeeded, "{case}");
        // Nothing was made live but this version, and only the Hub has seen the key.
        let is_expected = |version: &String| {
            version == "1.0.0" || (version == "0.9.0" && self.situation == Situation::Upgrade)
        };
        assert!(hub.published("alice", "greeter").iter().all(is_expected), "{case}");
        assert_eq!(ELSEWHERE.connections(), 0, "{case}");
        assert!(hub.requests().iter().all(|request| request.path.starts_with("/api/")), "{case}");
        for text in [&run.stdout, &run.stderr, &run.summary, &run.output_file, &run.report.to_string()] {
            let shown = text.lines().filter(|line| !line.starts_with("::add-mask::"));
            assert!(shown.into_iter().all(|line| !line.contains(DEFAULT_KEY)), "the key: {case}");
        }
    }
}

/// All outputs are set, and agree with the reports and the process.
fn assert_agree(run: &Run, dotenv: &std::collections::BTreeMap<String, String>, case: &str) {
    assert_eq!(run.report["exit_code"], run.exit_code, "{case}");
    for output in &aerostack_publish::outputs::OUTPUTS {
        let value = run.output(output.name).unwrap_or_else(|| panic!("no output {}: {case}", output.name));
        if output.name == "result" {
            let result: Value = serde_json::from_str(&value).expect("JSON");
            assert_eq!(
                (&result["functions"], &result["truncated"]),
                (&run.report["functions"], &false.into()),
                "{case}"
            );
            continue;
        }
        let variable = variable(output.name);
        assert_eq!(dotenv.get(&variable), Some(&value), "{case}");
        let of_run = &run.report[output.name];
        let of_function = &run.function()[output.name.replace('-', "_").as_str()];
        let reported = if of_run.is_null() { of_function } else { of_run };
        let reported = if reported.is_null() { String::new() } else { reported.to_string().replace('"', "") };
        assert_eq!(reported, value, "{}: {case}", output.name);
    }
    assert!(!run.summary.is_empty(), "{case}");
}

/// Every cell.
fn cells(rows: &[Row]) -> Vec<Cell<'_>> {
    let mut cells = Vec::new();
    for row in rows {
        for call in row.calls() {
            for times in row.times() {
                let made = SITUATIONS.into_iter().filter(|situation| call.is_made(*situation));
                cells.extend(made.map(|situation| Cell { row, call, times: *times, situation }));
            }
        }
    }
    cells
}

/// Writes past the capture of a test's output: how much was tested is a result of every run.
fn report(line: &str) {
    writeln!(std::io::stderr(), "{line}").expect("standard error");
}

#[test]
fn every_cell_is_sound_and_keeps_its_promise() {
    let rows = rows();
    let cells = cells(&rows);
    let count = cells.len();
    report(&format!(
        "{count} cells: {} faults, {} calls, {} situations",
        rows.len(),
        Call::ALL.len(),
        SITUATIONS.len()
    ));
    LazyLock::force(&BODIES);
    let late = Mutex::new(Vec::new());
    side_by_side(cells, |cell| {
        if cell.run().is_err() {
            late.lock().expect("no panic while a cell is put aside").push(cell);
        }
    });
    let late = late.into_inner().expect("no panic");
    report(&format!("{} cells were too slow, and are run again alone", late.len()));
    let broken: Vec<_> = late.iter().filter_map(|cell| cell.run().err()).collect();
    assert!(broken.is_empty(), "{} of {count} cells:\n{}", broken.len(), broken.join("\n"));
}

#[test]
fn the_documentation_has_the_table_of_promises() {
    let count = cells(&rows()).len();
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/how-it-decides.md"));
    let number = format!("{},{:03} cases", count / 1_000, count % 1_000);
    assert!(page.expect("the page").contains(&number), "docs/how-it-decides.md does not say {number}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/faults.md");
    let document = std::fs::read_to_string(&path).expect("the page");
    let (start, end) = ("<!-- generated: promises -->\n", "<!-- end -->");
    let (before, rest) = document.split_once(start).expect("the start of the table");
    let (found, after) = rest.split_once(end).expect("the end of the table");
    let table = format!("\n{}\n", table(&rows()));
    if found != table {
        let proposed = path.with_extension("md.new");
        std::fs::write(&proposed, format!("{before}{start}{table}{end}{after}")).expect("the proposal");
        panic!("{} is out of date: compare it with {}, and replace it", path.display(), proposed.display());
    }
}
