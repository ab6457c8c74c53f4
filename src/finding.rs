//! Findings: what is wrong, how serious it is, where it is and how to fix it.

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

pub use crate::codes::{Code, EXIT_CODES, Owner, Severity};
use crate::source::Location;

/// Most findings of one kind in one function: an author who has fixed this many runs it again.
pub(crate) const MAX_FINDINGS: usize = 100;

/// One thing that the user should know, with everything a report needs to show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) code: Code,
    pub(crate) severity: Severity,
    /// Lower case, literals in backticks, no final period.
    pub(crate) message: String,
    /// How to fix it.
    pub(crate) hint: String,
    pub(crate) location: Option<Location>,
    /// Who can fix it.
    pub(crate) owner: Owner,
}

impl Finding {
    /// A finding with its code's severity and fix.
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        let (severity, hint) = (code.severity(), code.fix().to_owned());
        Self { code, severity, message: message.into(), hint, location: None, owner: code.owner() }
    }

    /// With a more specific hint than the code's own.
    pub(crate) fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    /// The same, where there is such a hint.
    pub(crate) fn with_optional_hint(self, hint: Option<String>) -> Self {
        Self { hint: hint.unwrap_or(self.hint), ..self }
    }

    /// With the location it is about.
    pub(crate) fn at(self, location: Location) -> Self {
        Self { location: Some(location), ..self }
    }

    /// With another severity than the code usually has.
    pub(crate) fn with_severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    /// With another owner than the code usually has.
    pub(crate) fn owned_by(self, owner: Owner) -> Self {
        Self { owner, ..self }
    }

    pub(crate) fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Whether this run has no access to the Hub, or no connection.
    pub(crate) fn is_about_access(&self) -> bool {
        self.owner == Owner::Pipeline || self.code == Code::HubUnreachable
    }

    /// Whether it is at a known place in a file, and not about the file or the run as a whole.
    pub(crate) fn is_exact(&self) -> bool {
        self.location.as_ref().is_some_and(Location::is_exact)
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let span = self.location.as_ref().and_then(Location::span);
        let mut finding = serializer.serialize_struct("Finding", 9)?;
        finding.serialize_field("code", self.code.name())?;
        finding.serialize_field("severity", &self.severity)?;
        finding.serialize_field("message", &self.message)?;
        finding.serialize_field("hint", &self.hint)?;
        finding.serialize_field("file", &self.location.as_ref().map(|location| &location.file))?;
        finding.serialize_field("line", &span.map(|span| span.line))?;
        finding.serialize_field("column", &span.map(|span| span.column))?;
        finding.serialize_field("end_line", &span.map(|span| span.end_line))?;
        finding.serialize_field("end_column", &span.map(|span| span.end_column))?;
        finding.end()
    }
}

/// Collects findings. This is the one place where `strict` acts: it makes errors of warnings.
#[derive(Debug)]
pub(crate) struct Findings {
    strict: bool,
    collected: Vec<Finding>,
}

impl Findings {
    pub(crate) const fn new(strict: bool) -> Self {
        Self { strict, collected: Vec::new() }
    }

    pub(crate) fn push(&mut self, finding: Finding) {
        self.collected.push(match finding.severity {
            Severity::Warning if self.strict => finding.with_severity(Severity::Error),
            Severity::Error | Severity::Warning | Severity::Notice => finding,
        });
    }

    /// Lets go of the texts that locations are in.
    pub(crate) fn forget_texts(&mut self) {
        for finding in &mut self.collected {
            finding.location = finding.location.take().map(Location::without_text);
        }
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.collected.iter().any(Finding::is_error)
    }

    /// The most severe first, else as they were found.
    pub(crate) fn into_vec(mut self) -> Vec<Finding> {
        self.collected.sort_by_key(|finding| finding.severity);
        self.collected
    }
}

impl Extend<Finding> for Findings {
    fn extend<I: IntoIterator<Item = Finding>>(&mut self, findings: I) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strict_makes_errors_of_warnings_and_of_nothing_else() {
        let collected = |strict| {
            let mut findings = Findings::new(strict);
            findings.extend(
                [Code::InvalidTag, Code::DuplicateTag, Code::ReadmeMissing].map(|it| Finding::new(it, "")),
            );
            findings.into_vec().into_iter().map(|finding| finding.severity.row().word).collect::<Vec<_>>()
        };
        assert_eq!(collected(false), ["error", "warning", "notice"]);
        assert_eq!(collected(true), ["error", "error", "notice"]);
    }

    #[test]
    fn only_errors_stop_a_run() {
        for (code, strict, expected) in [
            (Code::InvalidTag, false, true),
            (Code::DuplicateTag, false, false),
            (Code::DuplicateTag, true, true),
            (Code::ReadmeMissing, true, false),
        ] {
            let mut findings = Findings::new(strict);
            findings.push(Finding::new(code, ""));
            assert_eq!(findings.has_errors(), expected, "{}, strict: {strict}", code.name());
        }
    }
}
