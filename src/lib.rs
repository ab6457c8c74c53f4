//! Publishes Aerostack functions to the Hub from CI.
//!
//! The flow, for every function directory: load, check, compare with what is published, publish or not, report.
//! All functions are checked and compared before the first one is published; if any has an error, nothing is sent.

mod approval;
pub mod arguments;
pub mod cancellation;
mod codes;
mod decoded;
mod echo;
mod ending;
mod exchange;
pub mod finding;
pub mod function;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod help;
mod hub;
mod json_size;
mod outcome;
pub mod outputs;
mod parallel;
mod plain_file;
#[cfg(feature = "probe")]
pub mod probing;
mod publication;
mod published;
mod release;
mod report;
mod secret;
mod selection;
pub mod settings;
mod shared_findings;
mod source;
mod status;
pub mod stdout;
mod text;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

pub use crate::function::code::parser::Parser;
pub use crate::function::code::protocol::ARGUMENT as PARSER_ARGUMENT;
pub use crate::function::code::worker::serve as parse_for_parent_process;

use crate::approval::Approval;
use crate::cancellation::{Cancellation, Signal};
use crate::exchange::Exchange;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::outcome::RunOutcome;
use crate::publication::Publication;
use crate::release::plan::Plan;
use crate::report::{OwnFiles, Reports};
use crate::settings::Settings;
use crate::settings::ci::{Ci, System, Trigger};
use crate::settings::env::Env;
use crate::settings::key::KeyInput;

/// One whole run: reads the environment, does the work, and reports to every place the environment names.
pub fn run(env: &Env, cancellation: &Cancellation, parser: &Parser, out: &mut dyn Write) -> ExitCode {
    let (settings, invalid_inputs) = Settings::read(env);
    let settings = Arc::new(settings);
    let mut log = report::start(out, &settings);
    let mut findings = Findings::new(settings.strict);
    findings.extend(invalid_inputs);
    let (plan, objections) = Plan::of(&settings);
    findings.extend(objections);
    let approval = read_approval(&settings).unwrap_or_else(|finding| {
        findings.push(finding);
        None
    });
    let loaded = load(&settings, plan, cancellation, parser);
    parser.rest();
    let mut cancelled = loaded.as_ref().err().copied();
    let own_files = own_files(loaded.as_ref().ok().map(|(publications, _)| publications), &settings);
    let (reports, unwritable) = Reports::prepare(&settings, own_files);
    if loaded.is_ok() {
        findings.extend(unwritable);
    }
    let (mut publications, problems) =
        loaded.unwrap_or_else(|signal| (Vec::new(), vec![nothing_loaded(signal)]));
    findings.extend(problems);
    findings.extend(missing_key(&settings, plan, &publications));
    // A secret that was found in a file must not appear in any other finding either.
    let secrets = settings.secrets.and(publications.iter().flat_map(Publication::secrets));
    let mut exchange = None;
    if !has_errors(&findings, &publications) {
        match Exchange::new(&settings, plan, cancellation) {
            Ok(started) => {
                let compared = started.compare(&settings, &mut publications);
                parser.rest();
                cancelled = compared.as_ref().err().copied();
                findings.extend(compared.ok().flatten());
                if let (Some(approval), None, false) = (&approval, cancelled, findings.has_errors()) {
                    findings.extend(compare_with(approval, &mut publications));
                }
                exchange = Some(started);
            }
            Err(finding) => findings.push(finding),
        }
    }
    let functions = match exchange {
        Some(exchange) if !has_errors(&findings, &publications) => {
            let (functions, signal) = exchange.publish(publications, &secrets, &mut log);
            cancelled = signal;
            functions
        }
        _ => publications.into_iter().map(|publication| publication.into_outcome(&secrets)).collect(),
    };
    let outcome = RunOutcome::new(findings.into_vec(), functions, cancelled, &secrets);
    ExitCode::from(report::report(log, outcome, &settings, reports, &secrets))
}

fn read_approval(settings: &Settings) -> Result<Option<Approval>, Finding> {
    let read = |path: &PathBuf| Approval::read(path, &settings.working_directory);
    settings.plan.as_ref().map(read).transpose()
}

/// Compares the functions of this run with what was approved. What is missing is no finding of any function.
fn compare_with(approval: &Approval, publications: &mut [Publication]) -> Vec<Finding> {
    let picked = publications.iter_mut().filter(|publication| publication.is_picked());
    let compare = |publication: &mut Publication| {
        let now = publication.planned();
        publication.compare_with_approval(approval, &now);
        now
    };
    approval.other_objections(&picked.map(compare).collect::<Vec<_>>())
}

/// Loads every function, on a thread that a signal leaves behind: reading a large function can't be interrupted.
fn load(
    settings: &Arc<Settings>,
    plan: Plan,
    cancellation: &Cancellation,
    parser: &Parser,
) -> Result<(Vec<Publication>, Vec<Finding>), Signal> {
    let (settings, parser) = (settings.clone(), parser.clone());
    let load = move || selection::load(&settings, plan, &parser);
    cancellation.unless_cancelled_on_thread(load.clone()).unwrap_or_else(|| Ok(load()))
}

/// The files that no report may replace. Before the functions are loaded, that may be any file in the workspace.
fn own_files(publications: Option<&Vec<Publication>>, settings: &Settings) -> OwnFiles {
    let Some(publications) = publications else {
        return OwnFiles { known: Vec::new(), directories: vec![settings.ci.workspace.clone()] };
    };
    let broken = publications.iter().filter(|publication| publication.has_errors());
    OwnFiles {
        known: publications.iter().flat_map(Publication::own_files).collect(),
        directories: broken.map(|publication| publication.path().to_owned()).collect(),
    }
}

fn nothing_loaded(signal: Signal) -> Finding {
    let message = format!("the run was cancelled ({}) before anything was sent", signal.name());
    Finding::new(Code::Cancelled, message)
}

/// Where there is no function at all, that is what to fix first. A dry run needs no key, but a placeholder shows that one was
/// meant to be there.
fn missing_key(settings: &Settings, plan: Plan, publications: &[Publication]) -> Option<Finding> {
    let has_function = publications.iter().any(|publication| publication.manifest().is_some());
    let message = match &settings.api_key {
        KeyInput::Missing if !plan.dry_run => "there is no `api-key`, and publishing needs one",
        KeyInput::Placeholder(reason) => reason.as_str(),
        KeyInput::Missing | KeyInput::Unusable | KeyInput::Usable(_) => return None,
    };
    let severity = if plan.dry_run { Severity::Notice } else { Severity::Error };
    let hint = format!("{}{}", Code::MissingKey.fix(), why_no_secret(&settings.ci));
    has_function.then(|| Finding::new(Code::MissingKey, message).with_hint(hint).with_severity(severity))
}

/// Why a job may have no access to a secret that is there, with what to do; empty if nothing is known of it.
fn why_no_secret(ci: &Ci) -> &'static str {
    match (ci.system, &ci.trigger) {
        (_, Trigger::PullRequest) => {
            ". Runs for pull and merge requests from forks have no secrets: do a dry run there (`publish: auto`)"
        }
        (System::GitLab, Trigger::Tag(_)) if !ci.is_protected => {
            ". This tag is not protected, and a protected variable is only available on protected tags: protect it \
             (Settings > Repository > Protected tags)"
        }
        (System::GitLab, Trigger::Branch(_)) if !ci.is_protected => {
            ". This branch is not protected, and a protected variable is only available on protected branches: publish \
             from a protected one (Settings > Repository > Protected branches)"
        }
        (System::GitLab, _) => {
            ". A variable with an environment scope is only available to jobs of that environment"
        }
        (System::GitHub, _) => {
            ". The secret of an environment is only available to a job that names it (`environment:`)"
        }
        (System::Azure | System::Plain, _) => "",
    }
}

/// Whether nothing may be sent.
fn has_errors(findings: &Findings, publications: &[Publication]) -> bool {
    findings.has_errors() || publications.iter().any(Publication::has_errors)
}
