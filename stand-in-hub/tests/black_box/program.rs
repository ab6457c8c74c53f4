use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::json;

use crate::client::{ALICE, MY, function, get, publish};

/// A running program.
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

    /// Stops it with SIGTERM, and returns the output after its first line.
    fn stop(mut self) -> String {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill").success());
        assert!(self.child.wait().expect("an exit").success());
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).expect("text");
        rest
    }
}

fn temporary_directory(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(fs::remove_dir_all(&directory));
    fs::create_dir_all(&directory).expect("a directory");
    directory
}

#[test]
fn the_state_survives_a_restart() {
    let directory = temporary_directory("state");
    let state = directory.join("state.json");
    let arguments = ["--state", state.to_str().expect("a path")];
    let program = Program::start(&arguments);
    assert_eq!(publish(&program.url, &function("a", "1.0.0")).status, 201);
    program.stop();
    let program = Program::start(&arguments);
    assert_eq!(publish(&program.url, &function("a", "1.0.0")).code(), "VERSION_CONFLICT");
    program.stop();
    assert_eq!(fs::read_dir(&directory).expect("a directory").count(), 1, "no temporary file is left");
}

#[test]
fn the_port_file_contains_the_url_and_the_log_no_key() {
    let port_file = temporary_directory("port").join("address");
    let path = port_file.to_str().expect("a path");
    let program = Program::start(&["--log", "--account", "ac_x=bob", "--port-file", path]);
    assert_eq!(get(&program.url, MY, Some("ac_x")).status, 200);
    let url = program.url.clone();
    assert_eq!(program.stop(), format!("GET {MY} 200\n"));
    assert_eq!(fs::read_to_string(port_file).expect("the port file"), format!("{url}\n"));
}

#[test]
fn shapes_and_faults_are_set_on_the_command_line() {
    let program = Program::start(&[
        "--response",
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
fn the_behavior_of_the_hub_is_set_on_the_command_line() {
    let program = Program::start(&[
        "--receipt",
        "id-only",
        "--read-lag",
        "60",
        "--rate-limit",
        "2/60",
        "--rate-limit-shape",
        "neither",
        "--fault",
        "publish:process-later=0.01:rate-limited=empty",
    ]);
    assert_eq!(publish(&program.url, &function("a", "1.0.0")).body, "", "a fault");
    let receipt = publish(&program.url, &function("b", "1.0.0")).json();
    assert_eq!(receipt.as_object().expect("an object").len(), 1, "a receipt");
    assert_eq!(get(&program.url, MY, Some(ALICE)).json(), json!({ "functions": [] }), "late reads");
    let limited = publish(&program.url, &function("c", "1.0.0"));
    assert!(limited.status == 429 && !limited.head.contains("retry-after"), "{limited:?}");
    program.stop();
}

#[test]
fn the_list_and_the_review_are_set_on_the_command_line() {
    let program = Program::start(&[
        "--page-size",
        "1",
        "--page-info",
        "total",
        "--list-slugs",
        "prefixed",
        "--list-without-authors",
        "--unlisted",
        "a",
        "--not-public",
        "b",
    ]);
    for name in ["a", "b", "c"] {
        publish(&program.url, &function(name, "1.0.0"));
    }
    let list = get(&program.url, MY, Some(ALICE)).json();
    assert_eq!((&list["total"], &list["functions"][0]["slug"]), (&json!(2), &json!("@alice/b")));
    assert_eq!(list["functions"][0].get("author_username"), None);
    assert_eq!(get(&program.url, "/api/community/functions/alice/b", None).status, 404);
    program.stop();

    let program = Program::start(&[
        "--review",
        "decision",
        "--shows-reviews",
        "--list",
        "bare",
        "--by-id",
        "bare",
        "--owner-view",
        "published",
    ]);
    assert_eq!(publish(&program.url, &function("a", "1.0.0")).json()["decision"], "pending_review");
    assert_eq!(get(&program.url, MY, Some(ALICE)).json()[0]["status"], "pending_review");
    let by_id = get(&program.url, "/api/community/functions/fn_0001", Some(ALICE));
    assert_eq!(by_id.json()["status"], "pending_review");
    program.stop();
    let program = Program::start(&["--reject", "issues"]);
    assert_eq!(publish(&program.url, &function("a", "1.0.0")).status, 422);
    program.stop();
}

#[test]
fn invalid_arguments_exit_with_2_and_a_message() {
    for arguments in [
        &["--fault", "my:nonsense"][..],
        &["--nonsense"],
        &["--account", "ac_x"],
        &["--port"],
        &["--rate-limit", "2"],
        &["--read-lag", "-1"],
        &["--receipt", "x"],
        &["--fault", "my:process-later=1"],
    ] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_stand-in-hub")).args(arguments).output().expect("an exit");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
    }
}

#[test]
fn help_lists_the_faults() {
    let output = Command::new(env!("CARGO_BIN_EXE_stand-in-hub")).arg("--help").output().expect("an exit");
    let help = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success() && help.contains("process-then-hang") && help.contains("gzip-bomb"));
}
