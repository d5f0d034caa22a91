//! Revisions with a handshake and a session: 2025-11-25, 2025-06-18, 2025-03-26.

mod handshake;
mod seal;
mod session;

use std::{fmt, sync::Arc};

use serde_json::value::RawValue;

pub use self::session::{Session, SessionOptions, Sessions};
use crate::{
    Identity,
    handler::{Handler, Request, guard},
    jsonrpc::{ErrorObject, RequestId, Response},
};

/// The legacy era over one handler.
#[derive(Clone)]
pub struct Legacy {
    handler: Arc<dyn Handler>,
    sessions: Arc<Sessions>,
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
        /// What to say in a response otherwise.
        error: ErrorObject,
    },
}

/// Why a caller was turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denied {
    /// It has to say who it is.
    Unauthenticated,
}

impl Legacy {
    /// These rules for this handler.
    pub fn new(handler: Arc<dyn Handler>, sessions: Sessions) -> Self {
        Self {
            handler,
            sessions: Arc::new(sessions),
        }
    }

    /// The sessions that [`initialize`](Self::initialize) makes.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Answers a request of a session.
    ///
    /// Dropping the future cancels the call. A handler that panics costs its own call only.
    pub async fn request(
        &self,
        session: &Session,
        identity: Option<&Identity>,
        id: &RequestId,
        method: &str,
        params: Option<&RawValue>,
    ) -> Sealed {
        if method == "ping" {
            return seal::empty(id);
        }
        let request = Request::new(id, method, session.peer())
            .params(params)
            .identity(identity);
        let outcome = guard(|| self.handler.handle(request)).await;
        seal::seal(session.version(), id, outcome)
    }
}

impl fmt::Debug for Legacy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Legacy")
            .field("server", self.handler.info())
            .finish_non_exhaustive()
    }
}
