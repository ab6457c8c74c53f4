//! What the Hub's review and its quality gate say about a live publish (Aerostack's CI for the sibling API).

use serde_json::{Map, Value, json};

use crate::named::named;

/// What the quality gate dislikes.
const REASONS: [&str; 2] = ["the description is too short", "the code has no tests"];

named! {
    /// How the Hub says that a live version has to be approved by a person first. It is stored, and not published before.
    Review {
        /// No review: a live version is published at once.
        #[default] Off = "off",
        /// `"status": "pending_review"`
        Pending = "pending",
        /// `"status": "in_review"`
        InReview = "in-review",
        /// `"status": "under_review"`
        UnderReview = "under-review",
        /// `"decision": "pending_review"` and a `score`, without a status.
        Decision = "decision",
    }
}

impl Review {
    /// Puts the review's word in the place of the receipt's status.
    pub(crate) fn mark(self, receipt: &mut Map<String, Value>) {
        let (name, word) = match self {
            Self::Off => return,
            Self::Pending => ("status", "pending_review"),
            Self::InReview => ("status", "in_review"),
            Self::UnderReview => ("status", "under_review"),
            Self::Decision => {
                receipt.shift_remove("status");
                receipt.insert("score".to_owned(), json!(61));
                ("decision", "pending_review")
            }
        };
        receipt.insert(name.to_owned(), word.into());
    }
}

named! {
    /// How the quality gate rejects live versions with 422. Nothing is stored.
    Rejection {
        /// It rejects nothing.
        #[default] Off = "off",
        /// `{"error":{"code","message","reasons":["text"]}}`
        Reasons = "reasons",
        /// `{"error":"text","reasons":["text"]}`
        ReasonsBeside = "reasons-beside",
        /// `{"error":{"code","message","details":["text"]}}`
        Details = "details",
        /// `{"error":{"code","message","details":{"field":["text"]}}}`
        DetailsByField = "details-by-field",
        /// `{"message","errors":[{"field","message"}]}`
        Errors = "errors",
        /// `{"error":{"code","message","issues":[{"path":["field"],"message"}]}}`
        Issues = "issues",
        /// `{"decision":"rejected","score":12,"reasons":["text"]}`
        Decision = "decision",
    }
}

impl Rejection {
    /// The body of the refusal; `None` if nothing is rejected.
    pub(crate) fn body(self) -> Option<Value> {
        let (code, message) = ("QUALITY_REJECTED", "the quality check failed");
        let [description, code_reason] = REASONS;
        let error =
            |name: &str, value: Value| json!({ "error": { "code": code, "message": message, name: value } });
        Some(match self {
            Self::Off => return None,
            Self::Reasons => error("reasons", json!(REASONS)),
            Self::ReasonsBeside => json!({ "error": message, "reasons": REASONS }),
            Self::Details => error("details", json!(REASONS)),
            Self::DetailsByField => {
                error("details", json!({ "description": [description], "code": [code_reason] }))
            }
            Self::Errors => json!({
                "message": message,
                "errors": [
                    { "field": "description", "message": description },
                    { "field": "code", "message": code_reason },
                ],
            }),
            Self::Issues => error(
                "issues",
                json!([
                    { "path": ["description"], "message": description },
                    { "path": ["code"], "message": code_reason },
                ]),
            ),
            Self::Decision => json!({ "decision": "rejected", "score": 12, "reasons": REASONS }),
        })
    }
}
