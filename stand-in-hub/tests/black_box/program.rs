use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::json;

use crate::client::{ALICE, MY, function, get, publish};

/// A running program; it is told to stop, not killed.
struct Program {
    child: Child,
    stdout: BufReader<ChildStdout>,
    url: String,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_stand-in-hub"))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line");
        let url = line.trim_end().strip_prefix("stand-in Hub listening on ").expect("the address").to_owned();
        Self { child, stdout, url }
    }

    /// Stops it with SIGTERM and gives what it printed after its first line.
    fn stop(mut self) -> String {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill").success());
        assert!(self.child.wait().expect("an exit").success());
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).expect("text");
        rest
    }
}

fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

#[test]
fn the_state_survives_a_restart() {
    let folder = scratch("state");
    let state = folder.join("state.json");
    let arguments = ["--state", state.to_str().expect("a path")];
    let program = Program::start(&arguments);
    assert_eq!(publish(&program.url, &function("a", "1.0.0")).status, 201);
    program.stop();
    let program = Program::start(&arguments);
    assert_eq!(publish(&program.url, &function("a", "1.0.0")).code(), "VERSION_CONFLICT");
    program.stop();
    assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 1, "no half-written file is left");
}

#[test]
fn the_port_file_gets_the_address_and_the_log_never_the_key() {
    let port_file = scratch("port").join("address");
    let path = port_file.to_str().expect("a path");
    let program = Program::start(&["--log", "--account", "ac_x=bob", "--port-file", path]);
    assert_eq!(get(&program.url, MY, Some("ac_x")).status, 200);
    let url = program.url.clone();
    assert_eq!(program.stop(), format!("GET {MY} 200\n"));
    assert_eq!(fs::read_to_string(port_file).expect("the port file"), format!("{url}\n"));
}

#[test]
fn switches_and_faults_come_from_the_command_line() {
    let program = Program::start(&[
        "--answer",
        "data",
        "--errors",
        "flat",
        "--versions",
        "strings",
        "--fault",
        "my:status=503",
    ]);
    assert_eq!(get(&program.url, MY, Some(ALICE)).status, 503);
    assert_eq!(get(&program.url, MY, None).json()["code"], "UNAUTHORIZED");
    assert_eq!(publish(&program.url, &function("a", "1.0.0")).json()["data"]["slug"], "a");
    assert_eq!(get(&program.url, MY, Some(ALICE)).json()["functions"][0]["versions"], json!(["1.0.0"]));
    program.stop();
}

#[test]
fn a_wrong_command_line_is_exit_2_and_says_why() {
    for arguments in [&["--fault", "my:nonsense"][..], &["--nonsense"], &["--account", "ac_x"], &["--port"]] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_stand-in-hub")).args(arguments).output().expect("an exit");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
    }
}

#[test]
fn help_names_every_fault() {
    let output = Command::new(env!("CARGO_BIN_EXE_stand-in-hub")).arg("--help").output().expect("an exit");
    let help = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success() && help.contains("process-then-hang"));
}
