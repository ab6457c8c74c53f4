//! GitHub's event file: the webhook that triggered the run.

use std::path::Path;

use serde_json::Value;

use crate::plain_file;

/// Most bytes of an event that are read: GitHub sends no larger one (documentation, "Webhook events and payloads").
const MAX_EVENT_BYTES: u64 = 25 * 1024 * 1024;

/// An event. Others wrote parts of it: what is not there in the form that GitHub documents is missing.
#[derive(Default)]
pub(super) struct Event(Value);

impl Event {
    /// Reads the file; without one that can be read, nothing is known of the event.
    pub(super) fn read(path: Option<&str>) -> Self {
        Self(path.and_then(contents).unwrap_or_default())
    }

    fn text(&self, pointer: &str) -> Option<&str> {
        self.0.pointer(pointer)?.as_str().filter(|text| !text.is_empty())
    }

    /// The default branch of the repository that the run is for.
    pub(super) fn default_branch(&self) -> Option<&str> {
        self.text("/repository/default_branch")
    }

    /// The tag of a release.
    pub(super) fn release_tag(&self) -> Option<&str> {
        self.text("/release/tag_name")
    }

    /// The branch that a pull request was merged into, if it was: one that is closed unmerged has the same `action`.
    pub(super) fn merged_into(&self) -> Option<&str> {
        let is_merged = self.0.pointer("/pull_request/merged") == Some(&Value::Bool(true));
        let is_closed = self.text("/action") == Some("closed");
        self.text("/pull_request/base/ref").filter(|_| is_merged && is_closed)
    }
}

fn contents(path: &str) -> Option<Value> {
    let bytes = plain_file::read(Path::new(path), MAX_EVENT_BYTES).ok()?;
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The default branch, the release's tag and the branch that was merged into, of an event file with this content.
    fn read(content: &[u8]) -> [Option<String>; 3] {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        let event = Event::read(file.path().to_str());
        [event.default_branch(), event.release_tag(), event.merged_into()].map(|it| it.map(str::to_owned))
    }

    #[test]
    fn each_part_is_read_whatever_the_others_are() {
        let some = |text: &str| Some(text.to_owned());
        for (event, expected) in [
            (r#"{"repository": {"default_branch": "main"}}"#, [some("main"), None, None]),
            (r#"{"repository": [], "release": {"tag_name": "v1"}}"#, [None, some("v1"), None]),
            (
                r#"{"action": "closed", "pull_request": {"merged": true, "base": {"ref": "main"}}, "release": 1}"#,
                [None, None, some("main")],
            ),
        ] {
            assert_eq!(read(event.as_bytes()), expected, "{event}");
        }
    }

    #[test]
    fn only_a_request_that_is_closed_and_merged_counts_as_merged() {
        for event in [
            r#"{"action": "closed", "pull_request": {"merged": false, "base": {"ref": "main"}}}"#,
            r#"{"action": "closed", "pull_request": {"merged": "true", "base": {"ref": "main"}}}"#,
            r#"{"action": "closed", "pull_request": {"merged": null, "base": {"ref": "main"}}}"#,
            r#"{"action": "closed", "pull_request": {"base": {"ref": "main"}}}"#,
            r#"{"action": "labeled", "pull_request": {"merged": true, "base": {"ref": "main"}}}"#,
            r#"{"pull_request": {"merged": true, "base": {"ref": "main"}}}"#,
            r#"{"action": "closed", "merged": true, "pull_request": {"base": {"ref": "main"}}}"#,
            r#"{"action": "closed", "pull_request": {"merged": true}}"#,
            r#"{"action": "closed", "pull_request": {"merged": true, "base": {"ref": ""}}}"#,
            r#"{"action": "closed", "pull_request": {"merged": true, "base": "main"}}"#,
        ] {
            assert_eq!(read(event.as_bytes()), [None, None, None], "{event}");
        }
    }

    #[test]
    fn what_is_no_event_is_empty() {
        let deep = "[".repeat(1_000_000);
        for content in
            ["", "not JSON", "null", "[]", "1", r#"{"repository": {"default_branch": 1}}"#, deep.as_str()]
        {
            assert_eq!(read(content.as_bytes()), [None, None, None]);
        }
        assert_eq!(read(b"{\"release\": {\"tag_name\": \"\xff\"}}"), [None, None, None]);
        for path in [None, Some("/no/such/file"), Some("/"), Some("/dev/zero")] {
            assert!(Event::read(path).release_tag().is_none(), "{path:?}");
        }
    }

    #[test]
    fn a_larger_event_than_github_sends_is_not_read() {
        let spaces = " ".repeat(usize::try_from(MAX_EVENT_BYTES).unwrap());
        let event = format!("{spaces}{{\"release\": {{\"tag_name\": \"v1\"}}}}");
        assert_eq!(read(event.as_bytes()), [None, None, None]);
    }
}
