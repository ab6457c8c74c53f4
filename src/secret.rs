//! The key, and the promise that it appears nowhere.

use std::fmt;

/// What stands where a secret stood.
const MASK: &str = "***";

/// Shortest secret that is masked in texts, in characters: a shorter one would blot out ordinary words.
const SHORTEST_MASKED: usize = 4;

/// The account key. It leaves this type only into the request's header and GitHub's mask command.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ApiKey(String);

impl ApiKey {
    /// Takes a trimmed, non-empty key.
    ///
    /// # Errors
    /// With the reason, when it can't stand in a header: RFC 9110 (§5.5) allows visible ASCII there.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.contains(['\n', '\r']) {
            return Err("holds a line break");
        }
        if text.contains(char::is_whitespace) {
            return Err("holds a blank");
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("holds a character that is not plain ASCII");
        }
        Ok(Self(text.to_owned()))
    }

    /// The key itself.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ApiKey({MASK})")
    }
}

/// Every secret of this run, to be struck out of whatever is about to be shown.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    /// From the raw values of the variables that hold keys; their lines count too, as CI systems mask them.
    pub(crate) fn of<'v>(values: impl IntoIterator<Item = &'v str>) -> Self {
        let lines = values.into_iter().flat_map(str::lines).map(|line| line.trim().to_owned());
        let mut secrets: Vec<_> = lines.filter(|line| line.chars().count() >= SHORTEST_MASKED).collect();
        // A secret that holds another one is struck out first, so that no part of it is left.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
        Self(secrets)
    }

    /// The secrets themselves, for a mask command.
    pub(crate) fn expose(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The text without any secret.
    pub(crate) fn mask(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret, MASK))
    }

    /// Strikes every secret out of the text in place.
    pub(crate) fn strike(&self, text: &mut String) {
        if self.0.iter().any(|secret| text.contains(secret)) {
            *text = self.mask(text);
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secrets({MASK})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let key = ApiKey::parse("ac_secret").unwrap();
        let shown = format!("{key:?} {:?}", Secrets::of(["ac_secret"]));
        assert_eq!(shown, "ApiKey(***) Secrets(***)");
    }

    #[test]
    fn each_line_of_a_secret_is_struck_out_and_the_longer_one_first() {
        let secrets = Secrets::of(["ac_one\nac_one_more\n"]);
        assert_eq!(secrets.mask("a ac_one_more, ac_one."), "a ***, ***.");
    }

    #[test]
    fn a_key_that_no_header_can_carry_is_refused_with_the_reason() {
        assert_eq!(ApiKey::parse("ac_a\nb").unwrap_err(), "holds a line break");
        assert_eq!(ApiKey::parse("ac_a b").unwrap_err(), "holds a blank");
        assert_eq!(ApiKey::parse("ac_é").unwrap_err(), "holds a character that is not plain ASCII");
    }
}
