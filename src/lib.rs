//! Publishes Aerostack functions to the Hub from CI.
//!
//! The flow, for every function directory: load, check, compare with what is published, publish or not, report.
//! All functions are checked and compared before the first one is published; if any has an error, nothing is sent.

mod codes;
pub mod finding;
pub mod function;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod help;
mod hub;
mod outcome;
pub mod outputs;
#[cfg(feature = "probe")]
pub mod probing;
mod publication;
mod release;
mod report;
mod secret;
mod selection;
pub mod settings;
mod source;
mod text;

use std::io::Write;
use std::process::ExitCode;

use futures_util::{FutureExt as _, StreamExt as _};
use tokio::runtime::{Builder, Runtime};

use crate::finding::{Code, Finding, Findings, Severity};
use crate::hub::client::{Hub, ReadError};
use crate::hub::pace::MAX_CONCURRENT;
use crate::outcome::{FunctionOutcome, RunOutcome};
use crate::publication::Publication;
use crate::release::plan::Plan;
use crate::report::log::Log;
use crate::secret::Secrets;
use crate::settings::Settings;
use crate::settings::env::Env;
use crate::settings::key::KeyInput;

/// One whole run: reads the environment, does the work, and reports to every place the environment names.
pub fn run(env: &Env, out: &mut dyn Write) -> ExitCode {
    let (settings, invalid_inputs) = Settings::read(env);
    let mut log = report::start(out, &settings);
    let mut findings = Findings::new(settings.strict);
    findings.extend(invalid_inputs);
    let (plan, objections) = Plan::of(&settings);
    findings.extend(objections);
    findings.extend(report::check_files(&settings));
    let mut publications = selection::load(&settings, &mut findings);
    findings.extend(missing_key(&settings, plan, &publications));
    // A secret that was found in a file must not appear in any other finding either.
    let secrets = settings.secrets.and(publications.iter().flat_map(Publication::secrets));
    let mut connection = None;
    if !has_errors(&findings, &publications) {
        match connect(&settings) {
            Ok((hub, runtime)) => {
                let compare = compare_all(&hub, &settings, plan, &mut publications);
                findings.extend(runtime.block_on(compare));
                connection = Some((hub, runtime));
            }
            Err(finding) => findings.push(finding),
        }
    }
    let functions = match connection {
        Some((hub, runtime)) if !has_errors(&findings, &publications) => {
            runtime.block_on(publish_all(&hub, plan, &secrets, publications, &mut log))
        }
        _ => publications.into_iter().map(|publication| publication.into_outcome(&secrets)).collect(),
    };
    let outcome = RunOutcome::new(findings.into_vec(), functions, &secrets);
    ExitCode::from(report::report(log, outcome, &settings, &secrets))
}

/// Where there is no function at all, that is what to fix first. A dry run needs no key, but a placeholder shows that one was
/// meant to be there.
fn missing_key(settings: &Settings, plan: Plan, publications: &[Publication]) -> Option<Finding> {
    let has_function = publications.iter().any(|publication| publication.manifest().is_some());
    let finding = match &settings.api_key {
        KeyInput::Missing if !plan.dry_run => {
            Finding::new(Code::MissingKey, "there is no `api-key`, and publishing needs one")
        }
        KeyInput::Placeholder(reason) => Finding::new(Code::MissingKey, reason.clone())
            .with_hint("check that the secret has this name and that this job has access to it")
            .with_severity(if plan.dry_run { Severity::Notice } else { Severity::Error }),
        KeyInput::Missing | KeyInput::Unusable | KeyInput::Usable(_) => return None,
    };
    has_function.then_some(finding)
}

/// Whether nothing may be sent.
fn has_errors(findings: &Findings, publications: &[Publication]) -> bool {
    findings.has_errors() || publications.iter().any(Publication::has_errors)
}

/// The Hub's client, and what it runs on.
fn connect(settings: &Settings) -> Result<(Hub, Runtime), Finding> {
    let hub = Hub::new(settings).map_err(|error| {
        Finding::new(Code::InvalidInput, text::with_causes(&error)).with_hint(error.fix())
    })?;
    let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| {
        let message = format!("this machine has no resources left to connect to the Hub ({error})");
        Finding::new(Code::HubUnreachable, message)
    })?;
    Ok((hub, runtime))
}

/// Compares every function with what is published; a key that the Hub rejects is a finding of the run.
async fn compare_all(
    hub: &Hub,
    settings: &Settings,
    plan: Plan,
    publications: &mut [Publication],
) -> Option<Finding> {
    // One request alone first: it leaves the one connection that HTTP/2 shares among all that follow.
    let deadline = hub.deadline(settings.timeout);
    let account = hub.account(&deadline).await;
    for publication in publications.iter_mut() {
        publication.limit_time(deadline.left());
    }
    if let Some(meant) = hub.meant_address(&account) {
        let message = format!("`api-url` is `{}`, and there is no Hub at this address", settings.api_url);
        let hint = format!("did you mean `{}`?", meant.as_str().trim_end_matches('/'));
        return Some(Finding::new(Code::InvalidInput, message).with_hint(hint));
    }
    if let Some(obstacle) = hub.obstacle(&account) {
        return Some(obstacle.finding(""));
    }
    // A run that sends hears it from the publish itself.
    if let Err(ReadError::Refused(refusal)) = &account
        && refusal.code == Some(Code::Unauthorized)
        && plan.dry_run
    {
        let message = format!("the Hub rejected the API key: {}", refusal.reason());
        return Some(Finding::new(Code::Unauthorized, message));
    }
    let others = (0..publications.len()).rev();
    let all = futures_util::stream::iter(publications.iter_mut().zip(others));
    let compare = all.for_each_concurrent(MAX_CONCURRENT, |(publication, others)| {
        let has_moved = move |()| {
            if others > 0 {
                hub.moved();
            }
        };
        publication.compare(hub, &account, plan).map(has_moved)
    });
    compare.await;
    hub.obstacle(&account).map(|obstacle| obstacle.finding(""))
}

async fn publish_all(
    hub: &Hub,
    plan: Plan,
    secrets: &Secrets,
    publications: Vec<Publication>,
    log: &mut Log<'_>,
) -> Vec<FunctionOutcome> {
    let total = publications.len();
    let publish = |(index, publication): (usize, Publication)| async move {
        (index, publication.publish(hub, plan, secrets).await)
    };
    let all = futures_util::stream::iter(publications.into_iter().enumerate()).map(publish);
    let mut running = all.buffer_unordered(MAX_CONCURRENT);
    let mut done = Vec::new();
    while let Some((index, outcome)) = running.next().await {
        log.progress(done.len() + 1, total, &outcome);
        done.push((index, outcome));
        hub.moved();
    }
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}
