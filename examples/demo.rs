//! The main job, for real, on this machine alone: `cargo run --example demo`.
//!
//! Starts the stand-in Hub, and publishes a copy of `examples/image-resizer` to it over HTTP with the real binary, four
//! times: the first release, the same again, other code under the same version, and that code under a version of its own.
//! Each log is shown as its CI would show it. Ends with an error if any run does not end as expected.

use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde_json::Value;
use stand_in_hub::{DEFAULT_KEY, StandInHub};
use tempfile::TempDir;

/// The CI that a run believes to be part of.
#[derive(Clone, Copy)]
enum Ci {
    GitHub,
    /// One that has no language of its own.
    Any,
}

/// How a run should end.
struct Expected {
    exit_code: i32,
    status: &'static str,
    /// What is live on the Hub afterwards.
    live: &'static [&'static str],
}

fn main() -> ExitCode {
    let mut out = io::stdout().lock();
    match demonstrate(&mut out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            // Nobody is left to tell if this can't be written.
            let _ = writeln!(out, "\nthe demo failed: {cause}");
            ExitCode::FAILURE
        }
    }
}

fn demonstrate(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let binary = build()?;
    // Both end with this function, however it ends: the Hub stops, the folder is removed.
    let hub = StandInHub::start();
    let folder = TempDir::new()?;
    let function = folder.path().join("image-resizer");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/image-resizer"), &function)?;
    let stage = Stage { binary, hub, folder };

    writeln!(
        out,
        "The stand-in Hub listens on {}. It knows one account, `alice`, and no function.",
        stage.hub.url()
    )?;
    let first = Expected { exit_code: 0, status: "published", live: &["1.0.0"] };
    stage.run(out, "1. A new function, on GitHub: it goes live", Ci::GitHub, &first)?;

    let again = Expected { exit_code: 0, status: "unchanged", live: &["1.0.0"] };
    stage.run(out, "2. The same commit again, on any other CI: nothing to do", Ci::Any, &again)?;

    edit(&function.join("index.ts"), "const LONGEST_SIDE = 4096;", "const LONGEST_SIDE = 2048;")?;
    let refused = Expected { exit_code: 1, status: "failed", live: &["1.0.0"] };
    stage.run(
        out,
        "3. Other code, but still 1.0.0, on GitHub: refused before anything is sent",
        Ci::GitHub,
        &refused,
    )?;

    edit(&function.join("aerostack.json"), r#""version": "1.0.0""#, r#""version": "1.0.1""#)?;
    let bumped = Expected { exit_code: 0, status: "published", live: &["1.0.0", "1.0.1"] };
    stage.run(out, "4. The same code as 1.0.1, on any other CI: it goes live", Ci::Any, &bumped)?;

    let sent = stage.hub.publishes().len();
    if sent != 2 {
        return Err(format!("{sent} publish requests reached the Hub, and two should have").into());
    }
    writeln!(out, "\nEvery run ended as it should. Of four runs, two sent something.")?;
    Ok(())
}

/// Builds the binary as this example was built, and tells where it is.
fn build() -> Result<PathBuf, Box<dyn Error>> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--quiet", "--locked", "--bin", "aerostack-publish"])
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    // Beside the folder `examples` that this program lies in.
    let example = std::env::current_exe()?;
    let folder =
        example.parent().and_then(Path::parent).ok_or("this program lies in no folder of cargo's")?;
    let target = folder.parent().ok_or("this program lies in no folder of cargo's")?;
    if !cargo.arg("--target-dir").arg(target).status()?.success() {
        return Err("the binary can't be built".into());
    }
    Ok(folder.join(format!("aerostack-publish{}", std::env::consts::EXE_SUFFIX)))
}

struct Stage {
    binary: PathBuf,
    hub: StandInHub,
    folder: TempDir,
}

impl Stage {
    /// Runs the binary as the CI would, shows what it says, and compares how it ends with what is expected.
    fn run(
        &self,
        out: &mut impl Write,
        title: &str,
        ci: Ci,
        expected: &Expected,
    ) -> Result<(), Box<dyn Error>> {
        writeln!(out, "\n── {title} ──\n")?;
        out.flush()?;
        let [report, summary, output] =
            ["report.json", "summary.md", "output"].map(|name| self.folder.path().join(name));
        let mut command = Command::new(&self.binary);
        command
            .env_clear()
            .current_dir(self.folder.path())
            .env("AEROSTACK_API_KEY", DEFAULT_KEY)
            .env("AEROSTACK_API_URL", self.hub.url())
            .env("AEROSTACK_DIRECTORY", "image-resizer")
            .env("AEROSTACK_REPORT", &report);
        if matches!(ci, Ci::GitHub) {
            fs::write(&summary, "")?;
            command
                .env("GITHUB_ACTIONS", "true")
                .env("GITHUB_WORKSPACE", self.folder.path())
                .env("GITHUB_OUTPUT", &output)
                .env("GITHUB_STEP_SUMMARY", &summary);
        }
        let ended = command.output()?;
        let log = String::from_utf8(ended.stdout)?;
        match ci {
            Ci::GitHub => {
                write!(out, "{}", as_github_shows(&log))?;
                writeln!(
                    out,
                    "\nthe step summary, in Markdown:\n\n{}",
                    fs::read_to_string(&summary)?.trim_end()
                )?;
            }
            Ci::Any => write!(out, "{log}")?,
        }
        let exit_code = ended.status.code().unwrap_or(-1);
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

/// A log as GitHub's page shows it: what is a command to the runner is not shown as such.
fn as_github_shows(log: &str) -> String {
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
