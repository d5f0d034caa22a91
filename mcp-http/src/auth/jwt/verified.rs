//! Signatures that were found good already. Clients send the same token with every request, and
//! checking its signature costs several times what an ordinary call does.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sha2::{Digest, Sha256};

use super::key::KeySet;

/// How many are remembered at once: a few hundred kilobytes.
const MANY: usize = 10_000;

/// Tokens whose signature is good by these keys. All else that a token has to fulfil is checked each
/// time; with other keys all is forgotten.
#[derive(Default)]
pub(super) struct Verified(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    keys: Arc<KeySet>,
    digests: HashSet<[u8; 32]>,
}

impl Verified {
    /// Whether the signature of this token is good by these keys: as `verify` finds, or has found.
    pub(super) fn holds(
        &self,
        token: &str,
        keys: &Arc<KeySet>,
        verify: impl FnOnce() -> bool,
    ) -> bool {
        let digest: [u8; 32] = Sha256::digest(token).into();
        if self.by(keys).digests.contains(&digest) {
            return true;
        }
        let good = verify();
        if good {
            let mut memory = self.by(keys);
            if memory.digests.len() >= MANY {
                memory.digests.clear();
            }
            memory.digests.insert(digest);
        }
        good
    }

    /// What is remembered of these keys.
    fn by(&self, keys: &Arc<KeySet>) -> MutexGuard<'_, Memory> {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&memory.keys, keys) {
            *memory = Memory {
                keys: Arc::clone(keys),
                digests: HashSet::new(),
            };
        }
        memory
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_signature_is_checked_once_and_a_bad_one_each_time() {
        let (verified, keys) = (Verified::default(), Arc::new(KeySet::default()));
        assert!(!verified.holds("a", &keys, || false));
        assert!(verified.holds("a", &keys, || true));
        assert!(verified.holds("a", &keys, || unreachable!()));
        assert!(!verified.holds("b", &keys, || false));
    }

    #[test]
    fn nothing_is_remembered_of_other_keys() {
        let (verified, keys) = (Verified::default(), Arc::new(KeySet::default()));
        assert!(verified.holds("a", &keys, || true));
        let newer = Arc::new(KeySet::default());
        assert!(!verified.holds("a", &newer, || false));
        assert!(!verified.holds("a", &keys, || false));
    }

    #[test]
    fn no_more_is_remembered_than_fits() {
        let (verified, keys) = (Verified::default(), Arc::new(KeySet::default()));
        for token in 0..=MANY {
            assert!(verified.holds(&token.to_string(), &keys, || true));
        }
        assert_eq!(verified.by(&keys).digests.len(), 1);
    }
}
