//! Tokens whose signatures were found good already. Clients send the same one with every request, and
//! checking it costs several times what an ordinary call does.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{super::digest::Digest, Said, key::KeySet};

/// How many are remembered at once: a few megabytes.
const MANY: usize = 10_000;

/// What tokens say whose signature is good by these keys; with other keys all is forgotten.
#[derive(Default)]
pub(super) struct Verified(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    keys: Arc<KeySet>,
    said: HashMap<Digest, Arc<Said>>,
}

impl Verified {
    /// What this token says, if its signature was good: whether it [still is](Self::holds), the keys of
    /// this moment have to tell.
    pub(super) fn said(&self, digest: &Digest) -> Option<Arc<Said>> {
        self.memory().said.get(digest).cloned()
    }

    /// Whether the signature of this token was found good by these keys.
    pub(super) fn holds(&self, digest: &Digest, keys: &Arc<KeySet>) -> bool {
        let memory = self.memory();
        Arc::ptr_eq(&memory.keys, keys) && memory.said.contains_key(digest)
    }

    /// Remembers a token whose signature is good by these keys.
    pub(super) fn remember(&self, digest: Digest, said: Arc<Said>, keys: &Arc<KeySet>) {
        let mut memory = self.memory();
        if !Arc::ptr_eq(&memory.keys, keys) {
            memory.keys = Arc::clone(keys);
            memory.said.clear();
        }
        if memory.said.len() >= MANY {
            memory.said.clear();
        }
        memory.said.insert(digest, said);
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::Algorithm;
    use mcp_core::Identity;

    use super::{
        super::{Time, digest},
        *,
    };

    fn said() -> Arc<Said> {
        Arc::new(Said {
            kid: None,
            algorithm: Algorithm::EdDSA,
            time: Time::default(),
            identity: Identity::new("ada"),
        })
    }

    #[test]
    fn what_was_good_is_good_by_the_same_keys_only() {
        let (verified, keys) = (Verified::default(), Arc::new(KeySet::default()));
        let (a, b) = (digest("a"), digest("b"));
        verified.remember(a, said(), &keys);
        assert!(verified.holds(&a, &keys) && verified.said(&a).is_some());
        assert!(!verified.holds(&b, &keys) && verified.said(&b).is_none());

        let newer = Arc::new(KeySet::default());
        assert!(!verified.holds(&a, &newer));
        verified.remember(b, said(), &newer);
        assert!(verified.holds(&b, &newer) && verified.said(&a).is_none());
    }

    #[test]
    fn no_more_is_remembered_than_fits() {
        let (verified, keys) = (Verified::default(), Arc::new(KeySet::default()));
        for token in 0..=MANY {
            verified.remember(digest(&token.to_string()), said(), &keys);
        }
        assert_eq!(verified.memory().said.len(), 1);
    }
}
