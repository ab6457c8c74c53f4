//! What each cell promises, and the table of it in the documentation.

use std::fmt;

use super::faults::{Kind, Row};
use super::{Call, SITUATIONS, Situation, Times};
use crate::support::{Run, text};

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// `published`, or `unchanged` where it was live before.
    Success,
    Unconfirmed,
    /// `failed`, with this exit code.
    Failed(i32),
    /// Anything else: never promised.
    Other,
}

impl Outcome {
    pub fn of(run: &Run) -> Self {
        match (text(&run.report["status"]), run.exit_code) {
            ("published" | "unchanged", 0) => Self::Success,
            ("unconfirmed", 4) => Self::Unconfirmed,
            ("failed", code) => Self::Failed(code),
            _ => Self::Other,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success => f.write_str("success"),
            Self::Unconfirmed => f.write_str("`unconfirmed`"),
            Self::Failed(code) => write!(f, "`failed` ({code})"),
            Self::Other => f.write_str("other"),
        }
    }
}

/// The outcomes of which one is promised.
#[expect(clippy::match_same_arms, reason = "one arm for each reason")]
pub fn promise(row: &Row, call: Call, times: Times, situation: Situation) -> Vec<Outcome> {
    use Outcome::{Failed, Success, Unconfirmed};
    let always = times == Times::Always;
    let was_live = situation == Situation::Unchanged;
    match (call, row.kind) {
        (_, Kind::NoConnection(code)) => vec![Failed(code)],
        // It is there, and is found.
        (Call::WrittenPublish, _) => vec![Success],
        (Call::Publish, Kind::Refusal(code)) => vec![Failed(code)],
        (Call::Publish, Kind::Later | Kind::RateLimit) if always => vec![Failed(4)],
        // It may have been carried out, and what the Hub shows does not prove that it was not.
        (Call::Publish, Kind::Foreign) => vec![Unconfirmed],
        (Call::Publish, Kind::Failure | Kind::Hang | Kind::Unreadable) if always => vec![Unconfirmed],
        (Call::Publish, _) => vec![Success],
        (Call::ReadBack, _) if always => vec![Unconfirmed],
        (Call::ReadBack, _) => vec![Success],
        // The whole run waits for the rate limit, and may have no time left.
        (_, Kind::RateLimit) if always && was_live => vec![Success, Unconfirmed, Failed(4)],
        (_, Kind::RateLimit) if always => vec![Success, Failed(4)],
        // The Hub refuses the version, and what it has can't be compared.
        (Call::List, _) if always && was_live => vec![Unconfirmed],
        (Call::Install, _) if always && was_live => vec![Unconfirmed],
        // Only failures are asked again.
        (Call::Install, Kind::Unreadable | Kind::Foreign | Kind::Refusal(_)) if was_live => vec![Unconfirmed],
        (Call::ById | Call::Public, Kind::Hang) if always && was_live => vec![Success, Unconfirmed],
        (Call::List | Call::ById | Call::Public | Call::Install, _) => vec![Success],
    }
}

/// The outcomes of a call over all situations, once or always.
fn words(row: &Row, call: Call, times: Times) -> String {
    let made = SITUATIONS.into_iter().filter(|situation| call.is_made(*situation));
    let mut outcomes: Vec<Outcome> = Vec::new();
    for outcome in made.flat_map(|situation| promise(row, call, times, situation)) {
        if !outcomes.contains(&outcome) {
            outcomes.push(outcome);
        }
    }
    outcomes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

/// The table of promises as Markdown.
pub fn table(rows: &[Row]) -> String {
    let mut lines = vec![
        "| fault | list | by ID | public address | install | publish, not carried out | publish, carried out | read back |"
            .to_owned(),
        "|---|---|---|---|---|---|---|---|".to_owned(),
    ];
    for row in rows {
        let cells = Call::ALL.map(|call| {
            if !row.calls().any(|one| one == call) {
                return if matches!(row.kind, Kind::NoConnection(_)) {
                    words(row, Call::List, Times::Always)
                } else {
                    "–".to_owned()
                };
            }
            let [once, always] = [Times::Once, Times::Always].map(|times| words(row, call, times));
            if once == always { once } else { format!("once: {once}; always: {always}") }
        });
        lines.push(format!("| {} | {} |", row.name, cells.join(" | ")));
    }
    lines.join("\n")
}
