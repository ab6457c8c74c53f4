//! What is asked without writing anything.

use aerostack_publish::probing::{self, Read, Received, Record};

use crate::arguments::Options;
use crate::connection::{Hub, Key, Part, Request};
use crate::exchange::Ask;

/// A name that no function and no user has.
pub(crate) const ABSENT: &str = "hub-probe-absent";

/// What is known of the account after its list was read.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// The functions of its list; `None` if that can't be read.
    pub(crate) records: Option<Vec<Record>>,
    /// Its list as it was received.
    pub(crate) list: Option<Received>,
    pub(crate) author: Option<String>,
}

/// Asks everything that can be asked without writing.
pub(crate) async fn ask_all(hub: &mut Hub, options: &Options) -> Account {
    let validate = ["api", "v1", "cli", "validate"].map(Part::Word).to_vec();
    // The body that the Go CLI sends: none that says anything.
    let body = Some(b"{}".to_vec());
    let mut request = Request { path: validate, body, ..Request::get(Ask::Validate, []) };
    let is_there = hub.ask(request.clone()).await.is_some();
    let account = account(hub, options).await;
    if !is_there && account.list.is_none() {
        return account;
    }
    for (ask, query) in [(Ask::ListLimit, "page=1&limit=1"), (Ask::ListPage2, "page=2")] {
        request = Request { query: Some(query), ..list(ask) };
        hub.ask(request).await;
    }
    look_at_one(hub, options, &account).await;
    let user = account.author.clone().map_or(Part::Absent(ABSENT), Part::User);
    hub.ask(Request::get(Ask::AbsentFunction, [user, Part::Absent(ABSENT)])).await;
    hub.ask(Request::get(Ask::AbsentId, [Part::Absent(ABSENT)])).await;
    if options.wrong_key {
        hub.ask(Request { key: Key::Wrong, ..list(Ask::WrongKey) }).await;
    }
    account
}

/// The request for the account's list.
pub(crate) fn list(ask: Ask) -> Request {
    Request::get(ask, [Part::Word("my")])
}

async fn account(hub: &mut Hub, options: &Options) -> Account {
    let list = hub.ask(list(Ask::List)).await;
    let records = list.as_ref().and_then(records);
    let listed = records.iter().flatten().find_map(|record| record.author.clone());
    Account { author: options.username.clone().or(listed), records, list }
}

/// The functions of a list, as far as the client reads it.
pub(crate) fn records(received: &Received) -> Option<Vec<Record>> {
    match probing::list(received) {
        Read::Shown(list) => Some(list.records),
        Read::UnknownFormat | Read::RateLimited(_) | Read::MayPass | Read::Refused(_) => None,
    }
}

/// Looks at one function in every way.
async fn look_at_one(hub: &mut Hub, options: &Options, account: &Account) {
    let records = || account.records.iter().flatten();
    let is_public = |record: &&Record| record.status.as_deref().is_none_or(|status| status == "published");
    let record = match &options.function {
        Some(slug) => records().find(|record| record.slug.as_ref() == Some(slug)),
        None => records().find(is_public).or(records().next()),
    };
    if let Some(id) = record.and_then(|record| record.id.clone()) {
        hub.ask(Request::get(Ask::ById, [Part::Id(id)])).await;
    }
    let slug = options.function.clone().or_else(|| record?.slug.clone());
    let author = record.and_then(|record| record.author.clone()).or_else(|| account.author.clone());
    if let (Some(author), Some(slug)) = (author, slug) {
        let path = [Part::User(author), Part::Function(slug)];
        hub.ask(Request::get(Ask::Public, path.clone())).await;
        hub.ask(Request { key: Key::None, ..Request::get(Ask::PublicWithoutKey, path.clone()) }).await;
        hub.ask(Request::get(Ask::Install, path.into_iter().chain([Part::Word("install")]))).await;
    }
}
