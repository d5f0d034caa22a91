//! Server: what a user builds, and the checks it must pass before it serves.

use std::{fmt, sync::Arc};

use crate::{
    context::StateMap,
    dispatch::dispatch,
    handler::{Handler, Reply, Request, ServerInfo},
    registry::{
        Registry, Table,
        prompt::Prompt,
        resource::{Resource, Resources},
        tool::Tool,
    },
    types::{
        Icon, Implementation,
        capabilities::{self, Listed},
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
#[derive(Debug)]
pub struct Server {
    info: ServerInfo,
    registry: Registry,
    state: StateMap,
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
            tools: Vec::new(),
            resources: Vec::new(),
            prompts: Vec::new(),
            state: StateMap::default(),
            problems: Vec::new(),
        }
    }
}

impl Handler for Server {
    fn info(&self) -> &ServerInfo {
        &self.info
    }

    fn handle(&self, request: Request<'_>) -> Reply {
        dispatch(&self.registry, &self.state, request)
    }
}

/// A server being made: see [`Server::new`].
#[derive(Debug)]
#[must_use = "a server is there once it is built"]
pub struct ServerBuilder {
    info: ServerInfo,
    tools: Vec<Tool>,
    resources: Vec<Resource>,
    prompts: Vec<Prompt>,
    state: StateMap,
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
        self.tools.extend(tools);
        self
    }

    /// More resources and resource templates, listed in this order after those that are there.
    pub fn resources(mut self, resources: impl IntoIterator<Item = Resource>) -> Self {
        self.resources.extend(resources);
        self
    }

    /// More prompts, listed in this order after those that are there.
    pub fn prompts(mut self, prompts: impl IntoIterator<Item = Prompt>) -> Self {
        self.prompts.extend(prompts);
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
            tools,
            resources,
            prompts,
            state,
            mut problems,
        } = self;
        let registry = Registry {
            tools: Table::new(tools, &state, &mut problems),
            resources: Resources::new(resources, &state, &mut problems),
            prompts: Table::new(prompts, &state, &mut problems),
        };
        if !problems.is_empty() {
            return Err(BuildError { problems });
        }
        let offered = &mut info.capabilities;
        offered.tools = (!registry.tools.is_empty()).then(Listed::default);
        offered.prompts = (!registry.prompts.is_empty()).then(Listed::default);
        offered.resources = (!registry.resources.is_empty()).then(capabilities::Resources::default);
        Ok(Server {
            info,
            registry,
            state,
        })
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
