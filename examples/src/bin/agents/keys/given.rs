//! Keys that whoever starts the server gives it.

use std::{env, path::Path};

use async_trait::async_trait;
use mcp_core::Identity;
use mcp_http::auth::{ApiKeys, Authenticator, Credential, KeyFileError, Unavailable};

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
    /// When they cannot be read, or none is where some were to be.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self, KeyFileError> {
        let mut known = ApiKeys::default();
        if env::var_os(VARIABLE).is_some() {
            known = ApiKeys::from_env(VARIABLE)?;
        }
        if let Some(path) = file {
            known = known.merged(ApiKeys::from_file(path)?);
        }
        Ok(Self(known))
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
