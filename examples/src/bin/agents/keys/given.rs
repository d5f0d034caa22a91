//! Keys that whoever starts the server gives it.

use std::path::Path;

use async_trait::async_trait;
use mcp_core::Identity;
use mcp_http::auth::{ApiKeys, Authenticator, Credential, Unavailable};

use super::SCOPES;

/// Where keys are looked for besides `--keys`.
const VARIABLE: &str = "AGENTS_KEYS";

/// The keys in a file and in the environment.
#[derive(Debug)]
pub(crate) struct Given(ApiKeys);

impl Given {
    /// Reads them.
    ///
    /// # Errors
    /// When they cannot be read, or there is a file without any.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self, String> {
        let known = ApiKeys::from_env(VARIABLE).map_err(|error| format!("{VARIABLE}: {error}"))?;
        let Some(path) = file else {
            return Ok(Self(known));
        };
        let in_file = ApiKeys::from_file(path).map_err(|error| error.to_string())?;
        // Falling back to demo keys would let people in whom nobody has invited.
        if in_file.is_empty() {
            let path = path.display();
            return Err(format!("{path}: no key in it; add lines of `username:key`"));
        }
        Ok(Self(known.merged(in_file)))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

#[async_trait]
impl Authenticator for Given {
    async fn authenticate(
        &self,
        credential: Credential<'_>,
    ) -> Result<Option<Identity>, Unavailable> {
        let known = self.0.authenticate(credential).await?;
        Ok(known.map(|identity| match identity.scopes() {
            [] => identity.with_scopes(SCOPES),
            _ => identity,
        }))
    }
}
