//! The two eras of the protocol. Which rules a message is served under is decided once, here.
//!
//! **Legacy** is an `initialize` handshake and the session it makes (2025-11-25 and earlier);
//! **modern** is 2026-07-28, where every request carries what it needs. Transports [`fork`] and
//! then drive [`legacy::Legacy`] or [`modern::Modern`]; handlers, registries and dispatch never
//! know which.
//!
//! # Specification
//! [2026-07-28, Versioning](https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning)

mod budget;
mod content;
pub mod legacy;
pub mod modern;
pub mod stream;
mod trace;

use std::time::SystemTime;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    ProtocolVersion,
    error::{Denied, Error},
    jsonrpc::{ErrorObject, Raw, RequestId, Response},
};

pub use crate::caller::Origin;

/// The rules that a message is served under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// A handshake, and a session.
    Legacy,
    /// Every request by itself.
    Modern,
}

impl Era {
    /// The newest revision of the era.
    pub const fn newest(self) -> ProtocolVersion {
        match self {
            Self::Legacy => ProtocolVersion::LATEST_LEGACY,
            Self::Modern => ProtocolVersion::V2026_07_28,
        }
    }
}

/// Which rules a message is served under: the modern ones if it says so itself, or if its version
/// header names anything but a legacy revision.
///
/// ```
/// use mcp_core::era::{Era, fork};
///
/// assert_eq!(fork(Some("2025-11-25"), None), Era::Legacy);
/// assert_eq!(fork(Some("2026-07-28"), None), Era::Modern);
/// assert_eq!(fork(None, None), Era::Legacy);
/// ```
pub fn fork(version: Option<&str>, params: Option<Raw<'_>>) -> Era {
    let named = version.map(|version| ProtocolVersion::parse(version).map(ProtocolVersion::era));
    match named {
        Some(Some(Era::Modern) | None) => Era::Modern,
        _ if params.is_some_and(modern::says_version) => Era::Modern,
        _ => Era::Legacy,
    }
}

/// What a transport can do for a call before its response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delivery {
    /// Messages on the way, and questions.
    Stream,
    /// Nothing: the client takes one response.
    ResponseOnly,
}

/// How a request ended, ready to be sent.
#[derive(Debug)]
#[non_exhaustive]
pub enum Sealed {
    /// With this response.
    Response(Response),
    /// With the caller turned away, which a transport may have a way of its own to say.
    Denied {
        /// Why.
        why: Denied,
        /// Which request.
        id: RequestId,
        /// What to say in a response otherwise.
        error: ErrorObject,
    },
}

impl Sealed {
    /// How a request ended that was answered with this error.
    fn failed(id: &RequestId, error: &Error, object: ErrorObject) -> Self {
        match Denied::of(error) {
            Some(why) => Self::Denied {
                why,
                id: id.clone(),
                error: object,
            },
            None => Self::Response(Response::error(Some(id), &object)),
        }
    }

    /// The response in any case.
    pub fn into_response(self) -> Response {
        match self {
            Self::Response(response) => response,
            Self::Denied { id, error, .. } => Response::error(Some(&id), &error),
        }
    }
}

/// That a client does not want the result of a request any more.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Cancelled {
    pub(crate) request_id: RequestId,
    #[serde(default)]
    pub(crate) reason: Value,
}

impl Cancelled {
    /// What a notification says, if it is this one and names a request.
    pub(crate) fn of(method: &str, params: Option<Raw<'_>>) -> Option<Self> {
        let params = params.filter(|_| method == "notifications/cancelled")?;
        params.parse().ok()
    }
}

/// Seconds since 1970, by which whatever is sealed knows its age.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
