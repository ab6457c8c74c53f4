//! Publishes Aerostack functions to the Hub from CI.
//!
//! The flow, for every function directory: load, validate, compare with what is published, publish or not, report.
//! All functions are validated and compared before the first one is published; if any has an error, nothing is sent.

mod codes;
pub mod finding;
pub mod function;
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod help;
mod hub;
mod publication;
mod release;
pub mod report;
mod secret;
pub mod settings;
mod source;
mod text;

use std::io::Write;
use std::process::ExitCode;

use futures_util::StreamExt as _;
use tokio::time::Instant;

use crate::finding::{Code, Finding};
use crate::hub::client::{Account, Hub};
use crate::hub::deadline::Deadline;
use crate::publication::{Publication, pick_by_tag, refuse_duplicates};
use crate::release::plan::Plan;
use crate::report::{Log, Report, Status, check_sinks};
use crate::secret::Secrets;
use crate::settings::ci::Ci;
use crate::settings::env::Env;
use crate::settings::inputs::{Inputs, KeyInput};

/// Most functions that are talked of with the Hub at once: enough to hide the network's latency, and polite.
const AT_ONCE: usize = 16;

/// One whole run: reads the environment's inputs, does the work, reports to every place the environment names.
pub fn run(env: &Env, out: &mut dyn Write) -> ExitCode {
    let platform = Ci::of(env);
    let secrets = Inputs::secrets(env);
    let mut log = Log::start(out, &platform, env, &secrets);
    let (inputs, mut findings) = Inputs::read(env);
    let (plan, against) = Plan::of(&inputs, &platform);
    findings.extend(against);
    findings.extend(check_sinks(&inputs, env));

    let (mut publications, missing) = read_functions(&inputs, env, &platform, &secrets);
    findings.extend(missing);
    // Where there is no function at all, that is what to mend first.
    let has_manifest = publications.iter().any(|publication| publication.loaded.manifest.is_some());
    if matches!(inputs.api_key, KeyInput::Missing) && !plan.dry_run && has_manifest {
        findings.push(Finding::new(Code::MissingKey, "there is no `api-key`, and publishing needs one"));
    }
    let mut findings: Vec<_> = findings.into_iter().map(|finding| finding.strictly(inputs.strict)).collect();

    if is_clean(&findings, &publications) {
        match Hub::new(&inputs, env) {
            Ok(hub) => findings.extend(converse(&hub, &mut publications, plan, &inputs, &mut log)),
            Err(cause) => {
                let finding = Finding::new(Code::InvalidInput, cause.to_string());
                findings.push(finding.with_hint("correct what this machine is told to trust"));
            }
        }
    }
    // What was found in the files must not appear either, however another finding came by it.
    let secrets = secrets.and(publications.iter().flat_map(Publication::secrets));
    let report = Report { findings, functions: publications.into_iter().map(final_report).collect() };
    ExitCode::from(report.emit(&mut log, &inputs, &platform, &secrets))
}

/// Every function that the inputs name, read and judged, and reduced to those that the tag names.
fn read_functions(
    inputs: &Inputs,
    env: &Env,
    platform: &Ci,
    secrets: &Secrets,
) -> (Vec<Publication>, Vec<Finding>) {
    let (directories, mut findings) =
        function::directories::find(&inputs.directories, env.working_directory());
    let mut publications: Vec<_> =
        directories.iter().map(|directory| Publication::read(directory, platform, inputs, secrets)).collect();
    findings.extend(pick_by_tag(&mut publications, inputs, platform));
    refuse_duplicates(&mut publications);
    for finding in publications.iter_mut().flat_map(|publication| &mut publication.report.findings) {
        *finding = finding.clone().strictly(inputs.strict);
    }
    (publications, findings)
}

fn is_clean(findings: &[Finding], publications: &[Publication]) -> bool {
    !findings.iter().any(Finding::is_error)
        && !publications.iter().any(|publication| publication.report.has_errors())
}

/// The conversation with the Hub, about all functions side by side: first every comparison, then every publish.
fn converse(
    hub: &Hub,
    publications: &mut [Publication],
    plan: Plan,
    inputs: &Inputs,
    log: &mut Log<'_>,
) -> Vec<Finding> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(cause) => {
            let message = format!("this machine gives no resources to talk with the Hub ({cause})");
            return vec![Finding::new(Code::HubUnreachable, message)];
        }
    };
    runtime.block_on(async {
        // One request alone first: it leaves the one connection that HTTP/2 shares among all that follow.
        let started = Instant::now();
        let account = hub.account(Deadline::after(inputs.timeout.div_f64(2.0))).await;
        for publication in publications.iter_mut() {
            publication.spend(started);
        }
        if let (Account::Unreadable { reason, key_refused: true }, true) = (&account, plan.dry_run) {
            // A run that sends would hear it from the publish itself.
            return vec![Finding::new(
                Code::Unauthorized,
                format!("the Hub does not take the key: {reason}"),
            )];
        }
        let all = futures_util::stream::iter(publications.iter_mut());
        all.for_each_concurrent(AT_ONCE, |publication| {
            publication.compare(hub, &account, plan, inputs.strict)
        })
        .await;
        if is_clean(&[], publications) {
            settle_all(hub, publications, plan, inputs, log).await;
        }
        Vec::new()
    })
}

async fn settle_all(
    hub: &Hub,
    publications: &mut [Publication],
    plan: Plan,
    inputs: &Inputs,
    log: &mut Log<'_>,
) {
    let has_key = inputs.api_key.usable().is_some();
    let all = publications.len();
    let settle = |publication| async move {
        let publication: &mut Publication = publication;
        publication.settle(hub, plan, has_key).await;
        publication
    };
    let mut settling =
        futures_util::stream::iter(publications.iter_mut()).map(settle).buffer_unordered(AT_ONCE);
    let mut done = 0;
    while let Some(publication) = settling.next().await {
        done += 1;
        log.progress(done, all, &publication.report);
    }
}

/// A function's report; if it has errors and never came to anything, they are what it came to.
fn final_report(publication: Publication) -> report::FunctionReport {
    let mut report = publication.report;
    let mut errors = report.findings.iter().filter(|finding| finding.is_error()).peekable();
    if report.status == Status::Skipped && errors.peek().is_some() {
        let is_unconfirmed = errors.all(|finding| finding.code == Code::Unconfirmed);
        report.status = if is_unconfirmed { Status::Unconfirmed } else { Status::Failed };
    }
    report
}
