//! The release workflow restores nothing that another run has saved: whoever can write to a cache could put a file of their
//! own into a release, which the workflow would attest.

use std::path::Path;

use serde_json::Value;

/// All actions that the workflow may use. Others can have caches that are on by default, as many `setup-…` have.
const ACTIONS: [&str; 4] =
    ["actions/checkout", "actions/upload-artifact", "actions/download-artifact", "actions/attest"];

/// Machines of GitHub, which are new for each job. On any other machine, files of earlier jobs remain.
const MACHINES: [&str; 6] =
    ["ubuntu-24.04", "ubuntu-24.04-arm", "macos-15", "macos-15-intel", "windows-2025", "windows-11-arm"];

/// Words of tools that restore files, in lower case. The last two give a script access to the caches of GitHub.
const WORDS: [&str; 6] =
    ["cache", "restore-keys", "type=gha", "rustc_wrapper", "actions_runtime", "actions_results"];

/// The files that the workflow runs, other than its own tests.
const SCRIPTS: [&str; 6] = [
    "scripts/build-release",
    "scripts/reproduce",
    "scripts/release",
    "scripts/releases.py",
    "scripts/npm",
    "Dockerfile",
];

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a file")
}

/// Everything in a workflow that restores, or may restore, files of another run.
fn restored(workflow: &str) -> Vec<String> {
    let workflow: Value = serde_saphyr::from_str(workflow).expect("YAML");
    let mut found = Vec::new();
    texts(&workflow, &mut |text| {
        let lower = text.to_lowercase();
        if WORDS.iter().any(|word| lower.contains(word)) {
            found.push(text.to_owned());
        }
    });
    for job in workflow["jobs"].as_object().expect("jobs").values() {
        let steps = job["steps"].as_array().map(Vec::as_slice).unwrap_or_default();
        // A whole job can be another workflow.
        for uses in steps.iter().chain([job]).filter_map(|step| step["uses"].as_str()) {
            if !uses.split_once('@').is_some_and(|(action, _)| ACTIONS.contains(&action)) {
                found.push(uses.to_owned());
            }
        }
        // Only a file of this very run; another one is named by a run or a repository.
        for with in steps.iter().filter(|step| step["uses"].to_string().contains("download-artifact")) {
            let inputs = with["with"].as_object().expect("inputs");
            if inputs.keys().any(|name| name != "name" && name != "path") || !inputs.contains_key("name") {
                found.push(with["with"].to_string());
            }
        }
        let machines: Vec<_> = match job["runs-on"].as_str() {
            Some("${{ matrix.system }}") => job["strategy"]["matrix"]["include"]
                .as_array()
                .expect("a matrix")
                .iter()
                .map(|row| row["system"].as_str())
                .collect(),
            machine => vec![machine],
        };
        if !machines.iter().all(|machine| machine.is_some_and(|machine| MACHINES.contains(&machine))) {
            found.push(format!("{machines:?}"));
        }
        found.extend(["container", "services"].iter().filter_map(|key| Some(job.get(key)?.to_string())));
    }
    found
}

/// Calls the function with every key and every value that is a text.
fn texts(value: &Value, call: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => call(text),
        Value::Array(values) => values.iter().for_each(|value| texts(value, call)),
        Value::Object(members) => members.iter().for_each(|(key, value)| {
            call(key);
            texts(value, call);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn the_release_workflow_restores_nothing_of_another_run() {
    assert_eq!(restored(&read(".github/workflows/release.yml")), Vec::<String>::new());
    for script in SCRIPTS {
        // `git ls-files --cached` lists what is in the index.
        let text = read(script).to_lowercase().replace("\"--cached\"", "");
        let found: Vec<_> =
            text.lines().filter(|line| WORDS.iter().any(|word| line.contains(word))).collect();
        assert_eq!(found, Vec::<&str>::new(), "{script}");
    }
}

#[test]
fn every_kind_of_cache_in_it_would_be_found() {
    let workflow = read(".github/workflows/release.yml");
    let step = |step: &str| ("    steps:\n", format!("    steps:\n      - {step}\n"));
    let job =
        |line: &str| ("    runs-on: ubuntu-24.04\n", format!("    runs-on: ubuntu-24.04\n    {line}\n"));
    let checkout =
        "uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1\n        with:\n          ";
    let uses = |name: &str| step(&format!("uses: {name}@3d3c42e5aac5ba805825da76410c181273ba90b1 # v1.0.0"));
    let download =
        "uses: actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c\n        with:\n";
    let mutants = [
        uses("actions/cache"),
        uses("actions/cache/restore"),
        uses("Swatinem/rust-cache"),
        uses("mozilla-actions/sccache-action"),
        uses("actions/setup-node"),
        uses("actions/setup-go"),
        uses("docker/build-push-action"),
        uses("docker/setup-buildx-action"),
        uses("taiki-e/install-action"),
        uses("actions-rust-lang/setup-rust-toolchain"),
        step("uses: ./.github/actions/build"),
        step("uses: docker://alpine:3"),
        step(&format!("{checkout}cache: true")),
        step(&format!("{checkout}restore-keys: rust-")),
        step("run: docker buildx build --cache-from type=registry,ref=x ."),
        step("run: docker buildx build --cache-to type=gha ."),
        step("run: docker build --build-arg BUILDKIT_INLINE_CACHE=1 ."),
        step("run: gh cache list"),
        step("run: cargo build\n        env:\n          RUSTC_WRAPPER: sccache"),
        step("run: curl \"$ACTIONS_RESULTS_URL\""),
        step(&format!("{download}          name: x\n          run-id: 1")),
        step(&format!("{download}          pattern: binary-*")),
        step(&format!("{download}          path: dist")),
        job("container: rust:1"),
        job("services: { redis: { image: \"redis:8\" } }"),
        job("env: { SCCACHE_GHA_ENABLED: \"true\" }"),
        ("    runs-on: ubuntu-24.04\n", "    runs-on: self-hosted\n".to_owned()),
        ("    runs-on: ubuntu-24.04\n", "    runs-on: [self-hosted, linux]\n".to_owned()),
        ("            system: ubuntu-24.04\n", "            system: my-runner\n".to_owned()),
        (
            "jobs:\n",
            "jobs:\n  more:\n    uses: acme/workflows/.github/workflows/build.yml@main\n    runs-on: macos-15\n".to_owned(),
        ),
        ("env:\n", "env:\n  CARGO_CACHE_DIR: /x\n".to_owned()),
    ];
    for (line, by) in mutants {
        assert!(workflow.contains(line), "{line}");
        let mutant = workflow.replacen(line, &by, 1);
        assert!(!restored(&mutant).is_empty(), "not found: {by}");
    }
}
