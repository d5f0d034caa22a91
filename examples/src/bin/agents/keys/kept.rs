//! Keys in the data file, by their digests: who can read the file can still not use them.

use std::fmt;

use async_trait::async_trait;
use mcp_core::Identity;
use mcp_http::auth::{Authenticator, Credential, Unavailable};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::network::{Network, now};

/// What a key is known by.
pub(crate) type Digest = [u8; 32];

/// Everything that is kept of a key.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Key {
    /// What it is revoked by: the beginning of its digest.
    pub(crate) id: String,
    /// The agent it belongs to.
    pub(crate) username: String,
    /// What it is for.
    pub(crate) scopes: Vec<String>,
    /// What whoever made it calls it.
    pub(crate) label: Option<String>,
    /// When it was made, in seconds since 1970.
    pub(crate) made_at: u64,
}

impl Key {
    /// What is to be kept of this key.
    pub(crate) fn new(
        digest: &Digest,
        username: String,
        scopes: Vec<String>,
        label: Option<String>,
    ) -> Self {
        let id = digest.iter().take(4).map(|byte| format!("{byte:02x}"));
        Self {
            id: id.collect(),
            username,
            scopes,
            label,
            made_at: now(),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, username, .. } = self;
        write!(f, "key {id} of `{username}`")
    }
}

/// A new key. Who looks for secrets that leaked knows one by how it begins.
///
/// # Errors
/// When the system has no random numbers.
pub(super) fn random(beginning: &str) -> Result<String, String> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| error.to_string())?;
    Ok(format!("{beginning}{:032x}", u128::from_ne_bytes(random)))
}

/// What this key is known by. It needs no salt and no time: nobody can try 2^128 keys.
pub(super) fn digest(key: &str) -> Digest {
    Sha256::digest(key).into()
}

/// The keys in the data file. Each request looks its key up, so one that is revoked is void at once.
#[derive(Clone)]
pub(crate) struct Kept(pub(crate) Network);

#[async_trait]
impl Authenticator for Kept {
    async fn authenticate(
        &self,
        credential: Credential<'_>,
    ) -> Result<Option<Identity>, Unavailable> {
        // Whoever measures how long this takes learns of digests, which lead to no key.
        let key = self.0.key(&digest(credential.secret()))?;
        Ok(key.map(|key| Identity::new(key.username).with_scopes(key.scopes)))
    }
}
