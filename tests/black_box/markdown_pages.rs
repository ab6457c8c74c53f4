//! Every page of Markdown: its links lead somewhere, its pictures are there, and its code can be parsed.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Anchorizer, Arena, Options, parse_document};

use crate::documentation::document;
use crate::support::{files_below, root};

/// Folders that no page of this project is in.
const OTHERS: [&str; 7] = ["target", ".tools", ".git", "node_modules", "fixtures", "corpus", "artifacts"];

/// The project's own address: links to files there are links to files here.
const REPOSITORY: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");

/// Languages of code.
const LANGUAGES: [&str; 11] =
    ["diff", "gitignore", "http", "json", "rust", "sh", "text", "toml", "ts", "typescript", "yaml"];

/// Whether a path is a page of Markdown.
fn is_page(path: impl AsRef<Path>) -> bool {
    path.as_ref().extension().is_some_and(|extension| extension == "md")
}

/// The paths of all pages, from the root.
fn pages() -> Vec<String> {
    let is_wanted = |folder: &Path| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        !folder.is_symlink() && !OTHERS.contains(&name.as_ref())
    };
    let files = files_below(root(), is_wanted).into_iter().filter(|path| is_page(path));
    let shown = |path: PathBuf| path.strip_prefix(root()).expect("a path inside").display().to_string();
    let mut pages: Vec<_> = files.map(shown).collect();
    pages.sort();
    pages
}

/// What a page refers to, and what it contains.
#[derive(Default)]
struct Page {
    links: Vec<String>,
    anchors: BTreeSet<String>,
    code: Vec<(String, String)>,
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all other nodes are made of these")]
fn text_of<'a>(node: &'a AstNode<'a>) -> String {
    let parts = node.descendants().map(|node| match &node.data.borrow().value {
        NodeValue::Text(text) => text.clone(),
        NodeValue::Code(code) => code.literal.clone(),
        _ => String::new(),
    });
    parts.collect()
}

/// The values of attributes with addresses in HTML.
fn addresses(html: &str) -> Vec<String> {
    let starts = ["src=\"", "srcset=\"", "href=\""];
    let values = starts.iter().flat_map(|start| html.split(start).skip(1));
    values.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all other nodes refer to nothing")]
fn parse(path: &str) -> Page {
    let (arena, mut options) = (Arena::new(), Options::default());
    (options.extension.table, options.extension.autolink, options.extension.alerts) = (true, true, true);
    let text = document(path);
    let (mut page, mut anchorizer) = (Page::default(), Anchorizer::new());
    for node in parse_document(&arena, &text, &options).descendants() {
        match &node.data.borrow().value {
            NodeValue::Link(link) | NodeValue::Image(link) => page.links.push(link.url.clone()),
            NodeValue::HtmlBlock(html) => page.links.extend(addresses(&html.literal)),
            NodeValue::HtmlInline(html) => page.links.extend(addresses(html)),
            NodeValue::Heading(_) => {
                page.anchors.insert(anchorizer.anchorize(&text_of(node)));
            }
            NodeValue::CodeBlock(code) => page.code.push((code.info.clone(), code.literal.clone())),
            _ => {}
        }
    }
    page
}

/// The path from the root that a link leads to from a page, and its anchor. `None` for other sites.
fn target(page: &str, link: &str) -> Option<(PathBuf, Option<String>)> {
    let (path, anchor) = match link.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor.to_owned())),
        None => (link, None),
    };
    if let Some(path) = path.strip_prefix(REPOSITORY) {
        return Some((path.into(), anchor));
    }
    if path.contains("://") || path.starts_with("mailto:") {
        return None;
    }
    if path.is_empty() {
        return Some((page.into(), anchor));
    }
    let mut target = Path::new(page).parent().expect("a folder").to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => assert!(target.pop(), "{page}: {link}"),
            Component::CurDir => {}
            Component::Normal(part) => target.push(part),
            Component::RootDir | Component::Prefix(_) => panic!("{page}: {link}"),
        }
    }
    Some((target, anchor))
}

#[test]
fn every_link_leads_to_a_file_and_to_a_heading_in_it() {
    let (mut checked, mut broken) = (0, Vec::new());
    for path in pages() {
        for link in parse(&path).links {
            let Some((target, anchor)) = target(&path, &link) else { continue };
            checked += 1;
            let is_there = root().join(&target).exists();
            let anchors = if is_there && is_page(&target) {
                parse(&target.display().to_string()).anchors
            } else {
                BTreeSet::new()
            };
            if !is_there || anchor.is_some_and(|anchor| !anchors.contains(&anchor)) {
                broken.push(format!("{path}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(checked > 200, "{checked}");
}

#[test]
fn every_block_of_code_can_be_parsed() {
    let mut checked = BTreeSet::new();
    for path in pages() {
        for (language, code) in parse(&path).code {
            assert!(LANGUAGES.contains(&language.as_str()), "{path}: a block of `{language}`:\n{code}");
            let error = match language.as_str() {
                "yaml" => serde_saphyr::from_str::<serde_json::Value>(&code).err().map(|it| it.to_string()),
                // The examples in that page are run, and some are meant to be wrong.
                "json" if path != "docs/findings.md" => {
                    serde_json::from_str::<serde_json::Value>(&code).err().map(|it| it.to_string())
                }
                "sh" => {
                    let output =
                        Command::new("bash").args(["-n", "-c", &code]).output().expect("Bash starts");
                    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
                }
                _ => continue,
            };
            assert_eq!(error, None, "{path}:\n{code}");
            checked.insert(language);
        }
    }
    assert_eq!(checked.into_iter().collect::<Vec<_>>(), ["json", "sh", "yaml"]);
}

#[test]
fn every_page_and_example_is_found_from_the_readme() {
    let (mut found, mut waiting) = (BTreeSet::new(), vec!["README.md".to_owned()]);
    while let Some(path) = waiting.pop() {
        if !found.insert(path.clone()) || !is_page(&path) {
            continue;
        }
        let targets = parse(&path).links.into_iter().filter_map(|link| target(&path, &link));
        waiting.extend(targets.map(|(target, _)| target.display().to_string()));
    }
    let is_for_readers = |path: &String| path.starts_with("docs/") || !path.contains('/');
    let lost: Vec<_> =
        pages().into_iter().filter(is_for_readers).filter(|path| !found.contains(path)).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn the_index_of_examples_lists_each_once() {
    let links = parse("examples/README.md").links;
    let listed: Vec<_> = links
        .iter()
        .filter_map(|link| Some(target("examples/README.md", link)?.0.display().to_string()))
        .filter(|path| path.starts_with("examples/") && path.split('/').count() > 2)
        .collect();
    let mut unique = listed.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), listed.len(), "an example is listed twice: {listed:?}");
    let mut examples = Vec::new();
    for folder in root().join("examples").read_dir().expect("the examples") {
        let folder = folder.expect("an entry").path();
        // That one is a function.
        if !folder.is_dir() || folder.ends_with("image-resizer") {
            continue;
        }
        let files = folder.read_dir().expect("a folder").map(|file| file.expect("an entry").path());
        let names = files.map(|path| path.strip_prefix(root()).expect("inside").display().to_string());
        examples.extend(names.filter(|name| !is_page(name)));
    }
    examples.sort();
    assert_eq!(unique, examples);
}

#[test]
fn what_was_tested_where_is_on_one_page() {
    for path in pages().iter().filter(|path| *path != "docs/tested-on.md") {
        let text = document(path).to_lowercase();
        assert!(!text.contains("\n## tested on") && !text.contains("not yet tested |"), "{path}");
    }
}

#[test]
fn a_link_that_leads_nowhere_is_noticed() {
    let anchors = parse("docs/findings.md").anchors;
    assert!(anchors.contains("version_conflict") && !anchors.contains("VERSION_CONFLICT"));
    assert_eq!(target("docs/a.md", "../b.md#c"), Some(("b.md".into(), Some("c".to_owned()))));
    assert_eq!(target("docs/a.md", "#c"), Some(("docs/a.md".into(), Some("c".to_owned()))));
    assert_eq!(target("docs/a.md", &format!("{REPOSITORY}docs/b.md")), Some(("docs/b.md".into(), None)));
    assert_eq!(target("docs/a.md", "https://elsewhere.example/b.md"), None);
}
