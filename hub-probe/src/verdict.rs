//! Whether the client handles a response: what its own code reads in it, in words that repeat nothing of the response.

use aerostack_publish::probing::{self, List, Read, Receipt, Received, Record, Refused, Sent};

use crate::exchange::Ask;
use crate::recording::Draft;

/// How a verdict starts that shows a gap in the client.
pub(crate) const NOT_HANDLED: &str = "NOT handled: ";

/// What the client makes of a response. The same for a response and its recording.
pub(crate) fn of(ask: Ask, received: &Received, draft: Option<&Draft>) -> String {
    let verdict = match ask {
        // Its response is asked for to get to know the key.
        Ask::Validate => return "not used by the client".to_owned(),
        Ask::List
        | Ask::ListLimit
        | Ask::ListPage2
        | Ask::WrongKey
        | Ask::DraftList
        | Ask::DraftAgainList => of_read(received.status, probing::list(received), of_list),
        Ask::AbsentFunction
        | Ask::AbsentId
        | Ask::ById
        | Ask::Public
        | Ask::PublicWithoutKey
        | Ask::Install
        | Ask::DraftById
        | Ask::DraftPublic
        | Ask::DraftInstall => {
            of_read(received.status, probing::record(received), |record| of_record(&record))
        }
        Ask::Draft | Ask::DraftAgain => of_receipt(received, draft),
    };
    match verdict {
        Ok(reading) => format!("handled: read as {reading}"),
        Err(gap) => format!("{NOT_HANDLED}{gap}"),
    }
}

/// What the client reads, or what it lacks.
type Verdict = Result<String, String>;

fn of_read<T>(status: u16, read: Read<T>, of_shown: impl FnOnce(T) -> Verdict) -> Verdict {
    match read {
        Read::Shown(shown) => of_shown(shown),
        Read::UnknownFormat => Err("a success in an unknown format".to_owned()),
        Read::RateLimited(wait) => Ok(rate_limit(wait.is_some())),
        Read::MayPass => Ok("a failure that may pass; the client asks again".to_owned()),
        Read::Refused(_) if (200..400).contains(&status) => Err(format!("status {status} for a read")),
        Read::Refused(_) if status == 404 => Ok("absent".to_owned()),
        Read::Refused(refused) => Ok(refusal(&refused)),
    }
}

fn of_list(list: List) -> Verdict {
    let List { records, is_empty } = list;
    if is_empty {
        return Ok("the list of an account without functions".to_owned());
    }
    let all = records.len();
    let count = |has: fn(&Record) -> bool| records.iter().filter(|record| has(record)).count();
    let (slugs, versions) = (count(|r| r.slug.is_some()), count(|r| r.version.is_some()));
    if slugs < all {
        return Err(format!("{} of {all} entries of the list have no slug that it reads", all - slugs));
    }
    let (statuses, authors) = (count(|r| r.status.is_some()), count(|r| r.author.is_some()));
    let (ids, codes) = (count(|r| r.id.is_some()), count(|r| r.has_code));
    let listed = count(|r| r.versions.is_some());
    Ok(format!(
        "a list of {all}: {versions} with a version, {statuses} with a status, {authors} with an author, {ids} with an ID, \
         {codes} with code, {listed} with all versions"
    ))
}

fn of_record(record: &Record) -> Verdict {
    if record.version.is_none() {
        return Err("a function without a version that it reads".to_owned());
    }
    let status = match record.status.as_deref() {
        Some("published") => "published",
        Some("draft") => "a draft",
        Some("pending_review") => "in review",
        Some(_) => "of another status",
        None => "of no status",
    };
    let code = if record.has_code { "code" } else { "no code" };
    let versions = record.versions.map(|all| format!(", {all} published versions")).unwrap_or_default();
    Ok(format!("a function with a version, {status}, with {code}{versions}"))
}

fn of_receipt(received: &Received, draft: Option<&Draft>) -> Verdict {
    let Some(draft) = draft else { return Err("a recording without its draft".to_owned()) };
    let Draft { slug, version, author } = draft.clone();
    match probing::receipt(received, &Sent { slug, version, author })? {
        Receipt::Confirmed => Ok("a saved draft".to_owned()),
        Receipt::Accepted => {
            Ok("a success that does not confirm the draft; the client reads it back".to_owned())
        }
        Receipt::Refused(refused) => Ok(refusal(&refused)),
        Receipt::Unclear(Refused { .. }) => Err("an error that it does not know".to_owned()),
        Receipt::RateLimited(wait) => Ok(rate_limit(wait.is_some())),
        Receipt::Failed(true) => Ok("a response that proves nothing; the client reads it back".to_owned()),
        Receipt::Failed(false) => Ok("a failure that may pass; the client sends it again".to_owned()),
    }
}

fn rate_limit(has_time: bool) -> String {
    let time =
        if has_time { "for as long as it says" } else { "with increasing delays, because it names no time" };
    format!("a rate limit; the client waits {time}")
}

fn refusal(refused: &Refused) -> String {
    match refused.code {
        Some(code) => format!("the refusal `{code}`"),
        None => "a refusal without a documented code; the status decides".to_owned(),
    }
}
