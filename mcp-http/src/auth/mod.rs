//! Who asks: from the headers of a request to an [`Identity`].
//!
//! # Specification
//! [2025-11-25, Authorization](https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization)

mod api_key;
mod challenge;
mod claims;
mod digest;
mod introspection;
#[cfg(feature = "jwt")]
mod jwt;
mod metadata;
mod unavailable;

use std::{
    any::Any,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    task::Poll,
};

use async_trait::async_trait;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use mcp_core::{
    Error, Identity,
    jsonrpc::{ErrorCode, ErrorObject},
};

#[cfg(feature = "jwt")]
pub use self::jwt::{Jwks, JwksError, Jwt};
pub use self::{
    api_key::{ApiKeys, KeyFileError},
    introspection::Introspection,
    unavailable::Unavailable,
};
pub(crate) use self::{
    challenge::{Challenge, denied},
    metadata::{ProtectedResource, Published, challenge},
};
use crate::{
    header::{API_KEY, Single},
    refusal::Refusal,
};

/// Tells who a credential belongs to.
///
/// Several can be given to a server; they are tried in order, and the first that knows the
/// credential decides. One that panics costs its caller a 500. None is asked where something in front
/// of the server [knows already](crate::McpService) who it is.
///
/// ```
/// use mcp_core::Identity;
/// use mcp_http::auth::{Authenticator, Credential, Unavailable};
///
/// struct Guests;
///
/// #[async_trait::async_trait]
/// impl Authenticator for Guests {
///     async fn authenticate(
///         &self,
///         credential: Credential<'_>,
///     ) -> Result<Option<Identity>, Unavailable> {
///         Ok(credential.secret().strip_prefix("guest-").map(Identity::new))
///     }
/// }
/// ```
#[async_trait]
pub trait Authenticator: Send + Sync + 'static {
    /// Who it belongs to, if this authenticator knows it.
    ///
    /// # Errors
    /// [`Unavailable`] when that cannot be told now. It decides nothing where another knows the
    /// credential.
    async fn authenticate(
        &self,
        credential: Credential<'_>,
    ) -> Result<Option<Identity>, Unavailable>;

    /// Whether it knows credentials of `X-API-Key`, too: a 401 advises that header where any does.
    /// Default: it does.
    fn takes_api_keys(&self) -> bool {
        true
    }
}

/// What a client presented to say who it is.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Credential<'a> {
    /// `Authorization: Bearer …`
    Bearer(&'a str),
    /// `X-API-Key: …`
    ApiKey(&'a str),
}

impl<'a> Credential<'a> {
    /// The secret itself; it belongs in no log.
    pub fn secret(&self) -> &'a str {
        match self {
            Self::Bearer(secret) | Self::ApiKey(secret) => secret,
        }
    }
}

impl std::fmt::Debug for Credential<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bearer(_) => "Bearer(..)",
            Self::ApiKey(_) => "ApiKey(..)",
        })
    }
}

/// Whether callers may stay unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Anonymous {
    /// They may, until they want what requires authentication.
    #[default]
    Allowed,
    /// Nobody is served who has not said who they are.
    Refused,
}

/// The credentials of a request, taken out of its head: whoever sees the head later cannot pass them
/// on.
///
/// # Specification
/// Token passthrough:
/// [2025-11-25](https://modelcontextprotocol.io/docs/2025-11-25/tutorials/security/security_best_practices#token-passthrough),
/// [2026-07-28](https://modelcontextprotocol.io/docs/2026-07-28/tutorials/security/security_best_practices#token-passthrough)
pub(crate) struct Presented {
    authorization: Given,
    api_key: Given,
}

/// A header that was taken out.
enum Given {
    Absent,
    One(HeaderValue),
    Several,
}

impl Presented {
    /// Takes them.
    pub(crate) fn take(headers: &mut HeaderMap) -> Self {
        // One pass is less than two look-ups, and most requests have neither.
        if !(headers.keys()).any(|name| *name == header::AUTHORIZATION || *name == API_KEY) {
            return Self {
                authorization: Given::Absent,
                api_key: Given::Absent,
            };
        }
        Self {
            authorization: Given::take(headers, &header::AUTHORIZATION),
            api_key: Given::take(headers, &API_KEY),
        }
    }
}

impl Given {
    fn take(headers: &mut HeaderMap, name: &HeaderName) -> Self {
        let given = match Single::of(headers, name) {
            Single::Absent => return Self::Absent,
            Single::One(value) => Self::One(value.clone()),
            Single::Several => Self::Several,
        };
        headers.remove(name);
        given
    }
}

/// Who asks, if anyone said so.
pub(crate) async fn identify(
    authenticators: &[Box<dyn Authenticator>],
    anonymous: Anonymous,
    presented: &Presented,
) -> Result<Option<Identity>, Refusal> {
    let credential = match authenticators {
        // It is for somebody in front.
        [] => None,
        _ => credential(presented)?,
    };
    let Some(credential) = credential else {
        return match anonymous {
            Anonymous::Allowed => Ok(None),
            Anonymous::Refused => Err(challenge::missing()),
        };
    };
    let mut unavailable = None;
    for authenticator in authenticators {
        match ask(&**authenticator, credential).await? {
            Ok(Some(identity)) => return Ok(Some(identity)),
            Ok(None) => {}
            Err(reason) => unavailable = Some(reason),
        }
    }
    Err(unavailable.map_or_else(challenge::invalid, Unavailable::refuse))
}

/// Asks one of them; a panic meanwhile costs this request, and not its connection.
async fn ask(
    authenticator: &dyn Authenticator,
    credential: Credential<'_>,
) -> Result<Result<Option<Identity>, Unavailable>, Refusal> {
    let mut asked = None;
    poll_fn(|cx| {
        // What panicked is dropped, never looked at again: nobody sees it half-done.
        let polled = catch_unwind(AssertUnwindSafe(|| {
            let asked = asked.get_or_insert_with(|| authenticator.authenticate(credential));
            asked.as_mut().poll(cx)
        }));
        match polled {
            Ok(polled) => polled.map(Ok),
            Err(panic) => Poll::Ready(Err(panicked(&*panic))),
        }
    })
    .await
}

fn panicked(panic: &(dyn Any + Send)) -> Refusal {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("(no message)");
    let error = Error::internal(format_args!("an authenticator panicked: {text}"));
    let error = ErrorObject::new(ErrorCode::INTERNAL_ERROR, error.to_string());
    Refusal::from_error(StatusCode::INTERNAL_SERVER_ERROR, error)
}

/// The one credential of a request: two could name two people.
fn credential(presented: &Presented) -> Result<Option<Credential<'_>>, Refusal> {
    let bearer = match &presented.authorization {
        Given::Absent => None,
        Given::One(value) => {
            let value = value.to_str().map_err(|_| challenge::invalid())?;
            let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
            if !scheme.eq_ignore_ascii_case("bearer") {
                return Err(challenge::missing());
            }
            Some(token.trim())
        }
        Given::Several => return Err(two_credentials()),
    };
    let key = match &presented.api_key {
        Given::Absent => None,
        Given::One(value) => Some(value.to_str().unwrap_or_default().trim()),
        Given::Several => return Err(two_credentials()),
    };
    let credential = match (bearer, key) {
        (Some(_), Some(_)) => return Err(two_credentials()),
        (Some(token), None) => Credential::Bearer(token),
        (None, Some(key)) => Credential::ApiKey(key),
        (None, None) => return Ok(None),
    };
    // What was left empty, or is no text, is nobody's, though a key was left empty here, too.
    if credential.secret().is_empty() {
        return Err(challenge::invalid());
    }
    Ok(Some(credential))
}

fn two_credentials() -> Refusal {
    let message = "Two credentials: send `Authorization` or `X-API-Key`, once";
    Refusal::new(StatusCode::BAD_REQUEST, message)
}
