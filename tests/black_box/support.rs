//! One run of the binary: its workspace and environment, and everything that it wrote.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::Permissions;
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use stand_in_hub::{DEFAULT_KEY, StandInHub};
use tempfile::TempDir;

use crate::sinks::outputs;

/// The manifest of a valid function of one file, without a README.
pub const MANIFEST: &str = r#"{
  "name": "greeter",
  "version": "1.0.0",
  "description": "Greets whoever calls",
  "category": "utility",
  "language": "typescript",
  "runtime": "cloudflare-worker",
  "license": "MIT",
  "entrypoint": "index.ts"
}
"#;

/// Its code.
pub const CODE: &str = "export const greet = (name: string) => `Hello, ${name}`;\n";

/// A run to start: a workspace in a temporary directory, and an environment with nothing but what the test sets.
pub struct Step {
    workspace: TempDir,
    directory: PathBuf,
    environment: BTreeMap<OsString, OsString>,
    /// The user that runs it, if it is not the tests' own.
    user: Option<u32>,
}

/// The user and group without any permission (Linux, "overflow" user).
const NOBODY: u32 = 65534;

impl Step {
    /// In an empty workspace.
    pub fn empty() -> Self {
        let workspace = TempDir::new().expect("a temporary folder");
        let directory = workspace.path().to_owned();
        let mut step = Self { workspace, directory, environment: BTreeMap::new(), user: None };
        let report = step.outside("report.json");
        step.environment.insert("AEROSTACK_REPORT".into(), report.into());
        step
    }

    /// On the valid function, in the workspace's root.
    pub fn plain() -> Self {
        Self::empty().function(".", MANIFEST, CODE)
    }

    /// On a copy of `tests/fixtures/NAME`.
    pub fn on(fixture: &str) -> Self {
        let step = Self::empty();
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(fixture);
        copy(&from, step.workspace.path());
        step
    }

    /// On a copy of `examples/image-resizer`.
    pub fn example() -> Self {
        let step = Self::empty();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/image-resizer"), step.workspace.path());
        step
    }

    /// With a function in a directory of the workspace.
    pub fn function(self, directory: &str, manifest: &str, code: &str) -> Self {
        self.file(&format!("{directory}/aerostack.json"), manifest)
            .file(&format!("{directory}/index.ts"), code)
    }

    /// With a file in the workspace.
    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.workspace.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, content).expect("a file");
        self
    }

    /// With a text in a file of the workspace replaced by another; it must be there.
    pub fn edit(self, path: &str, from: &str, to: &str) -> Self {
        let text = std::fs::read_to_string(self.path(path)).expect("a file");
        assert!(text.contains(from), "`{from}` is not in {path}");
        let text = text.replace(from, to);
        self.file(path, text)
    }

    /// With a named pipe in the workspace, in place of what is there.
    pub fn pipe(self, path: &str) -> Self {
        let path = self.path(path);
        let _ = std::fs::remove_file(&path);
        assert!(Command::new("mkfifo").arg(path).status().expect("`mkfifo` starts").success());
        self
    }

    /// The absolute path of something in the workspace.
    pub fn path(&self, path: &str) -> PathBuf {
        self.workspace.path().join(path)
    }

    /// A path of the workspace for what the run writes.
    fn outside(&self, name: &str) -> PathBuf {
        self.workspace.path().join(".run").join(name)
    }

    /// Started in a directory of the workspace.
    pub fn within(mut self, directory: &str) -> Self {
        self.directory = self.workspace.path().join(directory);
        self
    }

    /// Against this Hub, with a key that it knows.
    pub fn hub(self, hub: &StandInHub) -> Self {
        self.input("api-url", &hub.url()).input("api-key", DEFAULT_KEY)
    }

    /// With an input as every CI but GitHub gives it.
    pub fn input(self, name: &str, value: &str) -> Self {
        self.env(&variable(name), value)
    }

    /// With a variable.
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Without a variable that was set before.
    pub fn unset(mut self, name: &str) -> Self {
        self.environment.remove(&OsString::from(name));
        self
    }

    /// As GitHub would run it, on the default branch.
    pub fn github(self) -> Self {
        let (output, summary) = (self.outside("output"), self.outside("summary.md"));
        let event = self.outside("event.json");
        let workspace = self.workspace.path().to_owned();
        self.file(".run/event.json", r#"{"repository": {"default_branch": "main"}}"#)
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_EVENT_NAME", "push")
            .env("GITHUB_EVENT_PATH", event)
            .env("GITHUB_REF", "refs/heads/main")
            .env("GITHUB_REF_NAME", "main")
            .env("GITHUB_REF_TYPE", "branch")
            .env("GITHUB_WORKSPACE", workspace)
            .env("GITHUB_OUTPUT", output)
            .env("GITHUB_STEP_SUMMARY", summary)
    }

    /// As GitHub would run it on another branch.
    pub fn github_branch(self, branch: &str) -> Self {
        self.github().env("GITHUB_REF", format!("refs/heads/{branch}")).env("GITHUB_REF_NAME", branch)
    }

    /// As GitHub would run it for a tag.
    pub fn github_tag(self, tag: &str) -> Self {
        self.github()
            .env("GITHUB_REF", format!("refs/tags/{tag}"))
            .env("GITHUB_REF_NAME", tag)
            .env("GITHUB_REF_TYPE", "tag")
    }

    /// As GitHub would run it for a pull request.
    pub fn github_pull_request(self) -> Self {
        self.github()
            .env("GITHUB_EVENT_NAME", "pull_request")
            .env("GITHUB_REF", "refs/pull/7/merge")
            .env("GITHUB_REF_NAME", "7/merge")
    }

    /// As GitLab would run it, on the default branch.
    pub fn gitlab(self) -> Self {
        let workspace = self.workspace.path().to_owned();
        self.env("GITLAB_CI", "true")
            .env("CI_PROJECT_DIR", workspace)
            .env("CI_DEFAULT_BRANCH", "main")
            .env("CI_COMMIT_BRANCH", "main")
            .env("CI_PIPELINE_SOURCE", "push")
    }

    /// As GitLab would run it for a tag.
    pub fn gitlab_tag(self, tag: &str) -> Self {
        self.gitlab().unset("CI_COMMIT_BRANCH").env("CI_COMMIT_TAG", tag)
    }

    /// As GitLab would run it for a merge request.
    pub fn gitlab_merge_request(self) -> Self {
        self.gitlab().unset("CI_COMMIT_BRANCH").env("CI_PIPELINE_SOURCE", "merge_request_event")
    }

    /// As an agent of Azure Pipelines would run it, on a branch.
    pub fn azure(self) -> Self {
        let (sources, agent_directory) = (self.path(""), self.outside("agent"));
        std::fs::create_dir_all(&agent_directory).expect("a folder");
        self.env("TF_BUILD", "True")
            .env("BUILD_REASON", "IndividualCI")
            .env("BUILD_SOURCEBRANCH", "refs/heads/main")
            .env("BUILD_SOURCESDIRECTORY", sources)
            .env("AGENT_TEMPDIRECTORY", agent_directory)
    }

    /// Without root's permission to read everything: as another user, if the tests run as root. Everything in the workspace so
    /// far belongs to that user.
    pub fn unprivileged(mut self) -> Self {
        let is_root = std::fs::metadata(self.path("")).expect("the workspace").uid() == 0;
        self.user = is_root.then_some(NOBODY);
        if let Some(user) = self.user {
            std::fs::create_dir_all(self.outside("")).expect("a folder");
            give(self.workspace.path(), user);
        }
        self
    }

    /// With these permissions of a file or a directory in the workspace; the owner's own, or those for others if the tests run
    /// as root.
    pub fn mode(self, path: &str, mode: u32) -> Self {
        let path = self.path(path);
        if self.user.is_some() {
            chown(&path, Some(0), Some(0)).expect("root gives files away");
        }
        std::fs::set_permissions(path, Permissions::from_mode(mode)).expect("permissions");
        self
    }

    /// The process, ready to start.
    fn command(&self) -> Command {
        let binary = Path::new(env!("CARGO_BIN_EXE_aerostack-publish"));
        std::fs::create_dir_all(self.outside("")).expect("a folder");
        let mut command = match self.user {
            None => Command::new(binary),
            Some(user) => {
                // Root may be the only one who can enter the directory that it was built in.
                let entered = self.outside("aerostack-publish");
                if !entered.exists() && std::fs::hard_link(binary, &entered).is_err() {
                    std::fs::copy(binary, &entered).expect("a copy");
                }
                let mut command = Command::new(entered);
                // Without root's groups too: `uid` drops them.
                command.uid(user).gid(user);
                command
            }
        };
        command.env_clear().envs(&self.environment).current_dir(&self.directory).stdin(Stdio::null());
        command
    }

    /// Runs it to its end. The step can be changed and run again.
    pub fn run(&self) -> Run {
        for old in ["report.json", "output", "summary.md"] {
            match std::fs::remove_file(self.outside(old)) {
                Err(error) if error.kind() != ErrorKind::NotFound => panic!("{old}: {error}"),
                Ok(()) | Err(_) => {}
            }
        }
        let output = self.command().output().expect("the binary starts");
        Run::of(self, output, true)
    }

    /// The same where no report can be written.
    pub fn run_without_report(&self) -> Run {
        let output = self.command().output().expect("the binary starts");
        Run::of(self, output, false)
    }

    /// Starts it and lets it run; `Run` comes from [`Started::wait`].
    pub fn start(&self) -> Started<'_> {
        let child = self.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        Started { step: self, child: child.expect("the binary starts"), read: Vec::new() }
    }

    /// The same in a process group of its own, as a terminal starts it.
    pub fn start_in_own_group(&self) -> Started<'_> {
        let mut command = self.command();
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0).spawn();
        Started { step: self, child: child.expect("the binary starts"), read: Vec::new() }
    }

    /// Runs it under a limit of the shell: `-u 0` for no process or thread.
    pub fn run_limited(&self, limit: &str) -> Run {
        let command = self.command();
        let mut shell = Command::new("bash");
        let script = format!("ulimit {limit} && exec \"$0\"");
        shell.args(["-c", &script]).arg(command.get_program());
        shell.env_clear().envs(&self.environment).current_dir(&self.directory).stdin(Stdio::null());
        if let Some(user) = self.user {
            shell.uid(user).gid(user);
        }
        Run::of(self, shell.output().expect("`bash` starts"), true)
    }

    /// Starts it as process 1 of a container, which has no default action for signals; as an ordinary process on a machine that
    /// allows no container.
    pub fn start_as_process_1(&self) -> Started<'_> {
        let Some(arguments) = process_namespace() else { return self.start() };
        let command = self.command();
        let mut container = Command::new("unshare");
        container.args(arguments).arg(command.get_program()).env_clear().env("PATH", "/usr/bin:/bin");
        container.envs(&self.environment).current_dir(&self.directory).stdin(Stdio::null());
        let child = container.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        Started { step: self, child: child.expect("`unshare` starts"), read: Vec::new() }
    }

    /// The process with an argument, without an environment; it writes no report.
    pub fn command_with(&self, argument: &str) -> Command {
        let mut command = self.command();
        command.env_clear().arg(argument);
        command
    }

    /// Runs it with arguments, with which it writes no report.
    pub fn run_with(&self, arguments: &[&str]) -> Run {
        let output = self.command().args(arguments).output().expect("the binary starts");
        Run::of(self, output, false)
    }

    /// A report of a run that ended by itself; empty if none was asked for at this path.
    fn report(&self, name: &str, is_expected: bool, output: &Output) -> String {
        let path = self.outside(name);
        match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound && !is_expected => String::new(),
            Err(error) => panic!("{}: {error}; the run: {output:?}", path.display()),
        }
    }

    /// Whether a variable has the value that this harness gave it.
    fn names(&self, variable: &str, name: &str) -> bool {
        self.environment.get(OsStr::new(variable)).is_some_and(|path| *path == *self.outside(name))
    }

    fn is_set(&self, variable: &str) -> bool {
        self.environment.get(OsStr::new(variable)).is_some_and(|value| !value.is_empty())
    }
}

/// The arguments with which `unshare` (util-linux) makes a process the first one of a container, where this machine allows it.
fn process_namespace() -> Option<&'static [&'static str]> {
    const WAYS: [&[&str]; 2] = [&["--user", "--map-root-user", "--pid", "--fork"], &["--pid", "--fork"]];
    let is_allowed = |arguments: &&&[&str]| {
        let tried = Command::new("unshare").args(**arguments).arg("true").stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    };
    WAYS.iter().find(is_allowed).copied()
}

/// Waits until something is so. A test that waits in vain fails.
#[track_caller]
pub fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..3_000 {
        if is_so() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("in vain: {what}");
}

/// A run under way.
pub struct Started<'s> {
    step: &'s Step,
    child: Child,
    /// The part of its log that was read.
    read: Vec<u8>,
}

impl Started<'_> {
    /// Sends a signal to it, or to the process 1 that it started.
    pub fn signal(&self, name: &str) {
        let own = self.child.id();
        let children =
            std::fs::read_to_string(format!("/proc/{own}/task/{own}/children")).expect("the child");
        let target = children.split_whitespace().next().map_or(own.to_string(), str::to_owned);
        let sent = Command::new("kill").args(["-s", name, &target]).status().expect("`kill` starts");
        assert!(sent.success(), "{name} to {target}");
    }

    /// Sends a signal to it, unless it has ended already.
    pub fn signal_if_running(&self, name: &str) {
        let target = self.child.id().to_string();
        Command::new("kill")
            .args(["-s", name, &target])
            .stderr(Stdio::null())
            .status()
            .expect("`kill` starts");
    }

    /// Reads the log up to the line that contains this.
    pub fn wait_for_line(&mut self, part: &str) {
        let stdout = self.child.stdout.as_mut().expect("a pipe");
        while !String::from_utf8_lossy(&self.read).lines().any(|line| line.contains(part)) {
            let mut byte = [0];
            stdout.read_exact(&mut byte).unwrap_or_else(|_| panic!("no line with `{part}`"));
            self.read.extend(byte);
        }
    }

    /// Its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end.
    pub fn wait(self) -> Run {
        let mut output = self.child.wait_with_output().expect("the binary ends");
        output.stdout.splice(0..0, self.read);
        Run::of(self.step, output, true)
    }
}

/// What a run wrote.
pub struct Run {
    /// -1 if a signal ended it.
    pub exit_code: i32,
    pub stdout: String,
    pub stderr: String,
    /// The JSON report; null if the test asked for one elsewhere, or a signal ended the run.
    pub report: Value,
    /// What was written to `GITHUB_OUTPUT`; empty if that was not [`Step::github`]'s file.
    pub output_file: String,
    /// What was written to `GITHUB_STEP_SUMMARY`; empty if that was not [`Step::github`]'s file.
    pub summary: String,
}

impl Run {
    /// Reads every report that the step asked for. One that is missing or unreadable fails the test.
    fn of(step: &Step, output: Output, writes_reports: bool) -> Self {
        let writes_reports = writes_reports && output.status.code().is_some();
        let report =
            writes_reports && step.names("AEROSTACK_REPORT", "report.json") && !step.is_set("INPUT_REPORT");
        let is_github = writes_reports
            && step.environment.get(OsStr::new("GITHUB_ACTIONS")).is_some_and(|it| it == "true");
        let report = step.report("report.json", report, &output);
        let has = |variable, name| is_github && step.names(variable, name);
        let output_file = step.report("output", has("GITHUB_OUTPUT", "output"), &output);
        let summary = step.report("summary.md", has("GITHUB_STEP_SUMMARY", "summary.md"), &output);
        Self {
            exit_code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
            report: if report.is_empty() {
                Value::Null
            } else {
                serde_json::from_str(&report).expect("JSON")
            },
            output_file,
            summary,
        }
    }

    /// The report of the only function.
    pub fn function(&self) -> &Value {
        assert_eq!(self.functions().len(), 1, "{}", self.stdout);
        &self.functions()[0]
    }

    /// The reports of all functions.
    pub fn functions(&self) -> &[Value] {
        self.report["functions"].as_array().expect("the report's functions")
    }

    /// The statuses of all functions.
    pub fn statuses(&self) -> Vec<&str> {
        self.functions().iter().map(|function| text(&function["status"])).collect()
    }

    /// Every finding, those of the run first.
    pub fn findings(&self) -> Vec<&Value> {
        let of_run = self.report["findings"].as_array().expect("the report's findings");
        let of_functions =
            self.functions().iter().flat_map(|function| function["findings"].as_array().expect("findings"));
        of_run.iter().chain(of_functions).collect()
    }

    /// The codes of every finding, but for the notices that a first release without a README brings.
    pub fn codes(&self) -> Vec<&str> {
        let codes = self.findings().into_iter().map(|finding| text(&finding["code"]));
        codes.filter(|code| !matches!(*code, "README_MISSING" | "FIRST_RELEASE")).collect()
    }

    /// The only finding of a code.
    #[track_caller]
    pub fn finding(&self, code: &str) -> &Value {
        let found: Vec<_> = self.findings().into_iter().filter(|finding| finding["code"] == code).collect();
        assert_eq!(found.len(), 1, "{code} in {}", self.stdout);
        found[0]
    }

    /// Line, column, end line and end column of the only finding of a code; zeros if it has no line.
    #[track_caller]
    pub fn place(&self, code: &str) -> [u64; 4] {
        let finding = self.finding(code);
        let place = ["line", "column", "end_line", "end_column"].map(|name| &finding[name]);
        if place.iter().all(|number| number.is_null()) {
            return [0; 4];
        }
        place.map(|number| number.as_u64().unwrap_or_else(|| panic!("a part of a location: {finding}")))
    }

    /// An output, read as GitHub reads it; `None` if it was not set.
    pub fn output(&self, name: &str) -> Option<String> {
        outputs(&self.output_file).remove(name)
    }
}

/// A text in a report, which must be one.
#[track_caller]
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a string"))
}

/// Makes a file or a directory, with everything in it, another user's.
fn give(path: &Path, user: u32) {
    std::os::unix::fs::lchown(path, Some(user), Some(user)).expect("root gives files away");
    if path.is_dir() && !path.is_symlink() {
        path.read_dir().expect("a directory").flatten().for_each(|entry| give(&entry.path(), user));
    }
}

/// The variable of an input or an output.
pub fn variable(name: &str) -> String {
    format!("AEROSTACK_{}", name.to_uppercase().replace('-', "_"))
}

/// The root of this repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files in a folder and in the folders below it that are wanted.
pub fn files_below(folder: &Path, is_wanted: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().unwrap_or_else(|cause| panic!("{}: {cause}", folder.display())) {
            let path = entry.expect("an entry").path();
            if !path.is_dir() {
                files.push(path);
            } else if is_wanted(&path) {
                folders.push(path);
            }
        }
    }
    files.sort();
    files
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in from.read_dir().unwrap_or_else(|cause| panic!("{}: {cause}", from.display())).flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}
