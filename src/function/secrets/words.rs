//! The lists of `words.tsv`.

use std::sync::LazyLock;

use crate::function::tsv;

type Words = LazyLock<Vec<&'static str>>;

pub(super) static PLACEHOLDERS: Words = Words::new(|| list("placeholder"));
pub(super) static EXAMPLES: Words = Words::new(|| list("example"));
pub(super) static PASSWORDS: Words = Words::new(|| list("password"));
pub(super) static LOCAL_DOMAINS: Words = Words::new(|| list("local-domain"));
pub(super) static LOCAL_NAMES: Words = Words::new(|| list("local-name"));
pub(super) static LOCAL_STARTS: Words = Words::new(|| list("local-start"));
pub(super) static LOCAL_WORDS: Words = Words::new(|| list("local-word"));
pub(super) static ISSUERS: Words = Words::new(|| list("issuer"));
pub(super) static FAKE_ISSUERS: Words = Words::new(|| list("fake-issuer"));

const TABLE: &str = include_str!("words.tsv");

fn list(name: &str) -> Vec<&'static str> {
    let rows = tsv::rows(TABLE).filter(|row| row.first() == Some(&name));
    rows.filter_map(|row| row.get(1).copied()).flat_map(|words| words.split(' ')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_belongs_to_a_list_and_no_word_is_empty() {
        let lists = [
            &PLACEHOLDERS,
            &EXAMPLES,
            &PASSWORDS,
            &LOCAL_DOMAINS,
            &LOCAL_NAMES,
            &LOCAL_STARTS,
            &LOCAL_WORDS,
            &ISSUERS,
            &FAKE_ISSUERS,
        ];
        assert!(lists.iter().all(|list| !list.is_empty() && list.iter().all(|word| !word.is_empty())));
        let words = tsv::rows(TABLE).map(|row| row[1].split(' ').count()).sum::<usize>();
        assert_eq!(words, lists.iter().map(|list| list.len()).sum::<usize>());
    }
}
