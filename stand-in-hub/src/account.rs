//! Accounts: which key speaks for whom.

use std::collections::BTreeMap;

/// The account key that every stand-in Hub knows; it speaks for `alice`.
pub const DEFAULT_KEY: &str = "ac_test_key_0123456789";

/// What kind of key this is: only an account key may publish (documentation, "Publishing to the Hub").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Account,
    Project,
}

/// The account behind a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) username: String,
    pub(crate) kind: KeyKind,
}

/// All keys the Hub knows.
#[derive(Clone)]
pub(crate) struct Accounts(BTreeMap<String, Account>);

impl Accounts {
    /// Knows `DEFAULT_KEY` alone.
    pub(crate) fn with_default() -> Self {
        let mut accounts = Self(BTreeMap::new());
        accounts.add(DEFAULT_KEY, "alice", KeyKind::Account);
        accounts
    }

    pub(crate) fn add(&mut self, key: &str, username: &str, kind: KeyKind) {
        self.0.insert(key.to_owned(), Account { username: username.to_owned(), kind });
    }

    pub(crate) fn of_key(&self, key: &str) -> Option<&Account> {
        self.0.get(key)
    }
}
