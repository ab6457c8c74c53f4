//! What a path that does not exist probably meant.

use crate::text;

/// Most names in a directory among which a near one is looked for.
pub(super) const MAX_NAMES: usize = 1_000;

/// The nearest path, part by part: a name may differ by its case, a slip, or an extension. `names_in` lists a directory.
/// `None` where there is nothing near, or just this path.
pub(super) fn nearest_path(path: &str, names_in: impl Fn(&str) -> Vec<String>) -> Option<String> {
    let mut found: Vec<String> = Vec::new();
    let parts = || path.split('/').filter(|part| !matches!(*part, "" | "."));
    for part in parts() {
        let name = if part == ".." { part.to_owned() } else { nearest(part, &names_in(&found.join("/")))? };
        found.push(name);
    }
    (!parts().eq(found.iter().map(String::as_str))).then(|| found.join("/"))
}

/// The nearest name, the same one if it is there.
fn nearest(name: &str, names: &[String]) -> Option<String> {
    let is_same_text = |other: &&String| other.to_lowercase() == name.to_lowercase();
    let is_same_stem = |other: &&String| stem(other).to_lowercase() == stem(name).to_lowercase();
    if names.len() > MAX_NAMES {
        return None;
    }
    let mut sorted: Vec<_> = names.iter().collect();
    sorted.sort();
    let exact = sorted.iter().find(|other| **other == name).copied();
    let found = exact
        .or_else(|| sorted.iter().find(|other| is_same_text(other)).copied())
        .or_else(|| sorted.iter().find(|other| is_same_stem(other)).copied());
    let similar = || text::did_you_mean(name, sorted.iter().map(|other| other.as_str())).map(str::to_owned);
    found.cloned().or_else(similar)
}

/// A name without its last extension.
fn stem(name: &str) -> &str {
    name.rsplit_once('.').map(|(stem, _)| stem).filter(|stem| !stem.is_empty()).unwrap_or(name)
}

/// The hint that names what was meant.
pub(super) fn did_you_mean_path(given: &str, meant: &str) -> String {
    let plain = |path: &str| path.trim_start_matches("./").to_lowercase();
    let note = if plain(given) == plain(meant) { " names are case-sensitive on Linux" } else { "" };
    format!("did you mean `{meant}`?{note}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_path_differs_by_case_extension_or_a_slip() {
        let names_in = |directory: &str| -> Vec<String> {
            let names: &[&str] = match directory {
                "" => &["index.ts", "src", "README.md", "noextension"],
                "src" => &["main.ts", "Core.ts", "core.ts", "deep"],
                "src/deep" => &["a.mts"],
                _ => &[],
            };
            names.iter().map(|name| (*name).to_owned()).collect()
        };
        for (path, meant) in [
            ("Index.ts", Some("index.ts")),
            ("INDEX.TS", Some("index.ts")),
            ("index.js", Some("index.ts")),
            ("index", Some("index.ts")),
            ("Index.mjs", Some("index.ts")),
            ("index2.ts", Some("index.ts")),
            ("./src/Main.ts", Some("src/main.ts")),
            ("Src/main.ts", Some("src/main.ts")),
            ("scr/mian.js", Some("src/main.ts")),
            ("src/CORE.ts", Some("src/Core.ts")),
            ("src/Deep/A.ts", Some("src/deep/a.mts")),
            ("noextension.ts", Some("noextension")),
            ("index.ts", None),
            ("./index.ts", None),
            ("other.ts", None),
            ("src/main.ts/x", None),
            ("", None),
        ] {
            assert_eq!(nearest_path(path, names_in).as_deref(), meant, "{path}");
        }
    }

    #[test]
    fn a_name_in_another_case_is_explained() {
        let hint = "did you mean `index.ts`? names are case-sensitive on Linux";
        assert_eq!(did_you_mean_path("./Index.ts", "index.ts"), hint);
        assert_eq!(did_you_mean_path("index.js", "index.ts"), "did you mean `index.ts`?");
    }
}
