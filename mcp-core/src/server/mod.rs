//! What transports serve: a snapshot of what is offered, seen by each caller as they may.

mod builder;
mod extension;

use std::{
    borrow::Cow,
    num::NonZeroUsize,
    sync::{Arc, Mutex},
    time::Duration,
};

use arc_swap::{ArcSwap, Guard};

pub use self::builder::{BuildError, ServerBuilder};
use crate::{
    Identity,
    cache::Cache,
    caller::Caller,
    changes::{Change, Changes},
    context::StateMap,
    dispatch::dispatch,
    filter::Filters,
    handle::ServerHandle,
    handler::{Handler, Mirrored, Reply, Request, ServerInfo},
    hierarchy::Hierarchy,
    registry::{Registry, tool::Tool, view::View},
};

/// A server: tools, resources and prompts by name, ready to be served by a transport.
///
/// `mcp_http::serve` and `mcp_core::stdio::serve` take one, and serve every revision of the protocol
/// from it. Cheap to clone: all clones are the same server.
///
/// ```
/// use mcp_core::prelude::*;
///
/// /// Add two numbers
/// #[mcp_tool(read_only)]
/// fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// let server = Server::new("calculator", "1.0.0").tools(tools![add]).build()?;
/// # let _ = server;
/// # Ok::<(), mcp_core::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Server(Arc<Shared>);

/// What a server is made of, for everybody who serves or changes it.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) info: ServerInfo,
    pub(crate) state: StateMap,
    pub(crate) registry: ArcSwap<Registry>,
    pub(crate) page_size: Option<NonZeroUsize>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) list_cache: Cache,
    pub(crate) filters: Filters,
    pub(crate) hierarchy: Option<Arc<Hierarchy>>,
    pub(crate) changes: Changes,
    /// Held while a new snapshot is made, so that no change is lost.
    pub(crate) changing: Mutex<()>,
}

impl Shared {
    /// What is offered now.
    pub(crate) fn registry(&self) -> Guard<Arc<Registry>> {
        self.registry.load()
    }

    /// What this caller gets to see of it.
    pub(crate) fn view<'a>(&'a self, registry: &'a Registry, caller: Caller<'a>) -> View<'a> {
        View {
            registry,
            filters: &self.filters,
            page_size: self.page_size,
            caller,
        }
    }

    /// Who asks, with scopes that imply others as this server says.
    fn known<'a>(&self, identity: Option<&'a Identity>) -> Option<Cow<'a, Identity>> {
        identity.map(|identity| match &self.hierarchy {
            Some(hierarchy) => Cow::Owned(identity.under(hierarchy)),
            None => Cow::Borrowed(identity),
        })
    }

    /// Whether clients were told that there is such a thing.
    pub(crate) fn offers(&self, change: &Change) -> bool {
        let offered = &self.info.capabilities;
        match change {
            Change::Tools => offered.tools.is_some(),
            Change::Prompts => offered.prompts.is_some(),
            Change::Resources | Change::Resource(_) => offered.resources.is_some(),
        }
    }
}

impl Server {
    /// Starts a server by the name and the version of your program, as clients are told them.
    #[expect(
        clippy::new_ret_no_self,
        reason = "a server is there once it is built and checked"
    )]
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> ServerBuilder {
        ServerBuilder::new(name.into(), version.into())
    }
}

impl Server {
    /// What changes the server while it serves; handlers can take it as a parameter, too.
    pub fn handle(&self) -> ServerHandle {
        ServerHandle::new(Arc::clone(&self.0))
    }

    /// What is offered now.
    pub(crate) fn registry(&self) -> Guard<Arc<Registry>> {
        self.0.registry()
    }
}

impl Handler for Server {
    fn info(&self) -> &ServerInfo {
        &self.0.info
    }

    fn handle(&self, request: Request<'_>) -> Reply {
        let known = self.0.known(request.identity);
        dispatch(&self.0, request.identity(known.as_deref()))
    }

    fn mirrored(&self, caller: Caller<'_>, tool: &str) -> Option<Arc<[Mirrored]>> {
        let known = self.0.known(caller.identity());
        let registry = self.0.registry();
        let view = self.0.view(&registry, caller.by(known.as_deref()));
        view.tool(tool).map(Tool::mirrored)
    }

    fn may_watch(&self, caller: Caller<'_>, uri: &str) -> bool {
        let known = self.0.known(caller.identity());
        let registry = self.0.registry();
        let view = self.0.view(&registry, caller.by(known.as_deref()));
        self.0.filters.is_empty() || view.is_resource(uri)
    }

    fn scopes(&self, caller: Caller<'_>) -> Vec<String> {
        let known = self.0.known(caller.identity());
        let registry = self.0.registry();
        let caller = caller.by(known.as_deref());
        let mut scopes: Vec<String> = Vec::new();
        for scope in self.0.view(&registry, caller).scopes() {
            let held = caller.identity().and_then(|who| who.has_by(&scope));
            let scope = held.cloned().unwrap_or(scope);
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        scopes
    }

    fn changes(&self) -> Option<&Changes> {
        Some(&self.0.changes)
    }
}

/// What a transport can be given: a [`Handler`], or a [`ServerBuilder`] that makes one.
pub trait IntoHandler {
    /// The handler.
    ///
    /// # Errors
    /// [`BuildError`] when it cannot be built.
    fn into_handler(self) -> Result<Arc<dyn Handler>, BuildError>;
}

impl IntoHandler for ServerBuilder {
    fn into_handler(self) -> Result<Arc<dyn Handler>, BuildError> {
        Ok(Arc::new(self.build()?))
    }
}

impl<H: Handler> IntoHandler for H {
    fn into_handler(self) -> Result<Arc<dyn Handler>, BuildError> {
        Ok(Arc::new(self))
    }
}

impl IntoHandler for Arc<dyn Handler> {
    fn into_handler(self) -> Result<Arc<dyn Handler>, BuildError> {
        Ok(self)
    }
}
