//! What a credential is known by, so that it is kept nowhere itself.

use sha2::{Digest as _, Sha256};

/// What a credential is known by.
pub(super) type Digest = [u8; 32];

/// It needs no salt and no time: nobody guesses what is random and long.
pub(super) fn digest(secret: &str) -> Digest {
    Sha256::digest(secret).into()
}
