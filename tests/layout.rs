//! The layout of the source: rooms in one order, imports that run down only, no circles, no large file.
//!
//! The order of the rooms is the table "Layout" of `docs/architecture.md`. Imports are read as text, without those of tests.
#![expect(clippy::expect_used, clippy::panic, reason = "a failing helper fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Most lines of code in one file, without comments, blank lines and tests: what can be read in one sitting.
const MAX_LINES: usize = 300;

/// The crates, by their folders of source.
const CRATES: [&str; 3] = ["src", "hub-probe/src", "stand-in-hub/src"];

/// Every file of a crate by its module path, `hub::client`, with its code.
type Modules = BTreeMap<String, String>;

fn modules(source: &str) -> Modules {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(source);
    let mut modules = Modules::new();
    let mut waiting = vec![root.clone()];
    while let Some(directory) = waiting.pop() {
        for entry in directory.read_dir().expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("UTF-8");
                let name = module_name(path.strip_prefix(&root).expect("inside"));
                if name.rsplit("::").next() != Some("tests") {
                    modules.insert(name, code_of(&text));
                }
            }
        }
    }
    assert!(modules.len() > 10, "{source} has only {} files", modules.len());
    modules
}

/// `hub/client.rs` → `hub::client`, `hub/mod.rs` → `hub`.
fn module_name(path: &Path) -> String {
    let path: PathBuf = if path.ends_with("mod.rs") {
        path.parent().map(Path::to_owned).unwrap_or_default()
    } else {
        path.with_extension("")
    };
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    parts.join("::")
}

/// The text without tests, comments and blank lines.
fn code_of(text: &str) -> String {
    let end = ["#[cfg(test)]\nmod tests {", "#[cfg(test)]\npub(crate) mod tests {"]
        .iter()
        .find_map(|start| text.find(start));
    let text = end.and_then(|end| text.get(..end)).unwrap_or(text);
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The modules of the same crate that a module names, by every path in its code that starts with `crate`, `super` or `self`.
fn imports(module: &str, code: &str, modules: &Modules) -> BTreeSet<String> {
    let is_parent = |other: &str| modules.keys().any(|name| name.starts_with(&format!("{other}::")));
    let mut found = BTreeSet::new();
    for path in paths(code) {
        let (start, rest) = path.split_once("::").expect("a path has two parts");
        let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
        let base = match start {
            "crate" => "",
            // In a module with children, `self` is where they are.
            "self" => module,
            _ => parent,
        };
        let mut target = base.to_owned();
        for part in rest.split("::") {
            let next = if target.is_empty() { part.to_owned() } else { format!("{target}::{part}") };
            if !modules.contains_key(&next) && !is_parent(&next) {
                break;
            }
            target = next;
        }
        assert!(!target.is_empty(), "`{module}` imports `{path}` of the crate's root");
        if target != module {
            found.insert(target);
        }
    }
    found
}

/// Every path in the code, with the lists in braces written out: `super::a::B`.
fn paths(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for start in ["crate::", "super::", "self::"] {
        for (at, _) in code.match_indices(start) {
            let is_whole =
                !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '$');
            if is_whole {
                expand(&code[at..], "", &mut found);
            }
        }
    }
    found
}

fn expand(text: &str, before: &str, found: &mut Vec<String>) {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(text.len());
    let (path, rest) = text.split_at(end);
    let path = format!("{before}{path}");
    let Some(list) = rest.strip_prefix('{').filter(|_| path.ends_with("::")) else {
        found.push(path);
        return;
    };
    let (mut depth, mut item) = (0, String::new());
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 {
            expand(item.trim(), &path, found);
            item.clear();
        } else {
            item.push(c);
        }
    }
    if !item.trim().is_empty() {
        expand(item.trim(), &path, found);
    }
}

/// A row of the table "Layout" in `docs/architecture.md`.
struct Room {
    /// The module paths in its first column.
    modules: Vec<String>,
    text: String,
}

/// The rooms from the top down.
fn rooms() -> Vec<Room> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md");
    let text = std::fs::read_to_string(page).expect("the page");
    let layout = text.split("\n## Layout\n").nth(1).expect("the section").split("\nOutside `src`").next();
    let rows = layout.expect("the table").lines().filter(|line| line.starts_with("| `src/"));
    let room = |row: &str| {
        let cell = row.split('|').nth(1).expect("a cell");
        let paths = cell.split('`').filter_map(|part| part.strip_prefix("src/"));
        let module = |path: &str| path.trim_end_matches(".rs").trim_end_matches('/').replace('/', "::");
        Room { modules: paths.map(module).collect(), text: row.to_owned() }
    };
    rows.map(room).collect()
}

/// The position of a module's room; the room of the longest name counts, so that `function::code` is not `function`.
fn room_of(module: &str, rooms: &[Room]) -> usize {
    let is_in = |room: &str| module == room || module.starts_with(&format!("{room}::"));
    let named = |(at, room): (usize, &Room)| {
        room.modules.iter().map(move |name| (at, name.clone())).collect::<Vec<_>>()
    };
    let room = rooms
        .iter()
        .enumerate()
        .flat_map(named)
        .filter(|(_, room)| is_in(room))
        .max_by_key(|(_, room)| room.len());
    room.unwrap_or_else(|| panic!("`{module}` is in no row of the table \"Layout\" in docs/architecture.md"))
        .0
}

#[test]
fn the_architecture_page_names_every_file_in_its_room() {
    let rooms = rooms();
    let is_named = |module: &str| {
        let room = rooms.get(room_of(module, &rooms)).expect("a room");
        let file = module.rsplit("::").next().unwrap_or_default();
        room.modules.iter().any(|name| name == module) || room.text.contains(&format!("`{file}`"))
    };
    let modules = modules("src");
    let missing: Vec<_> = modules.keys().filter(|module| !is_named(module)).collect();
    assert!(missing.is_empty(), "not named in docs/architecture.md: {missing:?}");
}

#[test]
fn imports_run_down_the_rooms_only() {
    let (rooms, modules) = (rooms(), modules("src"));
    let mut wrong = Vec::new();
    for (module, code) in &modules {
        for target in imports(module, code, &modules) {
            // A room's own file declares and joins its parts.
            let is_own_part = target.starts_with(&format!("{module}::"));
            if !is_own_part && room_of(&target, &rooms) < room_of(module, &rooms) {
                wrong.push(format!("{module} → {target}"));
            }
        }
    }
    assert!(wrong.is_empty(), "imports that run up: {wrong:#?}");
}

#[test]
fn no_file_imports_its_parent() {
    for source in CRATES {
        let modules = modules(source);
        let mut wrong = Vec::new();
        for (module, code) in &modules {
            let parents = module.rsplit_once("::").map(|(parent, _)| parent.to_owned());
            let imports = imports(module, code, &modules);
            wrong.extend(
                parents
                    .filter(|parent| imports.contains(parent))
                    .map(|parent| format!("{module} → {parent}")),
            );
        }
        assert!(wrong.is_empty(), "children that import their parents: {wrong:#?}");
    }
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    for source in CRATES {
        let modules = modules(source);
        let imports_of =
            |(module, code): (&String, &String)| (module.clone(), imports(module, code, &modules));
        let mut left: BTreeMap<_, _> = modules.iter().map(imports_of).collect();
        // A file that imports nothing that is left, or that nothing left imports, is in no circle.
        loop {
            let imported: BTreeSet<_> = left.values().flatten().cloned().collect();
            let before = left.len();
            let names: BTreeSet<_> = left.keys().cloned().collect();
            left.retain(|module, targets| {
                targets.retain(|target| names.contains(target));
                !targets.is_empty() && imported.contains(module)
            });
            if left.len() == before {
                break;
            }
        }
        assert!(left.is_empty(), "files in circles, and what they import: {left:#?}");
    }
}

#[test]
fn every_file_can_be_read_in_one_sitting() {
    for source in CRATES {
        let modules = modules(source);
        let lines = modules.iter().map(|(module, code)| (code.lines().count(), module));
        let long: Vec<_> = lines.filter(|(lines, _)| *lines > MAX_LINES).collect();
        assert!(long.is_empty(), "over {MAX_LINES} lines of code: {long:?}");
    }
}

#[test]
fn paths_are_read_out_of_code() {
    let code = "use crate::a::{B, c::{self, D}};\nlet x = super::e::f();\nuse $crate::z::Z;\npub(crate) use self::g::H;";
    let expected = ["crate::a::B", "crate::a::c::self", "crate::a::c::D", "super::e::f", "self::g::H"];
    assert_eq!(paths(code), expected);
}
