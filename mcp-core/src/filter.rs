//! Filters: which of what is offered a caller gets to see.

use std::{fmt, sync::Arc};

use crate::{
    cache::{Cache, CacheScope},
    caller::Caller,
    handler::guard,
    registry::{prompt::Prompt, resource::Resource, tool::Tool},
};

type Show = dyn Fn(Caller<'_>, Item<'_>) -> bool + Send + Sync;

/// Something that a server offers, as a [filter](crate::ServerBuilder::filter) sees it.
///
/// ```
/// use mcp_core::{Item, Tool};
///
/// let reset = Tool::builder("reset")
///     .description("Start anew")
///     .tags(["admin"])
///     .handler(|_: serde_json::Map<_, _>, _| async { Ok("done") });
/// let item = Item::Tool(&reset);
/// assert!(item.name() == "reset" && item.has_tag("admin"));
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Item<'a> {
    /// A tool.
    Tool(&'a Tool),
    /// A resource, or a family of them.
    Resource(&'a Resource),
    /// A prompt.
    Prompt(&'a Prompt),
}

impl<'a> Item<'a> {
    /// Its name.
    pub fn name(&self) -> &'a str {
        match self {
            Self::Tool(tool) => &tool.definition().name,
            Self::Resource(resource) => &resource.definition().name,
            Self::Prompt(prompt) => &prompt.definition().name,
        }
    }

    /// The URI of a resource, or the template of a family's.
    pub fn uri(&self) -> Option<&'a str> {
        match self {
            Self::Resource(resource) => Some(resource.uri()),
            Self::Tool(_) | Self::Prompt(_) => None,
        }
    }

    /// Whether it serves nobody who has not said who they are.
    pub fn requires_auth(&self) -> bool {
        match self {
            Self::Tool(tool) => tool.requires_auth(),
            Self::Resource(resource) => resource.requires_auth(),
            Self::Prompt(prompt) => prompt.requires_auth(),
        }
    }

    /// What a caller must be allowed, all of it.
    pub fn scopes(&self) -> &'a [String] {
        match self {
            Self::Tool(tool) => tool.scopes(),
            Self::Resource(resource) => resource.scopes(),
            Self::Prompt(prompt) => prompt.scopes(),
        }
    }

    /// What its author sorts it by.
    pub fn tags(&self) -> &'a [String] {
        match self {
            Self::Tool(tool) => tool.tags(),
            Self::Resource(resource) => resource.tags(),
            Self::Prompt(prompt) => prompt.tags(),
        }
    }

    /// Whether its author sorts it by this tag.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags().iter().any(|own| own == tag)
    }
}

/// All filters of a server.
#[derive(Clone, Default)]
pub(crate) struct Filters(Vec<Arc<Show>>);

impl Filters {
    pub(crate) fn add(
        &mut self,
        show: impl Fn(Caller<'_>, Item<'_>) -> bool + Send + Sync + 'static,
    ) {
        self.0.push(Arc::new(show));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether all of them show it; one that panics does not.
    pub(crate) fn show(&self, caller: Caller<'_>, item: Item<'_>) -> bool {
        self.0
            .iter()
            .all(|show| guard::holds(|| show(caller, item)))
    }

    /// How long an answer may be kept that depends on who asks, if there are filters.
    pub(crate) fn narrow(&self, cache: Cache) -> Cache {
        if self.is_empty() {
            return cache;
        }
        Cache {
            scope: CacheScope::Private,
            ..cache
        }
    }
}

impl fmt::Debug for Filters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filters({})", self.0.len())
    }
}
