//! Who calls: what the transport knows of it, and what the client says of itself.

use std::{any::Any, sync::Arc};

use crate::{Identity, context::Peer};

/// What a transport knows of a request besides the message.
///
/// ```
/// use std::{any::Any, sync::Arc};
///
/// use mcp_core::{Identity, era::Origin};
///
/// struct Socket {
///     port: u16,
/// }
///
/// let alice = Identity::new("alice");
/// let socket: Arc<dyn Any + Send + Sync> = Arc::new(Socket { port: 80 });
/// let origin = Origin::from(Some(&alice)).over(&socket);
/// assert_eq!(origin.identity(), Some(&alice));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Origin<'a> {
    pub(crate) identity: Option<&'a Identity>,
    pub(crate) transport: Option<&'a Arc<dyn Any + Send + Sync>>,
}

impl<'a> Origin<'a> {
    /// The same, with what extractors may want to know: see
    /// [`Context::transport`](crate::Context::transport). It must hold no credential, since whatever
    /// it holds is within reach of every handler.
    #[must_use]
    pub fn over(mut self, transport: &'a Arc<dyn Any + Send + Sync>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Who asks, if a credential was presented.
    pub fn identity(&self) -> Option<&'a Identity> {
        self.identity
    }
}

impl<'a> From<Option<&'a Identity>> for Origin<'a> {
    fn from(identity: Option<&'a Identity>) -> Self {
        Self {
            identity,
            transport: None,
        }
    }
}

/// Who calls: an identity, a program, and the way it came.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    origin: Origin<'a>,
    peer: &'a Peer,
}

impl<'a> Caller<'a> {
    /// Somebody who calls through this program.
    pub fn new(origin: impl Into<Origin<'a>>, peer: &'a Peer) -> Self {
        Self {
            origin: origin.into(),
            peer,
        }
    }

    /// The same call by somebody, as they are known here.
    pub(crate) fn by(mut self, identity: Option<&'a Identity>) -> Self {
        self.origin.identity = identity;
        self
    }

    /// Who asks, if a credential was presented.
    pub fn identity(&self) -> Option<&'a Identity> {
        self.origin.identity
    }

    /// Whether a credential was presented that carries this scope, or one that
    /// [implies](crate::ServerBuilder::scope_implies) it.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.identity()
            .is_some_and(|identity| identity.has_scope(scope))
    }

    /// The program on the other side, as it described itself.
    pub fn client(&self) -> &'a Peer {
        self.peer
    }

    /// What the transport knows of the request, if that is a `T`: over HTTP its head, an
    /// `http::request::Parts`.
    pub fn transport<T: Any>(&self) -> Option<&'a T> {
        known(self.origin.transport)
    }
}

/// What a transport knows, if that is a `T`.
pub(crate) fn known<T: Any>(transport: Option<&Arc<dyn Any + Send + Sync>>) -> Option<&T> {
    // Of what the `Arc` holds, not of the `Arc`, which is `Any`, too.
    let known: &(dyn Any + Send + Sync) = &**transport?;
    known.downcast_ref()
}
