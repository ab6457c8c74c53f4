//! Publishes an example function to a local stand-in Hub: `cargo run -p demo`.
//!
//! Starts the stand-in Hub and runs the real binary against it four times, on a copy of `examples/image-resizer`: the
//! first release, the same commit again, changed code under the same version, and the changed code under a new version.
//! Prints each log as the CI would show it. Fails if any run does not end as expected.

use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde_json::Value;
use stand_in_hub::{DEFAULT_KEY, StandInHub};
use tempfile::TempDir;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The CI system that a run detects.
#[derive(Clone, Copy)]
enum Ci {
    GitHub,
    /// Any system without log commands of its own.
    Other,
}

/// How a run should end.
struct Expected {
    exit_code: i32,
    status: &'static str,
    /// The versions that are live on the Hub afterwards.
    live: &'static [&'static str],
}

fn main() -> ExitCode {
    let mut out = io::stdout().lock();
    match run_demo(&mut out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            // An error here cannot be reported anywhere.
            let _ = writeln!(out, "\nthe demo failed: {cause}");
            ExitCode::FAILURE
        }
    }
}

fn run_demo(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let binary = build()?;
    // Dropped on every return: the Hub stops and the directory is removed.
    let demo = Demo { binary, hub: StandInHub::start(), directory: TempDir::new()? };
    let function = demo.directory.path().join("image-resizer");
    copy(&Path::new(ROOT).join("examples/image-resizer"), &function)?;

    writeln!(
        out,
        "The stand-in Hub listens on {}. It has one account, `alice`, and no functions.",
        demo.hub.url()
    )?;
    let first = Expected { exit_code: 0, status: "published", live: &["1.0.0"] };
    demo.run(out, "1. A new function, on GitHub: published", Ci::GitHub, &first)?;

    let again = Expected { exit_code: 0, status: "unchanged", live: &["1.0.0"] };
    demo.run(out, "2. The same commit again, on another CI: unchanged", Ci::Other, &again)?;

    edit(&function.join("index.ts"), "const LONGEST_SIDE = 4096;", "const LONGEST_SIDE = 2048;")?;
    let rejected = Expected { exit_code: 1, status: "failed", live: &["1.0.0"] };
    demo.run(
        out,
        "3. Changed code, but still version 1.0.0, on GitHub: rejected before anything is sent",
        Ci::GitHub,
        &rejected,
    )?;

    edit(&function.join("aerostack.json"), r#""version": "1.0.0""#, r#""version": "1.0.1""#)?;
    let bumped = Expected { exit_code: 0, status: "published", live: &["1.0.0", "1.0.1"] };
    demo.run(out, "4. The changed code as version 1.0.1, on another CI: published", Ci::Other, &bumped)?;

    let sent = demo.hub.publishes().len();
    if sent != 2 {
        return Err(format!("expected 2 publish requests, the Hub received {sent}").into());
    }
    writeln!(out, "\nAll four runs ended as expected; two of them sent a publish request.")?;
    Ok(())
}

/// Builds the binary in the profile and target directory of this program, and returns its path.
#[expect(clippy::disallowed_methods, reason = "the rule is for aerostack-publish itself")]
fn build() -> Result<PathBuf, Box<dyn Error>> {
    let mut cargo = Command::new(env!("CARGO"));
    // `demo` is selected as well, so that dependencies keep the features they were just built with.
    cargo
        .args(["build", "--quiet", "--locked", "--package", "demo", "--package", "aerostack-publish"])
        .args(["--bin", "aerostack-publish"])
        .current_dir(ROOT);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    // Set by `cargo run`. Build scripts that read them would run again, and their crates be compiled twice.
    for (name, _) in std::env::vars_os() {
        if ["CARGO_MANIFEST_", "CARGO_PKG_"].iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            cargo.env_remove(name);
        }
    }
    let program = std::env::current_exe()?;
    let profile = program.parent().ok_or("this program is not in a target directory")?;
    let target = profile.parent().ok_or("this program is not in a target directory")?;
    if !cargo.arg("--target-dir").arg(target).status()?.success() {
        return Err("aerostack-publish could not be built".into());
    }
    Ok(profile.join(format!("aerostack-publish{}", std::env::consts::EXE_SUFFIX)))
}

struct Demo {
    binary: PathBuf,
    hub: StandInHub,
    directory: TempDir,
}

impl Demo {
    /// Runs the binary as the CI would, prints its log, and compares the result with the expected one.
    fn run(
        &self,
        out: &mut impl Write,
        title: &str,
        ci: Ci,
        expected: &Expected,
    ) -> Result<(), Box<dyn Error>> {
        writeln!(out, "\n── {title} ──\n")?;
        out.flush()?;
        let [report, summary, outputs] =
            ["report.json", "summary.md", "outputs"].map(|name| self.directory.path().join(name));
        let mut command = Command::new(&self.binary);
        command
            .env_clear()
            .current_dir(self.directory.path())
            .env("AEROSTACK_API_KEY", DEFAULT_KEY)
            .env("AEROSTACK_API_URL", self.hub.url())
            .env("AEROSTACK_DIRECTORY", "image-resizer")
            .env("AEROSTACK_REPORT", &report);
        if matches!(ci, Ci::GitHub) {
            fs::write(&summary, "")?;
            command
                .env("GITHUB_ACTIONS", "true")
                .env("GITHUB_WORKSPACE", self.directory.path())
                .env("GITHUB_OUTPUT", &outputs)
                .env("GITHUB_STEP_SUMMARY", &summary);
        }
        let output = command.output()?;
        let log = String::from_utf8(output.stdout)?;
        match ci {
            Ci::GitHub => {
                write!(out, "{}", as_shown_by_github(&log))?;
                writeln!(
                    out,
                    "\nthe step summary (Markdown):\n\n{}",
                    fs::read_to_string(&summary)?.trim_end()
                )?;
            }
            Ci::Other => write!(out, "{log}")?,
        }
        let exit_code = output.status.code().unwrap_or(-1);
        writeln!(out, "\nexit code {exit_code}")?;

        let report: Value = serde_json::from_str(&fs::read_to_string(&report)?)?;
        let live = self.hub.published("alice", "image-resizer");
        if (exit_code, report.get("status").and_then(Value::as_str))
            != (expected.exit_code, Some(expected.status))
            || live != expected.live
        {
            let Expected { exit_code, status, live } = expected;
            return Err(format!(
                "expected exit code {exit_code}, status `{status}` and {live:?} live on the Hub"
            )
            .into());
        }
        Ok(())
    }
}

/// The log as GitHub shows it: the runner replaces workflow commands.
fn as_shown_by_github(log: &str) -> String {
    let lines = log.lines().filter(|line| !line.starts_with("::add-mask::") && *line != "::endgroup::");
    let shown = lines.map(|line| {
        if let Some(title) = line.strip_prefix("::group::") {
            return format!("▼ {title}");
        }
        let annotation = [("::error", "Error"), ("::warning", "Warning"), ("::notice", "Notice")]
            .into_iter()
            .find_map(|(command, word)| Some((word, line.strip_prefix(command)?.split_once("::")?.1)));
        annotation.map_or(line.to_owned(), |(word, message)| {
            let message = message.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
            format!("{word}: {message}")
        })
    });
    shown.collect::<Vec<_>>().join("\n") + "\n"
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in from.read_dir()? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

fn edit(path: &Path, from: &str, to: &str) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    if !text.contains(from) {
        return Err(format!("`{from}` is not in {}", path.display()).into());
    }
    fs::write(path, text.replace(from, to))?;
    Ok(())
}
