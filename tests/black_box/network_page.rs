//! The hosts in the documentation are those that the program, the action's installer and the templates name.

use std::collections::BTreeSet;

use aerostack_publish::settings::inputs::INPUTS;

use crate::documentation::{document, section, table};

/// Hosts that are named by no file of this project: those that others redirect to, and the registry's own.
const NOT_NAMED: [(&str, &str); 4] = [
    // GitHub documentation, "About self-hosted runners", "Communication between self-hosted runners and GitHub".
    ("github.com", "release-assets.githubusercontent.com"),
    ("ghcr.io", "pkg-containers.githubusercontent.com"),
    // The Cargo Book, "Registry Index": `crates.io-index` is served as the sparse index, and its crates by the other host.
    ("crates.io-index", "index.crates.io"),
    ("crates.io-index", "static.crates.io"),
];

/// The hosts of the addresses in a text that are not comments of a shell script.
fn addresses(text: &str) -> BTreeSet<String> {
    let host = |rest: &str| {
        rest.split(|c: char| !(c.is_ascii_alphanumeric() || ".-".contains(c))).next().unwrap().to_owned()
    };
    text.split("https://").skip(1).map(host).filter(|host| host.contains('.')).collect()
}

#[test]
fn the_table_of_hosts_has_every_host_and_no_other() {
    let page = document("docs/network.md");
    let rows = table(section(&page, "Hosts"));
    let named = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let hosts: Vec<_> = rows.iter().flat_map(|row| named(row[0])).filter(|name| name != "api-url").collect();
    let documented: BTreeSet<_> = hosts.iter().cloned().collect();
    assert_eq!(documented.len(), hosts.len(), "a host has two rows");

    let api_url =
        INPUTS.iter().find(|input| input.name == "api-url").and_then(|input| input.default).unwrap();
    let mut sources = addresses(api_url);
    sources.extend(addresses(&document("action/install.sh")));
    for template in ["templates/publish.yml", ".gitlab-ci-template.yml"] {
        let template = document(template);
        sources.extend(addresses(&template));
        let images = template.lines().filter_map(|line| line.trim().strip_prefix("default: \"ghcr.io/"));
        sources.extend(images.map(|_| "ghcr.io".to_owned()));
    }
    let registries: BTreeSet<_> = document("Cargo.lock")
        .lines()
        .filter_map(|line| line.strip_prefix("source = "))
        .map(str::to_owned)
        .collect();
    let crates_io = "\"registry+https://github.com/rust-lang/crates.io-index\"";
    assert_eq!(registries, BTreeSet::from([crates_io.to_owned()]));
    for (from, host) in NOT_NAMED {
        assert!(sources.contains(from) || crates_io.contains(from), "{host} is not contacted");
        sources.insert(host.to_owned());
    }
    assert_eq!(documented, sources);
}
