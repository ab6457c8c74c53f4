//! Entry points for `cargo fuzz`: the ways on which untrusted bytes enter the program.

pub use crate::function::fuzzing::{entrypoint, manifest};

use crate::function::fuzzing::published;
use crate::hub::refusal::Refusal;
use crate::hub::response::{FunctionList, FunctionRecord, Receipt};
use crate::release::comparison::compare;
use crate::release::history::History;
use crate::release::public_api::{PublicApi, advice, breaking};

/// An answer of the Hub, read as every answer that is asked for, and judged as far as it was understood. The first two
/// bytes are its status, the rest its body.
pub fn answers(bytes: &[u8]) {
    let Some((status, body)) = bytes.split_first_chunk() else { return };
    let status = u16::from_be_bytes(*status);
    let function = published();
    let mut records: Vec<_> = FunctionRecord::of_answer(body).into_iter().collect();
    if let Some(listing) = FunctionList::of_answer(body) {
        let _ = listing.find(&function.slug);
        records.extend(listing.records);
    }
    match Receipt::of_answer(status, body) {
        Receipt::Accepted(record) => records.push(*record),
        Receipt::Refused(refusal) => drop(refusal.finding(&function)),
        Receipt::Unreadable => {}
    }
    let _ = Refusal::of_answer(status, body).finding(&function);
    for record in records {
        let _ = compare(&function, &record.content);
        let changes =
            PublicApi::of_content(&record.content, &function).changes_to(&PublicApi::of_function(&function));
        let history = record.published_versions().map(History::Known);
        if let Some(newest) = history.as_ref().and_then(History::newest) {
            let _ = advice(newest, &changes);
            let _ = breaking(&function.manifest, &function.version, newest, &changes);
        }
        let _ = record.clone().completed_by(record).tells_something();
    }
}
