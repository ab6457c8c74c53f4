//! The functions of this run: those in the directories that the inputs name, and of them those that the tag names.

use std::collections::HashMap;

use semver::Version;

use crate::finding::{Code, Finding};
use crate::function::code::parser::Parser;
use crate::function::directories;
use crate::function::manifest::fields::Manifest;
use crate::parallel;
use crate::publication::Publication;
use crate::release::plan::Plan;
use crate::release::tag::{Identity, Pick, check};
use crate::settings::Settings;
use crate::settings::ci::Trigger;

/// Loads every function that the inputs name. Findings of no single function are returned beside them.
pub(crate) fn load(settings: &Settings, plan: Plan, parser: &Parser) -> (Vec<Publication>, Vec<Finding>) {
    let (directories, mut findings) =
        directories::find(&settings.directories, &settings.working_directory, &settings.ci.workspace);
    let all = parallel::map(&directories, |directory| Publication::load(directory, settings, plan, parser));
    let mut publications = pick_by_tag(all, settings, &mut findings);
    refuse_duplicates(&mut publications);
    (publications, findings)
}

/// Skips the functions that the tag does not name. A manifest that can't be read may be the one it names.
fn pick_by_tag(all: Vec<Publication>, settings: &Settings, findings: &mut Vec<Finding>) -> Vec<Publication> {
    let functions = || all.iter().filter(|publication| publication.is_function());
    let identity = |publication| {
        let manifest = Publication::manifest(publication);
        let (name, version) =
            (manifest.and_then(|it| it.text("name")), manifest.and_then(|it| it.version.as_ref()));
        Identity { name, version, directory: publication.directory() }
    };
    let identities: Vec<_> = functions().map(identity).collect();
    let (picks, objection) = check(settings.tag_check, &settings.ci.trigger, &identities);
    if let Some(finding) = objection {
        let only = functions().next().filter(|_| functions().count() == 1).and_then(Publication::manifest);
        findings.push(match only {
            Some(manifest) => finding.at(manifest.location("version")),
            None => finding,
        });
    }
    let picked = |(mut publication, pick): (Publication, Pick)| match pick {
        Pick::Picked => publication,
        Pick::Mismatch(tagged) => {
            if let (Some(manifest), Trigger::Tag(tag)) = (publication.manifest(), &settings.ci.trigger) {
                let mismatch = mismatch(tag, &tagged, manifest);
                publication.report(mismatch);
            }
            publication
        }
        Pick::Skipped => publication.skipped(settings),
    };
    let mut picks = picks.into_iter();
    let next = |publication: Publication| {
        let pick = if publication.is_function() { picks.next() } else { None };
        picked((publication, pick.unwrap_or(Pick::Picked)))
    };
    all.into_iter().map(next).collect()
}

fn mismatch(tag: &str, tagged: &Version, manifest: &Manifest) -> Finding {
    let version = manifest.version.as_ref().map(ToString::to_string).unwrap_or_default();
    let name = manifest.text("name").unwrap_or_default();
    let message =
        format!("the tag `{tag}` is for version {tagged} of `{name}`, but its `version` is {version}");
    Finding::new(Code::TagMismatch, message).at(manifest.location("version"))
}

/// Two directories with one slug would overwrite each other on the Hub.
fn refuse_duplicates(publications: &mut [Publication]) {
    let mut first: HashMap<String, String> = HashMap::new();
    for publication in publications.iter_mut().filter(|publication| publication.is_picked()) {
        let slug = publication
            .manifest()
            .and_then(|manifest| Some((manifest.slug.clone()?, manifest.location("name"))));
        let Some((slug, location)) = slug else { continue };
        if let Some(other) = first.get(slug.as_str()) {
            let message = format!("`{slug}` is also the slug of `{other}`");
            publication.report(Finding::new(Code::DuplicateFunction, message).at(location));
        } else {
            first.insert(slug.to_string(), publication.directory().to_owned());
        }
    }
}
