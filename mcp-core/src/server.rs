//! Server: what a user builds, and the checks it must pass before it serves.

use std::{
    fmt,
    num::NonZeroUsize,
    sync::{Arc, Mutex},
    time::Duration,
};

use arc_swap::{ArcSwap, Guard};
use schemars::JsonSchema;

use crate::{
    cache::{Cache, CacheScope},
    changes::{Change, Changes},
    context::StateMap,
    dispatch::dispatch,
    handle::ServerHandle,
    handler::{Handler, Mirrored, Reply, Request, ServerInfo},
    registry::{
        Entries, Registry, completion::Completion, prompt::Prompt, resource::Resource, tool::Tool,
    },
    schema::form,
    types::{
        Icon, Implementation,
        capabilities::{self, Listed, Supported},
    },
};

/// A server: tools, resources and prompts by name, ready to be served by a transport.
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
    pub(crate) list_cache: Cache,
    pub(crate) changes: Changes,
    /// Held while a new snapshot is made, so that no change is lost.
    pub(crate) changing: Mutex<()>,
}

impl Shared {
    /// What is offered now.
    pub(crate) fn registry(&self) -> Guard<Arc<Registry>> {
        self.registry.load()
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
    /// Starts a server by name and version.
    #[expect(
        clippy::new_ret_no_self,
        reason = "a server is there once it is built and checked"
    )]
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> ServerBuilder {
        ServerBuilder {
            info: ServerInfo::new(name, version),
            entries: Entries::default(),
            state: StateMap::default(),
            page_size: None,
            list_cache: Cache {
                ttl: Duration::from_secs(60),
                scope: CacheScope::Public,
            },
            problems: Vec::new(),
        }
    }
}

impl Server {
    /// What changes the server while it serves.
    pub fn handle(&self) -> ServerHandle {
        ServerHandle::new(Arc::clone(&self.0))
    }

    /// What is offered now.
    #[cfg(feature = "testing")]
    pub(crate) fn registry(&self) -> Guard<Arc<Registry>> {
        self.0.registry()
    }
}

impl Handler for Server {
    fn info(&self) -> &ServerInfo {
        &self.0.info
    }

    fn handle(&self, request: Request<'_>) -> Reply {
        dispatch(&self.0, request)
    }

    fn mirrored(&self, tool: &str) -> Option<Arc<[Mirrored]>> {
        self.0.registry().tools.get(tool).map(Tool::mirrored)
    }

    fn changes(&self) -> Option<&Changes> {
        Some(&self.0.changes)
    }
}

/// A server being made: see [`Server::new`].
#[derive(Debug)]
#[must_use = "a server is there once it is built"]
pub struct ServerBuilder {
    info: ServerInfo,
    entries: Entries,
    state: StateMap,
    page_size: Option<NonZeroUsize>,
    list_cache: Cache,
    problems: Vec<String>,
}

impl ServerBuilder {
    /// A name for people.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.implementation().title = Some(title.into());
        self
    }

    /// What the server does, in a sentence.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.implementation().description = Some(description.into());
        self
    }

    /// Where to read more.
    pub fn website_url(mut self, url: impl Into<String>) -> Self {
        self.implementation().website_url = Some(url.into());
        self
    }

    /// A picture that clients may show.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.implementation().icons.push(icon);
        self
    }

    /// What the model should know about the server as a whole.
    pub fn instructions(mut self, instructions: impl Into<String>) -> Self {
        self.info.instructions = Some(instructions.into());
        self
    }

    /// A value for handlers to take as [`State`](crate::State); one of each type.
    pub fn state<T: Send + Sync + 'static>(mut self, value: T) -> Self {
        if !self.state.insert(value) {
            let name = std::any::type_name::<T>();
            self.problems
                .push(format!("two values of type `{name}` were given as state"));
        }
        self
    }

    /// More tools, listed in this order after those that are there.
    pub fn tools(mut self, tools: impl IntoIterator<Item = Tool>) -> Self {
        self.entries.tools.extend(tools);
        self
    }

    /// More resources and resource templates, listed in this order after those that are there.
    pub fn resources(mut self, resources: impl IntoIterator<Item = Resource>) -> Self {
        self.entries.resources.extend(resources);
        self
    }

    /// More prompts, listed in this order after those that are there.
    pub fn prompts(mut self, prompts: impl IntoIterator<Item = Prompt>) -> Self {
        self.entries.prompts.extend(prompts);
        self
    }

    /// What suggests values for arguments of prompts and variables of resource templates.
    pub fn completions(mut self, completions: impl IntoIterator<Item = Completion>) -> Self {
        self.entries.completions.extend(completions);
        self
    }

    /// How many entries one page of a list has. Default: all of them.
    pub fn page_size(mut self, entries: usize) -> Self {
        self.page_size = NonZeroUsize::new(entries);
        self
    }

    /// How long clients may keep lists, and who may. Default: 60 s, anybody; they are told of
    /// changes if they listen.
    pub fn list_cache(mut self, cache: Cache) -> Self {
        self.list_cache = cache;
        self
    }

    /// Offers tools even if there are none yet: some will be added while the server serves. What is
    /// offered cannot change later.
    pub fn offers_tools(mut self) -> Self {
        self.info.capabilities.tools = Some(Listed::default());
        self
    }

    /// Offers resources even if there are none yet.
    pub fn offers_resources(mut self) -> Self {
        self.info.capabilities.resources = Some(capabilities::Resources::default());
        self
    }

    /// Offers prompts even if there are none yet.
    pub fn offers_prompts(mut self) -> Self {
        self.info.capabilities.prompts = Some(Listed::default());
        self
    }

    /// Checks that clients can show the form that asks for a `T`, which
    /// [`Ctx::elicit`](crate::Ctx::elicit) otherwise does when it first asks.
    pub fn elicits<T: JsonSchema>(mut self) -> Self {
        if let Err(problem) = form::schema::<T>() {
            let name = std::any::type_name::<T>();
            self.problems.push(format!(
                "`{name}` is no form that clients can show: {problem}"
            ));
        }
        self
    }

    /// The server, if nothing stands against it.
    ///
    /// # Errors
    /// [`BuildError`] with every problem at once: names that clash or are malformed, state that
    /// handlers take and nobody gave, templates that overlap or do not fit their function.
    pub fn build(self) -> Result<Server, BuildError> {
        let Self {
            mut info,
            entries,
            state,
            page_size,
            list_cache,
            mut problems,
        } = self;
        let registry = Registry::new(entries, page_size, &state, &mut problems);
        if !problems.is_empty() {
            return Err(BuildError { problems });
        }
        let entries = &registry.entries;
        let listed = |offered: Option<Listed>, is_empty: bool| {
            (offered.is_some() || !is_empty).then_some(Listed { list_changed: true })
        };
        let offered = &mut info.capabilities;
        offered.tools = listed(offered.tools, entries.tools.is_empty());
        offered.prompts = listed(offered.prompts, entries.prompts.is_empty());
        let resources = offered.resources.is_some() || !entries.resources.is_empty();
        offered.resources = resources.then_some(capabilities::Resources {
            subscribe: true,
            list_changed: true,
        });
        offered.completions = registry.has_completions().then_some(Supported {});
        // Any handler may log, those too that are added later.
        offered.logging = Some(Supported {});
        Ok(Server(Arc::new(Shared {
            info,
            state,
            registry: ArcSwap::from_pointee(registry),
            page_size,
            list_cache,
            changes: Changes::default(),
            changing: Mutex::default(),
        })))
    }

    fn implementation(&mut self) -> &mut Implementation {
        &mut self.info.implementation
    }
}

/// Why a server cannot be built: every reason there is.
#[derive(Clone, Debug)]
pub struct BuildError {
    problems: Vec<String>,
}

impl BuildError {
    pub(crate) fn new(problems: Vec<String>) -> Self {
        Self { problems }
    }

    /// One sentence each.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.problems.len();
        let s = if count == 1 { "" } else { "s" };
        write!(f, "the server cannot be built, for {count} reason{s}:")?;
        self.problems
            .iter()
            .try_for_each(|problem| write!(f, "\n- {problem}"))
    }
}

impl std::error::Error for BuildError {}

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
