//! What was approved: the report of an earlier run, which the input `plan` names, compared with what this run would do.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use serde::{Deserialize, Deserializer};
use serde_json::error::Category;

use crate::finding::{Code, Finding};
use crate::outcome::{SCHEMA, SentFile};
use crate::plain_file::{self, ReadError};
use crate::release::decision::Decision;
use crate::release::plan::Target;
use crate::source::BYTE_ORDER_MARK;
use crate::status::Status;
use crate::text;

/// Most bytes of a report that is read. A function takes about a thousand.
const MAX_BYTES: u64 = 16 << 20;

/// Most changed files of a function that are named.
const MAX_NAMED: usize = 5;

/// Longest value of a report that is shown, in characters: a digest is shorter.
const MAX_SHOWN_VALUE: usize = 100;

/// What was approved.
pub(crate) struct Approval {
    /// By [`Planned::key`].
    functions: BTreeMap<String, Planned>,
    /// Why the report approves nothing, if it does not.
    objection: Option<String>,
}

/// What is read of a report.
#[derive(Deserialize)]
struct Report {
    schema: u32,
    exit_code: u8,
    status: String,
    functions: Vec<Planned>,
}

/// What a dry run comes to. A publish, even of drafts, was not made to be approved.
const DRY_RUN: [Status; 3] = [Status::DryRun, Status::Unchanged, Status::Skipped];

/// One function, as the JSON report has it: what a run would do with it, and with what content.
#[derive(Debug, Deserialize)]
pub(crate) struct Planned {
    pub(crate) directory: String,
    #[serde(deserialize_with = "nullable")]
    pub(crate) slug: Option<String>,
    #[serde(deserialize_with = "nullable")]
    pub(crate) version: Option<String>,
    #[serde(deserialize_with = "nullable")]
    pub(crate) previous_version: Option<String>,
    pub(crate) target: Target,
    /// `None` if it was not compared with what is published: it had errors, or a tag left it out.
    #[serde(deserialize_with = "nullable")]
    pub(crate) decision: Option<Decision>,
    #[serde(deserialize_with = "nullable")]
    pub(crate) digest: Option<String>,
    pub(crate) files: Vec<SentFile>,
}

/// A value that may be `null`, but not missing.
fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}

impl Approval {
    /// Reads the report at this path, which may come from a stranger. `root` is what the path is shown without.
    pub(crate) fn read(path: &Path, root: &Path) -> Result<Self, Finding> {
        let report = plain_file::read(path, MAX_BYTES).map_err(|error| match error {
            ReadError::Io(error) => format!("can't be read: {}", text::of_io(&error)),
            other @ (ReadError::IsDirectory | ReadError::NotRegular | ReadError::TooLarge) => {
                format!("can't be read: {other}")
            }
        });
        report.and_then(|report| Self::parse(&report)).map_err(|reason| {
            let path = text::clean_line(&path.strip_prefix(root).unwrap_or(path).display().to_string());
            Finding::new(Code::InvalidInput, format!("input `plan`: `{path}` {reason}"))
                .with_hint("name the JSON report of a dry run (its input `report`), as that run wrote it")
        })
    }

    fn parse(report: &[u8]) -> Result<Self, String> {
        // PowerShell writes it.
        let report = report.strip_prefix(BYTE_ORDER_MARK.as_bytes()).unwrap_or(report);
        let Report { schema, exit_code, status, functions } =
            serde_json::from_slice(report).map_err(|error| {
                // Of what is no report, nothing is shown: it may be any file.
                let problem = match error.classify() {
                    Category::Data => "is no JSON report of this program",
                    Category::Io | Category::Syntax | Category::Eof => "is not valid JSON",
                };
                format!("{problem} (line {}, column {})", error.line(), error.column())
            })?;
        if schema != SCHEMA {
            return Err(format!("has the schema {schema}, and this version reads schema {SCHEMA}"));
        }
        let is_of_dry_run = DRY_RUN.iter().any(|known| known.row().word == status);
        let objection = match (exit_code, is_of_dry_run) {
            (0, true) => None,
            (0, false) => Some(format!("a run with the status {}, not of a dry run", shown(&status))),
            (exit_code, _) => Some(format!("a run that failed (exit code {exit_code})")),
        };
        let mut approved = BTreeMap::new();
        for planned in functions.into_iter().filter(|planned| planned.decision.is_some()) {
            let key = planned.key().to_owned();
            if approved.insert(key.clone(), planned).is_some() {
                return Err(format!("has the function {} twice", shown(&key)));
            }
        }
        Ok(Self { functions: approved, objection })
    }

    /// The finding for a function that differs from what was approved.
    pub(crate) fn objection(&self, now: &Planned) -> Option<Finding> {
        let key = now.key();
        let Some(approved) = self.functions.get(key) else {
            let message = format!("{} is not part of what was approved", shown(key));
            return Some(Finding::new(Code::PlanChanged, message));
        };
        let differences = approved.differences(now).join("; ");
        let message = format!("{} is not what was approved: {differences}", shown(key));
        (!differences.is_empty())
            .then(|| Finding::new(Code::PlanChanged, message).with_optional_hint(approved.hint(now)))
    }

    /// The findings for what was approved and is none of these functions, and for a report that approves nothing.
    pub(crate) fn other_objections(&self, now: &[Planned]) -> Vec<Finding> {
        let now: HashSet<_> = now.iter().map(Planned::key).collect();
        let missing = self.functions.keys().filter(|key| !now.contains(key.as_str()));
        let missing = missing.map(|key| format!("{} was approved, and is not part of this run", shown(key)));
        let of_run = self.objection.iter().map(|reason| format!("`plan` is the report of {reason}"));
        of_run.chain(missing).map(|message| Finding::new(Code::PlanChanged, message)).collect()
    }
}

impl Planned {
    /// The function's address on the Hub; without one, where it is.
    fn key(&self) -> &str {
        self.slug.as_deref().unwrap_or(&self.directory)
    }

    /// What to do about a difference that another dry run would not end.
    fn hint(&self, now: &Self) -> Option<String> {
        let was_sent = (self.decision, now.decision) == (Some(Decision::Send), Some(Decision::Unchanged));
        if was_sent && (&self.version, &self.digest) == (&now.version, &now.digest) {
            return Some("it was published since: for this version, nothing is left to do".to_owned());
        }
        let inputs = if self.target != now.target {
            "`publish`"
        } else if self.decision != now.decision
            && self.digest == now.digest
            && self.previous_version == now.previous_version
        {
            "`on-existing`, `strategy` and `allow-create`"
        } else if self.decision == now.decision
            && self.previous_version.is_none()
            && now.previous_version.is_some()
        {
            "`api-key` or `username`, without which a dry run knows no previous version,"
        } else {
            return None;
        };
        Some(format!("set {inputs} in the dry run as here; then {}", Code::PlanChanged.fix()))
    }

    /// What is another now, in words.
    fn differences(&self, now: &Self) -> Vec<String> {
        let shown = |value: Option<&str>| value.map_or("none".to_owned(), shown);
        let pairs = self.values().into_iter().zip(now.values()).filter(|(approved, now)| approved != now);
        let differences = pairs
            .map(|((name, approved), (_, now))| format!("{name} was {}, is {}", shown(approved), shown(now)));
        differences.chain(self.changed_files(now)).collect()
    }

    /// What is compared, by the name that people read.
    fn values(&self) -> [(&'static str, Option<&str>); 5] {
        [
            ("version", self.version.as_deref()),
            ("previous version", self.previous_version.as_deref()),
            ("target", Some(self.target.word())),
            ("decision", self.decision.map(Decision::word)),
            ("digest", self.digest.as_deref()),
        ]
    }

    /// The files that are others now, in words, as far as the report lists them.
    fn changed_files(&self, now: &Self) -> Option<String> {
        let (approved, sums_now) = (self.sums(), now.sums());
        let of_now = now.files.iter().filter_map(|file| match approved.get(&*file.path) {
            Some(sum) if *sum == file.sha256 => None,
            Some(_) => Some(format!("{} changed", shown(&file.path))),
            None => Some(format!("{} was added", shown(&file.path))),
        });
        let gone = self.files.iter().filter(|file| !sums_now.contains_key(&*file.path));
        let changes: Vec<_> =
            of_now.chain(gone.map(|file| format!("{} was removed", shown(&file.path)))).collect();
        let is_listed = !self.files.is_empty() && !changes.is_empty();
        is_listed.then(|| text::first(&changes, MAX_NAMED))
    }

    fn sums(&self) -> HashMap<&str, &str> {
        self.files.iter().map(|file| (&*file.path, &*file.sha256)).collect()
    }
}

/// A value of a report in a message.
fn shown(value: &str) -> String {
    format!("`{}`", text::clean_line(&text::shorten(value, MAX_SHOWN_VALUE)))
}
