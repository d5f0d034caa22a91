//! What a token says of itself, or its issuer of it, and what has to be said.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use mcp_core::Identity;
use serde::Deserialize;

const MALFORMED: Refused = Refused("its claims are malformed");

/// What is said. A member that is there twice, or of another type, spoils all of it.
#[derive(Deserialize)]
pub(super) struct Claims {
    pub(super) iss: Option<String>,
    sub: Option<String>,
    aud: Option<OneOrMany>,
    /// Seconds since 1970, when it ends.
    pub(super) exp: Option<f64>,
    nbf: Option<f64>,
    scope: Option<OneOrMany>,
    scp: Option<OneOrMany>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// When a token is good, in seconds since 1970.
#[derive(Clone, Copy, Default)]
pub(super) struct Time {
    exp: Option<f64>,
    nbf: Option<f64>,
}

/// Header, claims and signature of a JSON Web Token, as they are written and nobody vouches for.
/// None: a credential of another kind.
pub(super) fn parts(token: &str) -> Option<[&str; 3]> {
    let mut parts = token.split('.');
    let three = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(three)
}

impl Claims {
    /// The claims of a JSON Web Token, as they are written.
    pub(super) fn decode(part: &str) -> Result<Self, Refused> {
        let json = BASE64_URL_SAFE_NO_PAD.decode(part);
        Self::parse(&json.map_err(|_| MALFORMED)?)
    }

    pub(super) fn parse(json: &[u8]) -> Result<Self, Refused> {
        serde_json::from_slice(json).map_err(|_| MALFORMED)
    }

    pub(super) fn time(&self) -> Time {
        Time {
            exp: self.exp,
            nbf: self.nbf,
        }
    }

    /// Whom it is about, once it is believed.
    ///
    /// `scope` is OAuth's; `scp` is what some issuers have instead, as text or as a list.
    pub(super) fn into_identity(self, issuer: &str) -> Identity {
        let scopes = [&self.scope, &self.scp].into_iter().flatten();
        let scopes = scopes
            .flat_map(OneOrMany::all)
            .flat_map(|text| text.split_ascii_whitespace());
        Identity::new(self.sub.as_deref().unwrap_or_default())
            .with_issuer(issuer)
            .with_scopes(scopes)
    }
}

/// What has to be said.
#[derive(Clone)]
pub(super) struct Expected {
    pub(super) issuer: String,
    audience: String,
    pub(super) leeway: Duration,
}

impl Expected {
    pub(super) fn new(issuer: String, audience: &str) -> Self {
        Self {
            issuer,
            audience: canonical(audience),
            leeway: Duration::from_secs(60),
        }
    }

    /// Says in the log why a token of this issuer is not taken.
    pub(super) fn note(&self, refused: Refused) {
        tracing::debug!(issuer = self.issuer, reason = %refused, "token refused");
    }

    /// Who issued it and when it ends may be left unsaid.
    pub(super) fn check(&self, claims: &Claims) -> Result<(), Refused> {
        self.check_what_is_said(claims)?;
        if claims.aud.is_none() {
            return Err(Refused("`aud` is not there"));
        }
        if claims.sub.as_deref().unwrap_or_default().trim().is_empty() {
            return Err(Refused("`sub` is not there"));
        }
        Ok(())
    }

    /// Anything may be left unsaid.
    pub(super) fn check_what_is_said(&self, claims: &Claims) -> Result<(), Refused> {
        if claims.iss.as_ref().is_some_and(|iss| *iss != self.issuer) {
            return Err(Refused("`iss` is another issuer"));
        }
        let mine = |audience: &String| canonical(audience) == self.audience;
        if claims
            .aud
            .as_ref()
            .is_some_and(|aud| !aud.all().iter().any(mine))
        {
            return Err(Refused("`aud` is not this server"));
        }
        self.check_time(claims.time())
    }

    /// That it has begun and is not over, as far as it says so.
    pub(super) fn check_time(&self, time: Time) -> Result<(), Refused> {
        let now = now();
        let leeway = self.leeway.as_secs_f64();
        if time.exp.is_some_and(|end| end + leeway <= now) {
            return Err(Refused("`exp` is over"));
        }
        if time.nbf.is_some_and(|start| now + leeway < start) {
            return Err(Refused("`nbf` is to come"));
        }
        Ok(())
    }
}

/// Seconds since 1970.
pub(super) fn now() -> f64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.unwrap_or_default().as_secs_f64()
}

/// A resource as it is compared: scheme and host in lower case, no slash at its end.
///
/// # Specification
/// [2025-11-25, Canonical server URI](https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization#canonical-server-uri)
fn canonical(audience: &str) -> String {
    let Some((scheme, rest)) = audience.split_once("://") else {
        return audience.to_owned();
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (scheme, host) = (scheme.to_ascii_lowercase(), host.to_ascii_lowercase());
    format!("{scheme}://{host}{path}")
}

/// Why a token is not taken; for the log, and holding nothing of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refused(pub(super) &'static str);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_compared_without_the_case_of_its_host_and_a_last_slash() {
        let url = "https://mcp.example.com/Mcp";
        for same in [
            "HTTPS://MCP.Example.com/Mcp",
            "https://mcp.example.com/Mcp/",
        ] {
            assert_eq!(canonical(same), url);
        }
        for other in [
            "https://mcp.example.com/mcp",
            "https://mcp.example.com",
            "http://mcp.example.com/Mcp",
            "https://mcp.example.com.evil/Mcp",
            "mcp.example.com/Mcp",
        ] {
            assert_ne!(canonical(other), url);
        }
        assert_eq!(
            canonical("https://MCP.example.com/"),
            "https://mcp.example.com"
        );
        assert_eq!(canonical("Library"), "Library");
    }
}
