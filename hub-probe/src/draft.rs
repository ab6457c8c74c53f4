//! Writes one draft, which is never published, and reads it back.

use std::time::Duration;

use aerostack_publish::probing::{self, Read, Received};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::connection::{Hub, Part, Request};
use crate::conversation::{Account, list, records};
use crate::exchange::Ask;

/// The version of the draft.
pub(crate) const VERSION: &str = "0.0.1";

/// By this, a draft of an earlier run is known.
const DESCRIPTION: &str = "Throw-away draft of hub-probe, can be deleted";

/// When the list is read after the draft was sent, each time this much later than before.
const PAUSES: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// The statuses of what is live, or is going live, in lower case.
const NOT_A_DRAFT: [&str; 7] =
    ["published", "live", "approved", "active", "pending_review", "in_review", "pending"];

/// Why writing ended early.
pub(crate) enum Stop {
    /// The name may be in use; nothing was written.
    InUse(String),
    /// The Hub says that what was sent as a draft is live or in review; nothing more was sent.
    MayBeLive,
}

/// The documented body of a publish, with `publish` always `false`.
fn body(name: &str) -> Value {
    json!({
        "name": name, "version": VERSION, "description": DESCRIPTION, "category": "utility",
        "language": "typescript", "runtime": "cloudflare-worker", "license": "MIT", "entrypoint": "index.ts",
        "code": "export const hello = () => \"hello\";\n", "publish": false,
    })
}

/// Writes the draft and reads it back, unless a function of this name may be somebody's work. Stops where the Hub
/// published it.
pub(crate) async fn write(hub: &mut Hub, name: &str, existing: bool, account: &Account) -> Result<(), Stop> {
    if !existing {
        check_unused(hub, name, account).await.map_err(Stop::InUse)?;
    }
    let body = body(name).to_string().into_bytes();
    let publish =
        |ask| Request { body: Some(body.clone()), ..Request::get(ask, ["ci", "publish"].map(Part::Word)) };
    hub.draft_sent = Some(Instant::now());
    let receipt = hub.ask(publish(Ask::Draft)).await;
    if receipt.as_ref().is_some_and(may_be_live) {
        return Err(Stop::MayBeLive);
    }
    let mut listed = None;
    for pause in PAUSES {
        sleep(pause).await;
        let records = hub.ask(list(Ask::DraftList)).await.as_ref().and_then(records);
        let Some(records) = records else { break };
        let is_draft = |record: &&probing::Record| {
            record.slug.as_deref() == Some(name) && record.version.as_deref() == Some(VERSION)
        };
        listed = records.iter().find(is_draft).cloned();
        if listed.is_some() {
            break;
        }
    }
    // With `--existing`, this version may have been live before.
    let is_live = |record: &probing::Record| record.status.as_deref().is_some_and(is_no_draft);
    if !existing && listed.as_ref().is_some_and(is_live) {
        return Err(Stop::MayBeLive);
    }
    let receipt_again = hub.ask(publish(Ask::DraftAgain)).await;
    if receipt_again.as_ref().is_some_and(may_be_live) {
        return Err(Stop::MayBeLive);
    }
    hub.ask(list(Ask::DraftAgainList)).await;
    let of_receipt = receipt.as_ref().map(probing::record);
    let of_receipt =
        of_receipt.and_then(|read| if let Read::Shown(record) = read { Some(record) } else { None });
    let id = listed.as_ref().and_then(|record| record.id.clone());
    if let Some(id) = id.or_else(|| of_receipt.as_ref()?.id.clone()) {
        hub.ask(Request::get(Ask::DraftById, [Part::Id(id)])).await;
    }
    let author = account.author.clone().or_else(|| listed?.author);
    if let Some(author) = author.or_else(|| of_receipt?.author) {
        let path = [Part::User(author), Part::Function(name.to_owned())];
        hub.ask(Request::get(Ask::DraftPublic, path.clone())).await;
        hub.ask(Request::get(Ask::DraftInstall, path.into_iter().chain([Part::Word("install")]))).await;
    }
    Ok(())
}

/// Refuses a name under which the account has something else than a draft of an earlier run.
async fn check_unused(hub: &mut Hub, name: &str, account: &Account) -> Result<(), String> {
    let (Some(records), Some(list)) = (&account.records, &account.list) else {
        return Err("the list of your functions cannot be read, so the name may be in use".to_owned());
    };
    let bare = |record: &probing::Record| {
        record.slug.as_deref().map(|slug| slug.rsplit('/').next().unwrap_or(slug).to_owned())
    };
    if records.iter().any(|record| bare(record).is_none()) {
        return Err(format!(
            "an entry of your list has no readable name, so `{name}` may be in use; `--existing` allows it"
        ));
    }
    let is_listed = records.iter().any(|record| bare(record).as_deref() == Some(name));
    if is_listed && !is_earlier_draft(list, name) {
        return Err(format!("you have a function `{name}` already: choose another name"));
    }
    let Some(author) = &account.author else {
        return Err(format!(
            "your user name is not known, so `{name}` may be published; name it with `--username`, or allow it with `--existing`"
        ));
    };
    let path = [Part::User(author.clone()), Part::Function(name.to_owned())];
    match hub.ask(Request::get(Ask::DraftPublic, path)).await {
        Some(Received { status: 404, .. }) => Ok(()),
        Some(Received { status: 200, .. }) => Err(format!("`{name}` is published: choose another name")),
        _ => Err(format!("whether `{name}` is published cannot be read")),
    }
}

fn is_no_draft(status: &str) -> bool {
    NOT_A_DRAFT.contains(&status.trim().to_lowercase().replace(['-', ' '], "_").as_str())
}

/// Whether the response to the draft says, anywhere, that something is live or in review.
fn may_be_live(receipt: &Received) -> bool {
    fn says_so(value: &Value) -> bool {
        match value {
            Value::Array(entries) => entries.iter().any(says_so),
            Value::Object(fields) => fields.iter().any(|(name, value)| match value {
                Value::String(text) => {
                    matches!(name.to_lowercase().as_str(), "status" | "state" | "decision")
                        && is_no_draft(text)
                }
                Value::Bool(is_so) => *is_so && matches!(name.to_lowercase().as_str(), "published" | "live"),
                Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => says_so(value),
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        }
    }
    (200..300).contains(&receipt.status)
        && serde_json::from_slice(&receipt.body).is_ok_and(|body| says_so(&body))
}

/// Whether the list has the draft of an earlier run under this name.
fn is_earlier_draft(list: &Received, name: &str) -> bool {
    fn holds(value: &Value, name: &str) -> bool {
        match value {
            Value::Array(entries) => entries.iter().any(|entry| holds(entry, name)),
            Value::Object(fields) => {
                let is = |field: &str, text: &str| fields.get(field).and_then(Value::as_str) == Some(text);
                (is("name", name) && is("description", DESCRIPTION) && is("version", VERSION))
                    || fields.values().any(|value| holds(value, name))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        }
    }
    serde_json::from_slice(&list.body).is_ok_and(|list| holds(&list, name))
}
