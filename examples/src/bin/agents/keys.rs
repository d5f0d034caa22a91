//! Who may write: keys that somebody gave, or else two that were made for trying things out.

use std::{error::Error, path::Path};

use mcp_core::SealKey;
use mcp_http::auth::ApiKeys;

use super::network::{Failed, Network};

/// Where keys are looked for besides `--keys`.
pub(crate) const VARIABLE: &str = "AGENTS_KEYS";

/// The agents that have a demo key: one to send, one to see it arrive.
const DEMO_AGENTS: [&str; 2] = ["atlas", "beacon"];

/// Those who may write.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) known: ApiKeys,
    /// Username and key of the demo agents, unless there are real keys.
    pub(crate) demo: Vec<(&'static str, String)>,
}

impl Keys {
    /// The keys in this file and in the environment; the demo keys where neither is given.
    ///
    /// # Errors
    /// When they cannot be read, or there is a file without any.
    pub(crate) fn load(file: Option<&Path>, network: &Network) -> Result<Self, Box<dyn Error>> {
        let mut known =
            ApiKeys::from_env(VARIABLE).map_err(|error| format!("{VARIABLE}: {error}"))?;
        if let Some(path) = file {
            known = known.merged(ApiKeys::from_file(path)?);
            // Falling back to demo keys would let people in whom nobody has invited.
            if known.is_empty() {
                let path = path.display();
                return Err(format!("{path}: no key in it; add lines of `username:key`").into());
            }
        }
        if !known.is_empty() {
            let demo = Vec::new();
            return Ok(Self { known, demo });
        }
        let mut demo = Vec::new();
        for username in DEMO_AGENTS {
            demo.push((username, demo_key(username, network)?));
        }
        let known = ApiKeys::new(demo.iter().map(|(username, key)| (key, *username)));
        Ok(Self { known, demo })
    }
}

/// Kept as it is, unlike real keys: it has to be printed at every start.
fn demo_key(username: &str, network: &Network) -> Result<String, Box<dyn Error>> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)?;
    let fresh = format!("demo-{:032x}", u128::from_ne_bytes(random));
    keep(network, &format!("demo key of {username}"), fresh)
}

/// The key that sessions are sealed with: kept, so that they survive a restart.
///
/// # Errors
/// When it cannot be made or kept.
pub(crate) fn seal_key(network: &Network) -> Result<SealKey, Box<dyn Error>> {
    let fresh = SealKey::random()?.to_base64();
    Ok(SealKey::from_base64(&keep(network, "seal key", fresh)?)?)
}

/// The secret of this name, which is `fresh` at the first start.
fn keep(network: &Network, name: &str, fresh: String) -> Result<String, Box<dyn Error>> {
    let kept = network.secret(name, fresh);
    Ok(kept.map_err(|Failed(error)| error)?)
}
