//! What comes in from outside is what `deny.toml` allows, on every platform and with every feature.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

#[test]
fn every_dependency_has_an_allowed_license_and_source_and_none_is_banned() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let policy = std::fs::read_to_string(root.join("deny.toml")).unwrap();
    let policy: toml::Table = policy.parse().unwrap();
    let allowed: Vec<_> =
        policy["licenses"]["allow"].as_array().unwrap().iter().filter_map(toml::Value::as_str).collect();
    let banned = policy["bans"]["deny"].as_array().unwrap().iter();
    let banned: Vec<_> = banned.filter_map(|ban| ban["crate"].as_str()).collect();
    assert!(!allowed.is_empty() && !banned.is_empty());

    // Of every platform: the first time, cargo fetches the manifests of those that this one does not need.
    let arguments = ["metadata", "--locked", "--format-version", "1", "--all-features"];
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 2, "{packages:?}");
    for package in packages {
        let name = package["name"].as_str().unwrap();
        assert!(!banned.contains(&name), "`{name}` is banned");
        // The project's own packages have no source.
        if package["source"].is_null() {
            continue;
        }
        assert_eq!(package["source"], "registry+https://github.com/rust-lang/crates.io-index", "`{name}`");
        let license = package["license"].as_str().unwrap_or_else(|| panic!("`{name}` names no license"));
        let license = spdx::Expression::parse_mode(license, spdx::ParseMode::LAX).unwrap();
        let is_allowed = license.evaluate(|requirement| {
            let id = requirement.license.id().map(|id| id.name);
            requirement.addition.is_none() && id.is_some_and(|id| allowed.contains(&id))
        });
        assert!(is_allowed, "`{name}` is licensed under `{license}`");
    }
}
