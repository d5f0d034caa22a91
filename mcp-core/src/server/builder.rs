//! How a server is made, and the checks that it must pass before it serves.

use std::{
    fmt,
    num::NonZeroUsize,
    sync::{Arc, Mutex},
    time::Duration,
};

use arc_swap::ArcSwap;
use schemars::JsonSchema;
use serde_json::{Map, Value};

use super::{Server, Shared, extension};
use crate::{
    cache::{Cache, CacheScope},
    caller::Caller,
    changes::Changes,
    context::StateMap,
    filter::{Filters, Item},
    handler::ServerInfo,
    hierarchy::Implications,
    registry::{
        Entries, Registry, completion::Completion, prompt::Prompt, resource::Resource, tool::Tool,
    },
    schema::form,
    service::{Offer, Service},
    types::{
        Icon, Implementation,
        capabilities::{self, Listed, Supported},
    },
};

/// A server being made: see [`Server::new`].
///
/// What is not said is not offered. Nothing is checked before [`build`](Self::build), which names
/// every problem at once. Transports take what is not built yet as well, and build it.
///
/// ```
/// use mcp_core::prelude::*;
///
/// /// How many books there are
/// #[mcp_tool(read_only)]
/// fn count(books: State<u64>) -> u64 {
///     *books
/// }
///
/// let error = Server::new("library", "1.0.0").tools(tools![count]).build().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the server cannot be built, for 1 reason:\n\
///      - tool `count` takes `State<u64>`, and no `u64` was given: add `.state(..)`"
/// );
/// ```
#[derive(Debug)]
#[must_use = "a server is there once it is built"]
pub struct ServerBuilder {
    info: ServerInfo,
    entries: Entries,
    state: StateMap,
    page_size: Option<NonZeroUsize>,
    timeout: Option<Duration>,
    list_cache: Cache,
    filters: Filters,
    implications: Implications,
    problems: Vec<String>,
}

impl ServerBuilder {
    pub(super) fn new(name: String, version: String) -> Self {
        Self {
            info: ServerInfo::new(name, version),
            entries: Entries::default(),
            state: StateMap::default(),
            page_size: None,
            timeout: None,
            list_cache: Cache {
                ttl: Duration::from_secs(60),
                scope: CacheScope::Public,
            },
            filters: Filters::default(),
            implications: Implications::default(),
            problems: Vec::new(),
        }
    }

    /// A name for people.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.implementation().title = Some(title.into());
        self
    }

    /// What the server does, in a sentence, for people who choose servers.
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

    /// What the model should know about the server as a whole, besides what its tools say of
    /// themselves: which to call first, say.
    pub fn instructions(mut self, instructions: impl Into<String>) -> Self {
        self.info.instructions = Some(instructions.into());
        self
    }

    /// An extension of the protocol that the server supports, by its identifier, with its settings;
    /// clients are told in every revision. What a client supports is in
    /// [`Ctx::client_capabilities`](crate::Ctx::client_capabilities).
    ///
    /// ```
    /// use mcp_core::Server;
    /// use serde_json::Map;
    ///
    /// Server::new("clock", "1.0.0").extension("com.example/alarms", Map::new()).build()?;
    /// # Ok::<(), mcp_core::BuildError>(())
    /// ```
    ///
    /// # Specification
    /// [2026-07-28, Extension negotiation](https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning#extension-negotiation).
    /// Earlier revisions have no such member, and no closed set of them.
    pub fn extension(mut self, id: impl Into<String>, settings: Map<String, Value>) -> Self {
        let id = id.into();
        let shown = id.escape_debug().to_string();
        if !extension::is_identifier(&id) {
            self.problems.push(format!(
                "extension `{shown}`: an identifier is a prefix and a name, such as \
                 `com.example/name`: labels of A-Z a-z 0-9 - between dots, a slash, and a name of \
                 A-Z a-z 0-9 - _ ."
            ));
        }
        let extensions = &mut self.info.capabilities.extensions;
        if extensions.insert(id, settings.into()).is_some() {
            self.problems
                .push(format!("two extensions are called `{shown}`"));
        }
        self
    }

    /// Something that is not standardised, by a name that its clients know, with its settings. See
    /// [`extension`](Self::extension) for what is named so that it clashes with nothing.
    pub fn experimental(mut self, name: impl Into<String>, settings: Map<String, Value>) -> Self {
        let name = name.into();
        let shown = name.escape_debug().to_string();
        let experimental = &mut self.info.capabilities.experimental;
        if experimental.insert(name, settings.into()).is_some() {
            self.problems.push(format!(
                "two experimental capabilities are called `{shown}`"
            ));
        }
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

    /// More tools, listed in this order after those that are there: [`tools!`](crate::tools) of
    /// functions, or what [`Tool::builder`] has made.
    pub fn tools(self, tools: impl IntoIterator<Item = Tool>) -> Self {
        self.offer(Offer::new().tools(tools))
    }

    /// More resources and resource templates, listed in this order after those that are there:
    /// [`resources!`](crate::resources) of functions, or what [`Resource::builder`] has made.
    pub fn resources(self, resources: impl IntoIterator<Item = Resource>) -> Self {
        self.offer(Offer::new().resources(resources))
    }

    /// More prompts, listed in this order after those that are there:
    /// [`prompts!`](crate::prompts) of functions, or what [`Prompt::builder`] has made.
    pub fn prompts(self, prompts: impl IntoIterator<Item = Prompt>) -> Self {
        self.offer(Offer::new().prompts(prompts))
    }

    /// What suggests values for arguments of prompts and variables of resource templates:
    /// [`completions!`](crate::completions) of functions, or [`Completion::of_prompt`] and
    /// [`Completion::of_resource`].
    pub fn completions(self, completions: impl IntoIterator<Item = Completion>) -> Self {
        self.offer(Offer::new().completions(completions))
    }

    /// All that a service offers, listed after what is there; its instructions follow the server's.
    /// `#[mcp_server]` makes one of an `impl` block.
    ///
    /// ```
    /// use mcp_core::prelude::*;
    ///
    /// struct Greeter { greeting: String }
    ///
    /// #[mcp_server]
    /// impl Greeter {
    ///     /// Say hello
    ///     #[mcp_tool(read_only)]
    ///     fn hello(&self, name: String) -> String {
    ///         format!("{}, {name}!", self.greeting)
    ///     }
    /// }
    ///
    /// Server::new("greeter", "1.0.0").service(Greeter { greeting: "Hello".to_owned() }).build()?;
    /// # Ok::<(), mcp_core::BuildError>(())
    /// ```
    pub fn service(self, service: impl Service) -> Self {
        self.offer(Arc::new(service).offer())
    }

    /// The same under a prefix of `A-Z a-z 0-9 _ -`, so that services whose names are the same do
    /// not clash: the tool `add` becomes `prefix_add`, the resource `note://{id}` becomes
    /// `note://prefix/{id}`. Descriptions and instructions stay as they are.
    ///
    /// ```
    /// use mcp_core::prelude::*;
    ///
    /// struct Shelf;
    ///
    /// #[mcp_server]
    /// impl Shelf {
    ///     /// Count the books
    ///     #[mcp_tool]
    ///     fn count(&self) -> usize {
    ///         0
    ///     }
    /// }
    ///
    /// // The tools are `fiction_count` and `poetry_count`.
    /// Server::new("library", "1.0.0").mount("fiction", Shelf).mount("poetry", Shelf).build()?;
    /// # Ok::<(), mcp_core::BuildError>(())
    /// ```
    pub fn mount(mut self, prefix: &str, service: impl Service) -> Self {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if prefix.is_empty() || !prefix.chars().all(allowed) {
            self.problems.push(format!(
                "`{}` is no prefix to mount at: it has one or more of A-Z a-z 0-9 _ -",
                prefix.escape_debug()
            ));
        }
        let mut offer = Arc::new(service).offer();
        offer.entries = offer.entries.under(prefix);
        self.offer(offer)
    }

    fn offer(mut self, offer: Offer) -> Self {
        self.entries.extend(offer.entries);
        if let Some(more) = offer.instructions {
            self.info.instructions = Some(match self.info.instructions.take() {
                Some(text) => format!("{text}\n\n{more}"),
                None => more,
            });
        }
        self
    }

    /// How long a call may take of any tool, resource or prompt that has no `timeout` of its own, and of
    /// any completion. Default: as long as it takes.
    ///
    /// A call of a tool that takes longer is answered with `isError` and says how long it had; a
    /// resource, a prompt or a completion, with an error. See [`ToolBuilder::timeout`](crate::ToolBuilder::timeout) for what takes
    /// time and what does not. Those that are added while the server serves have it, too.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use mcp_core::prelude::*;
    ///
    /// Server::new("library", "1.0.0").timeout(Duration::from_secs(60)).build()?;
    /// # Ok::<(), mcp_core::BuildError>(())
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How many entries one page of a list has, 0 being all of them. Default: all of them.
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

    /// Shows each caller only what this function says they may see. Several must agree.
    ///
    /// What is hidden is unreachable: it is on no list, and a call of it is answered as if it did not
    /// exist. The function is asked for each entry of a list and for each call, so it must be quick;
    /// if it panics, the entry is hidden.
    ///
    /// Since lists differ from caller to caller then, clients are told to keep them for themselves,
    /// whatever [`list_cache`](Self::list_cache) says, and so is what resources hold. A subscription to
    /// a resource is judged when it is made, and only what is there can be watched.
    ///
    /// ```
    /// use mcp_core::prelude::*;
    ///
    /// /// Delete everything
    /// #[mcp_tool(destructive, scopes("admin"))]
    /// fn reset() {}
    ///
    /// Server::new("demo", "1.0.0")
    ///     .tools(tools![reset])
    ///     // Nobody sees what they may not use.
    ///     .filter(|caller, item| item.scopes().iter().all(|scope| caller.has_scope(scope)))
    ///     .build()?;
    /// # Ok::<(), mcp_core::BuildError>(())
    /// ```
    pub fn filter(
        mut self,
        show: impl Fn(Caller<'_>, Item<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.filters.add(show);
        self
    }

    /// A caller who has the broad scope has the narrow ones, too, and what they imply in turn.
    /// Default: a scope implies nothing but itself.
    ///
    /// Everything reads scopes so: whether something may be used,
    /// [`Identity::has_scope`](crate::Identity::has_scope) in handlers, and [filters](Self::filter).
    /// A caller who lacks a scope is told the one that is needed, and never a broader one.
    ///
    /// ```
    /// use mcp_core::prelude::*;
    ///
    /// /// Search the catalogue
    /// #[mcp_tool(scopes("books:read"))]
    /// fn search(query: String) {}
    ///
    /// Server::new("library", "1.0.0")
    ///     .tools(tools![search])
    ///     .scope_implies("books:admin", ["books:read", "books:lend"])
    ///     .build()?;
    /// # Ok::<(), mcp_core::BuildError>(())
    /// ```
    ///
    /// # Specification
    /// Scope hierarchies:
    /// [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#step-up-authorization-flow)
    pub fn scope_implies<S: Into<String>>(
        mut self,
        broad: impl Into<String>,
        narrow: impl IntoIterator<Item = S>,
    ) -> Self {
        let narrow = narrow.into_iter().map(Into::into).collect();
        self.implications.add(broad.into(), narrow);
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

    /// Offers completions even if there are none yet.
    pub fn offers_completions(mut self) -> Self {
        self.info.capabilities.completions = Some(Supported {});
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

    /// Checks everything, and makes the server.
    ///
    /// # Errors
    /// [`BuildError`] with every problem at once: names that clash or are malformed, state that
    /// handlers take and nobody gave, templates that overlap or do not fit their function.
    pub fn build(self) -> Result<Server, BuildError> {
        let Self {
            mut info,
            mut entries,
            state,
            page_size,
            timeout,
            list_cache,
            filters,
            implications,
            mut problems,
        } = self;
        let hierarchy = implications.resolve(&mut problems).map(Arc::new);
        if timeout.is_some_and(|time| time.is_zero()) {
            problems.push("the server's timeout is zero, and no call ends in no time".to_owned());
        }
        let timeout = timeout.filter(|time| !time.is_zero());
        entries.count_on(None, timeout);
        let registry = Registry::new(entries, page_size, &state, &mut problems);
        if !problems.is_empty() {
            return Err(BuildError {
                problems,
                is_change: false,
            });
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
        let completions = offered.completions.is_some() || registry.has_completions();
        offered.completions = completions.then_some(Supported {});
        // Any handler may log, those too that are added later.
        offered.logging = Some(Supported {});
        Ok(Server(Arc::new(Shared {
            info,
            state,
            registry: ArcSwap::from_pointee(registry),
            page_size,
            timeout,
            list_cache: filters.narrow(list_cache),
            filters,
            hierarchy,
            changes: Changes::default(),
            changing: Mutex::default(),
        })))
    }

    fn implementation(&mut self) -> &mut Implementation {
        &mut self.info.implementation
    }
}

/// Why a server cannot be built, or cannot change: every reason there is.
#[derive(Clone, Debug)]
pub struct BuildError {
    problems: Vec<String>,
    /// It serves already.
    is_change: bool,
}

impl BuildError {
    /// A server that serves stays as it is.
    pub(crate) fn of_change(problems: Vec<String>) -> Self {
        Self {
            problems,
            is_change: true,
        }
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
        let what = if self.is_change {
            "stays as it is"
        } else {
            "cannot be built"
        };
        write!(f, "the server {what}, for {count} reason{s}:")?;
        self.problems
            .iter()
            .try_for_each(|problem| write!(f, "\n- {problem}"))
    }
}

impl std::error::Error for BuildError {}
