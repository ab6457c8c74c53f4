//! Entry points for `cargo fuzz`: the ways on which untrusted bytes enter the program.

pub use crate::function::fuzzing::{directories, entrypoint, manifest, parser};

use crate::function::fuzzing::published;
use crate::hub::http::Response;
use crate::hub::receipt::{PublishResponse, Sent};
use crate::hub::refusal::Refusal;
use crate::hub::response::{FunctionList, FunctionRecord};
use crate::release::comparison::compare;
use crate::release::history::History;
use crate::release::plan::Target;
use crate::release::public_api::{PublicApi, advice, breaking};

/// An answer of the Hub, read as every answer that is asked for, and judged as far as it was understood. The first two
/// bytes are its status, the rest its body.
pub fn responses(bytes: &[u8]) {
    let Some((status, body)) = bytes.split_first_chunk() else { return };
    let status = u16::from_be_bytes(*status);
    let response = Response { status, body: body.to_vec(), ..Response::default() };
    let function = published();
    let mut records: Vec<_> = FunctionRecord::parse(body).into_iter().collect();
    if let Some(list) = FunctionList::parse(body) {
        records.extend(list.records);
    }
    match PublishResponse::of(&response, &Sent::of(&function, Target::Live, None)) {
        PublishResponse::Confirmed(record)
        | PublishResponse::InReview(record)
        | PublishResponse::Accepted(record) => records.push(*record),
        PublishResponse::Refused(refusal)
        | PublishResponse::Conflict(refusal)
        | PublishResponse::Unclear(refusal) => drop(refusal.finding(&function)),
        PublishResponse::Blocked(_) | PublishResponse::Busy(_) | PublishResponse::Failed(_) => {}
    }
    let _ = Refusal::of(&response).finding(&function);
    for record in records {
        let _ = compare(&function, &record.content);
        let changes =
            PublicApi::of_content(&record.content, &function).changes_to(&PublicApi::of_function(&function));
        let history = record.published_versions().map(History::Known);
        if let Some(newest) = history.as_ref().and_then(History::newest) {
            let _ = advice(newest, &changes);
            let _ = breaking(&function, newest, &changes);
        }
        let _ = record.clone().updated_with(record).is_in_review();
    }
}
