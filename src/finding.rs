//! Findings: what is wrong (or worth knowing), how bad it is, where it stands and how to mend it.

pub use crate::codes::{Code, Owner, Severity};
use crate::source::Location;

/// Most findings of one kind in a function, or in a file: fix these, then run it again.
pub(crate) const MAX_FINDINGS: usize = 100;

/// One thing to tell the user, with everything a report needs to show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) code: Code,
    pub(crate) severity: Severity,
    /// Lower case, literals in backticks, no final period.
    pub(crate) message: String,
    pub(crate) hint: String,
    pub(crate) location: Option<Location>,
}

impl Finding {
    /// A finding with its code's severity and fix.
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        let (severity, hint) = (code.severity(), code.fix().to_owned());
        Self { code, severity, message: message.into(), hint, location: None }
    }

    /// With a better hint than the code's own.
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// With the place it stands at.
    pub(crate) fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// With another weight than the code usually has.
    pub(crate) fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// With warnings made errors, as `strict` asks.
    pub(crate) fn strictly(self, strict: bool) -> Self {
        match self.severity {
            Severity::Warning if strict => self.with_severity(Severity::Error),
            Severity::Error | Severity::Warning | Severity::Notice => self,
        }
    }

    pub(crate) fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
