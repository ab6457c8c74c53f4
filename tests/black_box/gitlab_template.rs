//! The GitLab template has the binary's inputs, and every example uses the current version.

use crate::support::{files_below, root, variable};
use aerostack_publish::settings::inputs::INPUTS;

const TEMPLATE: &str = include_str!("../../.gitlab-ci-template.yml");

/// Reports that every pipeline writes, with their default names in the template.
const REPORT_FILES: [(&str, &str); 4] = [
    ("report", "aerostack-report.json"),
    ("summary", "aerostack-summary.md"),
    ("dotenv", "aerostack.env"),
    ("code-quality", "gl-code-quality-report.json"),
];

/// The lines of one input, without its name.
fn lines_of(name: &str) -> Vec<&'static str> {
    let mut lines = TEMPLATE.lines().skip_while(|line| *line != format!("    {name}:"));
    assert!(lines.next().is_some(), "`{name}` is not an input of the template");
    lines.take_while(|line| line.starts_with("      ")).map(str::trim).collect()
}

#[test]
fn the_template_has_every_input_except_the_key_with_its_default_and_description() {
    for input in INPUTS.iter().filter(|input| input.name != "api-key") {
        let lines = lines_of(input.name);
        let description = format!("description: {}", serde_json::json!(input.meaning));
        assert!(lines.contains(&description.as_str()), "{}: {lines:?}", input.name);
        let named = REPORT_FILES.iter().find(|(name, _)| *name == input.name).map(|(_, value)| *value);
        let default = named.or(input.default).unwrap_or_default();
        let is_typed = lines.iter().any(|line| line.starts_with("type: "));
        let default = if is_typed { default.to_owned() } else { serde_json::json!(default).to_string() };
        assert!(lines.contains(&format!("default: {default}").as_str()), "{}: {lines:?}", input.name);
        let variable = variable(input.name);
        let line = format!("    {variable}: \"$[[ inputs.{} ]]\"", input.name);
        assert_eq!(TEMPLATE.lines().any(|other| other == line), input.name != "api-url", "{line}");
    }
}

/// By GitLab's precedence, variables of a pipeline or a project override those of a job.
#[test]
fn every_call_of_the_program_names_the_hub_itself() {
    let calls: Vec<_> = TEMPLATE.lines().filter(|line| line.ends_with(" aerostack-publish")).collect();
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert!(
        calls.iter().all(|line| line.contains("AEROSTACK_API_URL='$[[ inputs.api-url ]]' ")),
        "{calls:?}"
    );
}

/// A tag of an image can be moved. The digest is known once the image is built: `scripts/release` writes it to the
/// template of the release, with the version in a comment.
#[test]
fn the_image_is_named_by_its_digest_or_by_the_version_that_is_not_released_yet() {
    let lines = lines_of("image");
    let default = lines.iter().find_map(|line| line.strip_prefix("default: ")).expect("a default");
    let image = default.strip_prefix("\"ghcr.io/aerostackdev/aerostack-publish").expect("our image");
    let version = env!("CARGO_PKG_VERSION");
    if image != format!(":{version}\"") {
        let digest =
            image.strip_prefix("@sha256:").and_then(|rest| rest.strip_suffix(&format!("\" # {version}")));
        let is_digest = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(digest.is_some_and(is_digest), "{default}");
    }
}

#[test]
fn the_key_is_not_an_input() {
    assert!(!TEMPLATE.contains("inputs.api-key") && !TEMPLATE.contains("    api-key:"));
}

#[test]
fn the_component_and_the_template_are_identical() {
    assert_eq!(include_str!("../../templates/publish.yml"), TEMPLATE);
}

#[test]
fn the_template_sets_no_global_keywords() {
    let (_, jobs) = TEMPLATE.split_once("\n---\n").expect("two documents");
    let keys: Vec<_> = jobs.lines().filter(|line| line.starts_with(|c: char| !c.is_whitespace())).collect();
    let job = |suffix| format!("\"$[[ inputs.job-prefix ]]{suffix}\":");
    assert_eq!(keys, ["\".$[[ inputs.job-prefix ]]\":".to_owned(), job("-validate"), job("-publish")]);
}

#[test]
fn every_example_uses_the_current_version() {
    let image = format!("ghcr.io/aerostackdev/aerostack-publish:{}", env!("CARGO_PKG_VERSION"));
    let mut named = 0;
    for folder in ["examples", "templates"] {
        for path in files_below(&root().join(folder), |_| true) {
            let text = std::fs::read_to_string(&path).expect("a text");
            for (at, found) in text.match_indices("ghcr.io/aerostackdev/aerostack-publish:") {
                let rest = text.get(at..).unwrap_or_default();
                let is_current = rest
                    .strip_prefix(&image)
                    .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '.'));
                assert!(is_current, "{}: {found}", path.display());
                named += 1;
            }
            let address = "githubusercontent.com/aerostackdev/aerostack-publish/v";
            for (_, rest) in
                text.match_indices(address).filter_map(|(at, _)| text.get(at..)?.split_once("/v"))
            {
                assert!(rest.starts_with(&format!("{}/", env!("CARGO_PKG_VERSION"))), "{}", path.display());
                named += 1;
            }
        }
    }
    assert!(named > 10, "{named}");
}
