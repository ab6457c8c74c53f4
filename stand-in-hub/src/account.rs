//! Accounts and their API keys.

use std::collections::BTreeMap;

/// The account key that every stand-in Hub accepts; it belongs to the user `alice`.
pub const DEFAULT_KEY: &str = "ac_test_key_0123456789";

/// The kind of a key: only an account key may publish (documentation, "Publishing to the Hub").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Account,
    Project,
}

/// The owner of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) username: String,
    pub(crate) kind: KeyKind,
}

/// All accounts, by key.
#[derive(Clone)]
pub(crate) struct Accounts(BTreeMap<String, Account>);

impl Default for Accounts {
    /// Contains `DEFAULT_KEY` only.
    fn default() -> Self {
        let mut accounts = Self(BTreeMap::new());
        accounts.add(DEFAULT_KEY, "alice", KeyKind::Account);
        accounts
    }
}

impl Accounts {
    pub(crate) fn add(&mut self, key: &str, username: &str, kind: KeyKind) {
        self.0.insert(key.to_owned(), Account { username: username.to_owned(), kind });
    }

    pub(crate) fn by_key(&self, key: &str) -> Option<&Account> {
        self.0.get(key)
    }
}
