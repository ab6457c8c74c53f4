//! Texts without what escapes them, to compare what is shown with what is meant.

use crate::text;

/// A text without what escapes it and without its white space: what is left must be what a reader sees.
pub(super) fn plain(text: &str) -> String {
    let text = text::clean(text);
    text.chars().filter(|c| !c.is_whitespace() && !"\\·⏎`".contains(*c)).collect()
}

/// A text as sinks show it that cut it there.
pub(super) fn plain_start(text: &str, most: usize) -> String {
    plain(&text::shorten(&text::clean(text), most))
}
