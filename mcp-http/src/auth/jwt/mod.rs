//! Access tokens that are signed: JSON Web Tokens, checked here and nowhere else.
//!
//! # Specification
//! [RFC 7519](https://www.rfc-editor.org/rfc/rfc7519),
//! [RFC 9068](https://www.rfc-editor.org/rfc/rfc9068),
//! [RFC 8725](https://www.rfc-editor.org/rfc/rfc8725)

mod jwks;
mod key;
mod verified;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, decode_header};
use mcp_core::Identity;

pub use self::jwks::{Jwks, JwksError};
use self::{key::KeySet, verified::Verified};
use super::{
    Authenticator, Credential, Unavailable,
    claims::{self, Claims, Expected, Refused, Time},
    digest::digest,
};

const BAD_SIGNATURE: Refused = Refused("the signature is not the issuer's");

/// Takes the access tokens that one authorization server signs for this server.
///
/// A token has to be signed with one of the issuer's keys, by RS256, PS256, ES256 or EdDSA as its key
/// has it; it has to name this issuer, this audience, its time (`exp`, and `nbf` if it is there) and
/// whom it is about. Its `sub` becomes the [`Identity`], vouched for by the issuer, with the scopes in
/// `scope` and `scp`. Why a token is not taken is in the log, at `debug`; its bearer is not told.
///
/// ```no_run
/// use mcp_core::Server;
/// use mcp_http::{HttpServer, auth::{Jwks, Jwt}};
///
/// # #[tokio::main]
/// # async fn main() -> mcp_http::Result {
/// let issuer = "https://login.example.com";
/// let keys = Jwks::from_file("jwks.json")?;
/// HttpServer::new(Server::new("library", "1.0.0"))
///     .public_url("https://mcp.example.com")
///     .authorization_servers([issuer])
///     .auth(Jwt::new(issuer, "https://mcp.example.com/mcp", keys))
///     .serve("127.0.0.1:8000")
///     .await
/// # }
/// ```
///
/// # Specification
/// Access token usage:
/// [2025-11-25](https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization#access-token-usage),
/// [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#access-token-usage)
pub struct Jwt {
    expected: Expected,
    keys: Jwks,
    verified: Verified,
}

impl Jwt {
    /// Tokens by this issuer, which are compared letter by letter; for this audience, which is the
    /// URL of MCP here, unless the issuer knows the server by another name; signed with these keys.
    pub fn new(issuer: impl Into<String>, audience: impl AsRef<str>, keys: Jwks) -> Self {
        Self {
            expected: Expected::new(issuer.into(), audience.as_ref()),
            keys,
            verified: Verified::default(),
        }
    }

    /// How far the clocks of issuer and server may be apart. Default: 60 s.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.expected.leeway = leeway;
        self
    }

    /// What a token says. Nothing of it is believed before its signature is.
    fn read(&self, token: &Parts<'_>) -> Result<Said, Refused> {
        let header = decode_header(token.whole).map_err(|_| {
            Refused("its header is not one, or names an algorithm that is not known")
        })?;
        if header.crit.is_some() {
            return Err(Refused("its header has `crit`, which is not supported"));
        }
        let claims = Claims::decode(token.claims)?;
        if claims.iss.is_none() || claims.exp.is_none() {
            return Err(Refused("`iss` or `exp` is not there"));
        }
        self.expected.check(&claims)?;
        Ok(Said {
            kid: header.kid,
            algorithm: header.alg,
            time: claims.time(),
            identity: claims.into_identity(&self.expected.issuer),
        })
    }

    /// Whether one of these keys made the signature.
    fn verify(
        &self,
        token: &Parts<'_>,
        said: &Arc<Said>,
        keys: &Arc<KeySet>,
    ) -> Result<(), Refused> {
        let mut able = keys
            .that_may_have_signed(said.kid.as_deref(), said.algorithm)
            .peekable();
        if able.peek().is_none() {
            return Err(Refused(
                "no key of the issuer has its `kid` and is for its `alg`",
            ));
        }
        let signature = token.signature()?;
        match able.any(|key| key.verifies(said.algorithm, token.signed, &signature)) {
            true => Ok(()),
            false => Err(BAD_SIGNATURE),
        }
    }

    async fn check(&self, token: &Parts<'_>) -> Result<Result<Identity, Refused>, Unavailable> {
        let digest = digest(token.whole);
        // Before the keys are looked for: what was issued elsewhere, or long ago, is no reason to
        // fetch them.
        let said = match self.verified.said(&digest) {
            Some(said) => self.expected.check_time(said.time).map(|()| said),
            None => self.read(token).map(Arc::new),
        };
        let said = match said {
            Ok(said) => said,
            Err(refused) => return Ok(Err(refused)),
        };
        let kid = said.kid.as_deref();
        let keys = self.keys.that_may_have_signed(kid, said.algorithm).await?;
        if !self.verified.holds(&digest, &keys) {
            if let Err(refused) = self.verify(token, &said, &keys) {
                return Ok(Err(refused));
            }
            self.verified.remember(digest, Arc::clone(&said), &keys);
        }
        Ok(Ok(said.identity.clone()))
    }
}

/// What a token says, which never changes.
struct Said {
    kid: Option<String>,
    algorithm: Algorithm,
    time: Time,
    identity: Identity,
}

#[async_trait]
impl Authenticator for Jwt {
    async fn authenticate(
        &self,
        credential: Credential<'_>,
    ) -> Result<Option<Identity>, Unavailable> {
        let Credential::Bearer(token) = credential else {
            return Ok(None);
        };
        let Some(token) = Parts::of(token) else {
            return Ok(None);
        };
        let checked = self.check(&token).await?;
        Ok(checked.map_err(|why| self.expected.note(why)).ok())
    }

    fn takes_api_keys(&self) -> bool {
        false
    }
}

impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwt")
            .field("issuer", &self.expected.issuer)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

/// A token, taken apart and not yet decoded.
struct Parts<'a> {
    whole: &'a str,
    signed: &'a [u8],
    claims: &'a str,
    signature: &'a str,
}

impl<'a> Parts<'a> {
    /// None: a credential of another kind.
    fn of(whole: &'a str) -> Option<Self> {
        let [_, claims, signature] = claims::parts(whole)?;
        let (signed, _) = whole.rsplit_once('.')?;
        Some(Self {
            whole,
            signed: signed.as_bytes(),
            claims,
            signature,
        })
    }

    fn signature(&self) -> Result<Vec<u8>, Refused> {
        let decoded = BASE64_URL_SAFE_NO_PAD.decode(self.signature);
        decoded.map_err(|_| BAD_SIGNATURE)
    }
}
