//! Revisions with a handshake and a session: 2025-11-25, 2025-06-18, 2025-03-26, 2024-11-05.
//!
//! A transport drives [`Legacy`]: [`initialize`](Legacy::initialize) makes a session,
//! [`call`](Legacy::call) starts a request of one, which the transport then polls.

mod call;
mod handshake;
mod live;
mod own;
mod question;
mod record;
mod seal;
mod session;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

use self::live::Live;
pub use self::{
    call::{Call, IdInUse, Step},
    session::{Session, SessionOptions, Sessions},
};
pub use super::stream::Resumption;
use crate::{Identity, SealKeyError, handler::Handler};

/// The legacy era over one handler.
#[derive(Clone)]
pub struct Legacy {
    handler: Arc<dyn Handler>,
    sessions: Arc<Sessions>,
    live: Arc<Live>,
}

impl Legacy {
    /// These rules for this handler.
    ///
    /// # Errors
    /// When no key is given, and the operating system has no randomness for one.
    pub fn new(handler: Arc<dyn Handler>, options: SessionOptions) -> Result<Self, SealKeyError> {
        let sessions = Arc::new(Sessions::new(options.clone())?);
        let live = Arc::new(Live::new(&options, Arc::clone(&sessions)));
        if let Some(changes) = handler.changes() {
            let watcher = Arc::downgrade(&live);
            changes.watch(watcher);
        }
        Ok(Self {
            handler,
            sessions,
            live,
        })
    }

    /// The sessions that [`initialize`](Self::initialize) makes.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Ends a session and everything of it. False when there was none.
    pub fn end(&self, id: &str, caller: Option<&Identity>) -> bool {
        let ended = self.sessions.end(id, caller);
        if let Some(session) = &ended {
            self.live.end(session);
        }
        ended.is_some()
    }

    /// Whether sessions of this revision may send several messages at once.
    pub fn takes_batches(&self, session: &Session) -> bool {
        session.version() == crate::ProtocolVersion::V2025_03_26
    }

    /// Ends all streams that belong to no call, as the server goes down.
    pub fn close_streams(&self) {
        self.live.close();
    }
}

impl fmt::Debug for Legacy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Legacy")
            .field("server", self.handler.info())
            .finish_non_exhaustive()
    }
}
