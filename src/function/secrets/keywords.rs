//! Which keywords may start where: an index by their first two bytes.

use std::sync::LazyLock;

use super::rules::RULES;

/// The keywords by their first two bytes. Nearly all pairs of bytes in a text start none, and cost one lookup.
pub(super) struct KeywordIndex {
    /// For every pair, the number of its list; 0 is the empty one.
    list_of_pair: Vec<u8>,
    /// The numbers of rules and their keywords, in the order of the rules.
    lists: Vec<Vec<(usize, &'static str)>>,
}

/// The keywords of all rules.
pub(super) static KEYWORDS: LazyLock<KeywordIndex> = LazyLock::new(|| {
    let mut index = KeywordIndex { list_of_pair: vec![0; 256 * 256], lists: vec![Vec::new()] };
    for (number, rule) in RULES.iter().enumerate() {
        for keyword in &rule.keywords {
            index.add(number, keyword);
        }
    }
    index
});

impl KeywordIndex {
    fn add(&mut self, rule: usize, keyword: &'static str) {
        let next = u8::try_from(self.lists.len()).unwrap_or_default();
        let list = pair_number(keyword.as_bytes()).and_then(|pair| self.list_of_pair.get_mut(pair));
        let Some(list) = list else { return };
        if *list == 0 {
            *list = next;
            self.lists.push(Vec::new());
        }
        if let Some(keywords) = self.lists.get_mut(usize::from(*list)) {
            keywords.push((rule, keyword));
        }
    }

    /// The keywords that start with a pair of bytes, each with the number of its rule.
    pub(super) fn starting_with(&self, pair: &[u8]) -> &[(usize, &'static str)] {
        let list = pair_number(pair).and_then(|pair| self.list_of_pair.get(pair)).copied();
        self.lists.get(usize::from(list.unwrap_or_default())).map_or(&[], Vec::as_slice)
    }
}

fn pair_number(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [first, second, ..] => Some(usize::from(*first) * 256 + usize::from(*second)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_keyword_is_found_by_its_first_two_bytes() {
        for (number, rule) in RULES.iter().enumerate() {
            for keyword in &rule.keywords {
                let found = KEYWORDS.starting_with(&keyword.as_bytes()[..2]);
                assert!(found.contains(&(number, keyword)), "{keyword}");
            }
        }
        // List 0 stays the empty one.
        assert_eq!(KEYWORDS.starting_with(b"\0\0"), []);
        assert!(KEYWORDS.lists.len() < 256);
    }
}
