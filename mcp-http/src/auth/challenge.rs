//! What a 401 says: that a credential is needed, and how to send one. What a 403 says: which scopes.

use http::{HeaderValue, StatusCode};
use mcp_core::{
    Caller, Denied, Identity, Peer,
    handler::Handler,
    jsonrpc::{ErrorCode, ErrorObject, RequestId},
};
use serde_json::{Value, json};

use super::Authenticator;
use crate::refusal::Refusal;

const AUTHENTICATION_REQUIRED: ErrorCode = ErrorCode(-32000);

/// What `WWW-Authenticate` says of one refusal.
///
/// # Specification
/// [RFC 6750, section 3](https://www.rfc-editor.org/rfc/rfc6750#section-3)
#[derive(Debug)]
pub(crate) enum Challenge {
    /// No credential was sent, or one of a scheme that nobody reads.
    Missing,
    /// The one that was sent is not valid.
    InvalidToken,
    /// The one that was sent is valid, and too weak.
    InsufficientScope {
        /// What is needed, all of it.
        needed: Vec<String>,
        /// What its bearer is allowed already and would miss.
        granted: Vec<String>,
    },
}

/// What a challenge says beside its kind, where clients can get tokens by themselves.
pub(super) struct Discovery<'a> {
    /// Where to learn who issues tokens.
    pub(super) metadata: &'a str,
    /// What to ask for.
    pub(super) scopes: &'a [String],
}

impl Challenge {
    /// Notes what the caller is allowed already, as far as it is of use here: clients have what they
    /// ask for in place of what they had, and ask for what they are told.
    ///
    /// # Specification
    /// [2025-11-25, Scope challenge handling](https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization#scope-challenge-handling)
    pub(crate) fn by(&mut self, caller: &Identity, handler: &dyn Handler) {
        if let Self::InsufficientScope { needed, granted } = self {
            let mut used = handler.scopes(Caller::new(Some(caller), &Peer::default()));
            used.retain(|scope| caller.has_scope(scope) && !needed.contains(scope));
            *granted = used;
        }
    }

    /// How these would be sent a credential, where that is what is missing.
    pub(crate) fn advice(&self, authenticators: &[Box<dyn Authenticator>]) -> Option<Value> {
        if matches!(self, Self::InsufficientScope { .. }) || authenticators.is_empty() {
            return None;
        }
        let mut each = authenticators.iter();
        let send: &[&str] = match each.any(|authenticator| authenticator.takes_api_keys()) {
            true => &["Authorization: Bearer <key>", "X-API-Key: <key>"],
            false => &["Authorization: Bearer <token>"],
        };
        Some(json!({ "send": send }))
    }

    /// The header.
    pub(super) fn header(&self, discovery: Option<Discovery<'_>>) -> HeaderValue {
        let mut text = String::from(r#"Bearer realm="mcp""#);
        let mut say = |name: &str, value: &str| text.push_str(&format!(r#", {name}="{value}""#));
        match self {
            Self::Missing => {}
            Self::InvalidToken => say("error", "invalid_token"),
            Self::InsufficientScope { .. } => say("error", "insufficient_scope"),
        }
        let scopes = match (self, &discovery) {
            (Self::InsufficientScope { needed, granted }, _) => {
                [&needed[..], &granted[..]].concat()
            }
            (_, Some(discovery)) => discovery.scopes.to_vec(),
            (_, None) => Vec::new(),
        };
        if !scopes.is_empty() {
            say("scope", &scopes.join(" "));
        }
        if let Some(discovery) = discovery {
            say("resource_metadata", discovery.metadata);
        }
        // Scopes and URLs are checked where they are given: each of them fits into a header.
        HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(r#"Bearer realm="mcp""#))
    }
}

/// No credential, where nobody is served without, or one of a scheme that is not served.
pub(super) fn missing() -> Refusal {
    unauthenticated(
        Challenge::Missing,
        ErrorObject::new(AUTHENTICATION_REQUIRED, "Authentication required"),
    )
}

/// A credential that nobody knows. What is wrong with it is not for its bearer to learn.
pub(super) fn invalid() -> Refusal {
    unauthenticated(
        Challenge::InvalidToken,
        ErrorObject::new(AUTHENTICATION_REQUIRED, "The credential is not valid"),
    )
}

/// Turns away the caller of a request.
pub(crate) fn denied(why: &Denied, id: &RequestId, error: ErrorObject) -> Refusal {
    match why {
        Denied::Unauthenticated => unauthenticated(Challenge::Missing, error),
        Denied::InsufficientScope(scopes) => insufficient_scope(scopes, error),
        _ => Refusal::from_error(StatusCode::FORBIDDEN, error),
    }
    .id(id)
}

/// A 403 that says which scopes are needed.
fn insufficient_scope(scopes: &[String], error: ErrorObject) -> Refusal {
    let error = error.with_data(json!({ "requiredScopes": scopes }));
    Refusal::from_error(StatusCode::FORBIDDEN, error).with_challenge(Challenge::InsufficientScope {
        needed: scopes.to_vec(),
        granted: Vec::new(),
    })
}

fn unauthenticated(challenge: Challenge, error: ErrorObject) -> Refusal {
    Refusal::from_error(StatusCode::UNAUTHORIZED, error).with_challenge(challenge)
}
