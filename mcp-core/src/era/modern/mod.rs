//! 2026-07-28: no handshake and no session; every request carries what it needs.
//!
//! A transport [opens](Opened::parse) a request, holds whatever it mirrors of it against it, and
//! [calls](Modern::call) it, or lets it [listen](Modern::listen).

mod call;
mod discover;
mod listen;
mod meta;
mod said;
mod seal;
mod state;

use std::{fmt, sync::Arc, time::Duration};

pub use self::{
    call::{Call, Step},
    listen::Listening,
    meta::{Opened, Refused, VERSION_KEY, check_version, says_version},
    said::Memo,
};
use self::{listen::Listeners, seal::Seal};
use crate::{SealKey, SealKeyError, handler::Handler, seal::Sealer};

/// How the modern era is served.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ModernOptions {
    /// Keys for `requestState`, the newest first: it seals, all open. Without any, one is made at
    /// random, and questions asked by one process are not understood by another.
    pub keys: Vec<SealKey>,
    /// How long a client may take to answer questions. 15 minutes unless said.
    pub state_lifetime: Duration,
    /// Whether every result names the server. It does unless said otherwise.
    pub server_info: bool,
}

impl Default for ModernOptions {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            state_lifetime: Duration::from_secs(15 * 60),
            server_info: true,
        }
    }
}

/// The modern era over one handler.
#[derive(Clone)]
pub struct Modern(Arc<Inner>);

struct Inner {
    handler: Arc<dyn Handler>,
    sealer: Sealer,
    state_lifetime: Duration,
    seal: Seal,
    listeners: Arc<Listeners>,
}

impl Modern {
    /// These rules for this handler.
    ///
    /// # Errors
    /// When no key is given, and the operating system has no randomness for one.
    pub fn new(handler: Arc<dyn Handler>, options: ModernOptions) -> Result<Self, SealKeyError> {
        let mut keys = options.keys;
        if keys.is_empty() {
            keys.push(SealKey::random()?);
        }
        let listeners = Arc::new(Listeners::default());
        if let Some(changes) = handler.changes() {
            let watcher = Arc::downgrade(&listeners);
            changes.watch(watcher);
        }
        let named = options.server_info.then(|| &handler.info().implementation);
        Ok(Self(Arc::new(Inner {
            sealer: Sealer::new(&keys),
            state_lifetime: options.state_lifetime,
            seal: Seal::new(named),
            listeners,
            handler,
        })))
    }

    /// Ends all subscriptions in good order, as the server goes down.
    pub fn close_streams(&self) {
        self.0.listeners.close(&self.0.seal);
    }
}

impl fmt::Debug for Modern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Modern")
            .field("server", self.0.handler.info())
            .finish_non_exhaustive()
    }
}
