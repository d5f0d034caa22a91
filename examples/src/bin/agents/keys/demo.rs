//! Keys for trying things out, as long as nobody has a real one.

use async_trait::async_trait;
use mcp_core::Identity;
use mcp_http::auth::{ApiKeys, Authenticator, Credential, Unavailable};

use super::{SCOPES, kept};
use crate::network::{Failed, Network};

/// The agents that have a demo key: one to send, one to see it arrive.
const AGENTS: [&str; 2] = ["atlas", "beacon"];

/// The demo keys of this data file.
///
/// They are kept as they are, unlike real keys: they have to be printed at every start. The first
/// real key voids them.
#[derive(Clone)]
pub(crate) struct Demo {
    network: Network,
    keys: Vec<(&'static str, String)>,
    known: ApiKeys,
}

impl Demo {
    /// Finds them, or makes them at the first start.
    ///
    /// # Errors
    /// When they cannot be made or kept.
    pub(crate) fn keys(network: Network) -> Result<Self, String> {
        let mut keys = Vec::new();
        for username in AGENTS {
            let key = network.secret(&secret(username), kept::random("demo-")?);
            let key = key.map_err(|Failed(error)| error.to_string())?;
            keys.push((username, key));
        }
        Ok(Self {
            known: ApiKeys::new(keys.iter().map(|(username, key)| (key, *username))),
            network,
            keys,
        })
    }

    /// Username and key of each.
    pub(crate) fn shown(&self) -> &[(&'static str, String)] {
        &self.keys
    }
}

/// What has to be forgotten so that there are no demo keys any more.
pub(super) fn secrets() -> [String; 2] {
    AGENTS.map(secret)
}

fn secret(username: &str) -> String {
    format!("demo key of {username}")
}

#[async_trait]
impl Authenticator for Demo {
    async fn authenticate(
        &self,
        credential: Credential<'_>,
    ) -> Result<Option<Identity>, Unavailable> {
        let Some(identity) = self.known.authenticate(credential).await? else {
            return Ok(None);
        };
        let name = secret(identity.subject());
        let known = self.network.knows_secret(&name, credential.secret())?;
        Ok(known.then(|| identity.with_scopes(SCOPES)))
    }
}
