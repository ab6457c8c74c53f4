//! `action.yml` matches the program's own tables of inputs and outputs.

use std::path::Path;

use aerostack_publish::outputs::OUTPUTS;
use aerostack_publish::settings::inputs::INPUTS;
use serde_json::{Map, Value};

/// Inputs that only GitLab uses.
const GITLAB_ONLY: [&str; 2] = ["dotenv", "code-quality"];

fn action() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml");
    serde_saphyr::from_str(&std::fs::read_to_string(path).expect("action.yml")).expect("YAML")
}

fn section<'v>(action: &'v Value, name: &str) -> &'v Map<String, Value> {
    action[name].as_object().expect("a mapping")
}

fn steps(action: &Value) -> &Vec<Value> {
    action["runs"]["steps"].as_array().expect("steps")
}

fn names(section: &Map<String, Value>) -> Vec<&str> {
    section.keys().map(String::as_str).collect()
}

#[test]
fn the_action_has_every_input_with_the_same_default_and_meaning() {
    let action = action();
    let inputs = section(&action, "inputs");
    let ours = || INPUTS.iter().filter(|input| !GITLAB_ONLY.contains(&input.name));
    let expected: Vec<_> = ours().map(|input| input.name).chain(["binary"]).collect();
    assert_eq!(names(inputs), expected);
    for input in ours() {
        let given = &inputs[input.name];
        let default = input.default.map_or(String::new(), |default| format!(" [default: {default}]"));
        assert_eq!(given["description"], format!("{}{default}", input.meaning), "{}", input.name);
        assert!(given.get("default").is_none(), "{}: a default would count as given", input.name);
        assert!(given["required"].is_null(), "{}: a variable of the job can set it", input.name);
    }
}

#[test]
fn the_action_passes_every_input_to_the_program_as_it_is() {
    let action = action();
    let step = &steps(&action)[1];
    let script = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("action/publish.sh"))
        .expect("action/publish.sh");
    let passed = script.lines().find_map(|line| line.strip_prefix("for input in ")).expect("the loop");
    let passed: Vec<_> = passed.trim_end_matches("; do").split(' ').collect();

    let inputs = INPUTS.iter().filter(|input| !GITLAB_ONLY.contains(&input.name));
    let mut expected = Map::new();
    expected.insert("BINARY".to_owned(), "${{ steps.install.outputs.binary }}".into());
    expected.insert("BASH_ENV".to_owned(), "".into());
    let mut variables = Vec::new();
    for input in inputs {
        let name = input.name;
        let variable = name.to_uppercase().replace('-', "_");
        let value = format!("${{{{ inputs.{name} }}}}");
        expected.insert(format!("WITH_{variable}"), value.into());
        variables.push(variable);
    }
    assert_eq!(step["env"], Value::Object(expected));
    assert_eq!(passed, variables);
}

#[test]
fn the_action_has_every_output_with_the_same_meaning() {
    let action = action();
    let outputs = section(&action, "outputs");
    assert_eq!(names(outputs), OUTPUTS.iter().map(|output| output.name).collect::<Vec<_>>());
    for output in &OUTPUTS {
        let given = &outputs[output.name];
        assert_eq!(given["description"], output.meaning, "{}", output.name);
        // Two outputs have a fallback for when the program did not run.
        let fallback = match output.name {
            "published" => " || 'false'",
            "status" => " || (steps.publish.outcome == 'skipped' && 'failed') || 'unconfirmed'",
            _ => "",
        };
        let value = format!("${{{{ steps.publish.outputs.{}{fallback} }}}}", output.name);
        assert_eq!(given["value"], value, "{}", output.name);
    }
}

#[test]
fn no_script_of_the_action_contains_an_expression() {
    let action = action();
    let steps = steps(&action);
    assert_eq!(steps.len(), 2);
    for step in steps {
        let script = step["run"].as_str().expect("a script");
        assert!(!script.contains("${{"), "{script}");
        assert!(step["shell"].is_string(), "{script}");
    }
}

#[test]
fn only_the_step_that_publishes_gets_the_key() {
    let action = action();
    let with_key = |step: &&Value| step.to_string().contains("inputs.api-key");
    let steps: Vec<_> = steps(&action).iter().filter(with_key).map(|step| &step["id"]).collect();
    assert_eq!(steps, ["publish"]);
}
