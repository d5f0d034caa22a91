//! What a token says of itself, and what it has to say.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use mcp_core::Identity;
use serde::Deserialize;

/// What a token says. A member that is there twice, or of another type, spoils all of it.
#[derive(Deserialize)]
pub(super) struct Claims {
    iss: String,
    sub: String,
    aud: OneOrMany,
    exp: f64,
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

impl Claims {
    pub(super) fn parse(json: &[u8]) -> Result<Self, Refused> {
        let claims: Self = serde_json::from_slice(json).map_err(|_| Refused::Claims)?;
        if claims.sub.is_empty() {
            return Err(Refused::Claims);
        }
        Ok(claims)
    }

    /// Whom the token is about, once it is believed.
    ///
    /// `scope` is OAuth's; `scp` is what some issuers have instead, as text or as a list.
    pub(super) fn into_identity(self) -> Identity {
        let scopes = [&self.scope, &self.scp].into_iter().flatten();
        let scopes = scopes
            .flat_map(OneOrMany::all)
            .flat_map(|text| text.split_ascii_whitespace());
        Identity::new(self.sub.as_str())
            .with_issuer(self.iss.as_str())
            .with_scopes(scopes)
    }
}

/// What a token has to say.
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

    pub(super) fn check(&self, claims: &Claims) -> Result<(), Refused> {
        if claims.iss != self.issuer {
            return Err(Refused::Issuer);
        }
        let mut audiences = claims.aud.all().iter();
        if !audiences.any(|audience| canonical(audience) == self.audience) {
            return Err(Refused::Audience);
        }
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.unwrap_or_default().as_secs_f64();
        let leeway = self.leeway.as_secs_f64();
        if claims.exp + leeway <= now {
            return Err(Refused::Expired);
        }
        if claims.nbf.is_some_and(|start| now + leeway < start) {
            return Err(Refused::TooEarly);
        }
        Ok(())
    }
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Header,
    Critical,
    Claims,
    Issuer,
    Audience,
    Expired,
    TooEarly,
    Key,
    Signature,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "its header is not one, or names an algorithm that is not known",
            Self::Critical => "its header has `crit`, which is not supported",
            Self::Claims => "its claims lack `iss`, `sub`, `aud` or `exp`, or have them malformed",
            Self::Issuer => "`iss` is another issuer",
            Self::Audience => "`aud` is not this server",
            Self::Expired => "`exp` is over",
            Self::TooEarly => "`nbf` is to come",
            Self::Key => "no key of the issuer has its `kid` and is for its `alg`",
            Self::Signature => "the signature is not the issuer's",
        })
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
