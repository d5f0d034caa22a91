//! What tells one thing from another.

use sha2::{Digest as _, Sha256};

/// Half of a SHA-256, which tells as much as is needed here.
pub(crate) type Digest = [u8; 16];

/// The digest of all that was hashed.
pub(crate) fn digest(hash: Sha256) -> Digest {
    let [half @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = hash.finalize().0;
    half
}
