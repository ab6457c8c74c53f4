//! The secrets in files, as findings, and as the texts that no report may show.

use std::path::Path;

use super::scan::{self, MAX_SECRETS, Secret};
use crate::finding::{Code, Finding, MAX_FINDINGS};
use crate::function::allowed::{Allows, AllowsByPath, comment};
use crate::function::manifest::slug::Slug;
use crate::secret::Secrets;
use crate::source::SourceFile;
use crate::text;

/// Minimum length of a line of a private key that is kept out of reports, in bytes: a shorter one reveals nothing alone, and
/// could be a word.
const MIN_PIECE_BYTES: usize = 16;

/// The result of the search.
pub(crate) struct Search {
    pub(crate) findings: Vec<Finding>,
    /// Whether every secret is known: in no file were there more than are searched for.
    pub(crate) is_complete: bool,
    /// The secrets, in every form in which a report could show them.
    pub(crate) secrets: Vec<String>,
}

/// Searches files for secrets that no comment allows, and for the keys of this run. `allows` is of the code.
pub(crate) fn search<'f>(
    files: impl IntoIterator<Item = &'f SourceFile>,
    own_keys: &Secrets,
    allows: &AllowsByPath,
) -> Search {
    let mut search = Search { findings: Vec::new(), is_complete: true, secrets: Vec::new() };
    let mut others = Vec::new();
    for file in files {
        let of_text = Allows::of_text(&file.text);
        let allows = allows.get(&file.path).unwrap_or(&of_text);
        let secrets = scan::find(&file.text, own_keys, allows);
        if search.findings.len() >= MAX_FINDINGS {
            others.extend((!secrets.is_empty()).then(|| file.whole()));
            continue;
        }
        search.findings.extend(secrets.iter().take(MAX_SECRETS).map(|secret| finding(secret, file, allows)));
        if secrets.len() > MAX_SECRETS {
            let message = format!("found more than {MAX_SECRETS} secrets in this file");
            search.findings.push(Finding::new(Code::SecretFound, message).at(file.whole()));
            search.is_complete = false;
        } else {
            file.show_without(secrets.iter().map(|secret| secret.range.clone()).collect());
        }
        for secret in secrets {
            let plain = Some(secret.plain.as_str()).filter(|_| !secret.form.is_empty());
            search.secrets.extend(file.text.get(secret.range).into_iter().chain(plain).flat_map(forms));
        }
    }
    if let Some(first) = others.first() {
        let more = text::count(others.len(), "more file");
        let message = format!("found secrets in {more}, of which this is the first");
        search.findings.push(Finding::new(Code::SecretFound, message).at(first.clone()));
        search.is_complete = false;
    }
    search
}

fn finding(secret: &Secret, file: &SourceFile, allows: &Allows) -> Finding {
    let Secret { kind, start, form, .. } = secret;
    let message = match (form.is_empty(), start.is_empty()) {
        (true, true) => format!("found {kind}"),
        (true, false) => format!("found {kind}, which starts with `{start}`"),
        (false, true) => format!("found {kind}, {form}"),
        (false, false) => format!("found {kind}, {form}, which starts with `{start}`"),
    };
    let finding = Finding::new(Code::SecretFound, message).at(file.at(secret.range.clone()));
    let has_comments = Path::new(&file.path).extension() != Some("json".as_ref());
    if secret.is_own && allows.contains(Code::SecretFound, secret.range.start) {
        let hint = format!("{}; no comment can allow the key of the current run", finding.hint);
        return finding.with_hint(hint);
    }
    if secret.is_own || !has_comments {
        return finding;
    }
    let hint = format!(
        "{}; if it is not a secret, allow it with a comment on its line or on the line above: `{}`",
        finding.hint,
        comment(Code::SecretFound)
    );
    finding.with_hint(hint)
}

/// Every form in which a report could show a secret: the lines of a key, as they are in the file or once JSON is parsed, and
/// the slug that a name of it would have.
fn forms(secret: &str) -> Vec<String> {
    let plain = secret.replace("\\n", "\n").replace("\\r", "\n");
    let pieces = plain.split(|c: char| c.is_whitespace() || matches!(c, '\\' | '"' | '\'' | '`'));
    let pieces = pieces.filter(|piece| piece.len() >= MIN_PIECE_BYTES && !piece.starts_with("-----"));
    let pieces = pieces.flat_map(|piece| [piece.to_owned(), Slug::of(piece).to_string()]);
    std::iter::once(secret.to_owned()).filter(|secret| !secret.contains('\n')).chain(pieces).collect()
}
