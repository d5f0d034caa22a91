//! Changing what a server offers while it serves.

use std::sync::{Arc, PoisonError};

use crate::{
    BuildError,
    changes::Change,
    context::{Context, FromContext},
    error::Error,
    registry::{Entries, Registry, prompt::Prompt, resource::Resource, tool::Tool},
    server::Shared,
};

/// Changes a server while it serves; clients that listen are told.
///
/// It is also a parameter that handlers can take.
///
/// ```
/// use mcp_core::{Server, prelude::*};
///
/// /// Say hello
/// #[mcp_tool]
/// fn hello() -> &'static str {
///     "Hello!"
/// }
///
/// let server = Server::new("demo", "1.0.0").offers_tools().build()?;
/// let handle = server.handle();
/// handle.add_tools(tools![hello])?;
/// assert!(handle.remove_tool("hello"));
/// # Ok::<(), mcp_core::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ServerHandle(Arc<Shared>);

impl ServerHandle {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self(shared)
    }

    /// Adds tools after those that are there.
    ///
    /// # Errors
    /// What stands against the server as it would be; nothing has changed then.
    pub fn add_tools(&self, tools: impl IntoIterator<Item = Tool>) -> Result<(), BuildError> {
        self.change(Change::Tools, |entries| entries.tools.extend(tools))
    }

    /// Offers these tools and no others.
    ///
    /// # Errors
    /// What stands against the server as it would be; nothing has changed then.
    pub fn replace_tools(&self, tools: impl IntoIterator<Item = Tool>) -> Result<(), BuildError> {
        self.change(Change::Tools, |entries| {
            entries.tools = tools.into_iter().collect()
        })
    }

    /// Offers a tool no longer; false if there was none of this name.
    pub fn remove_tool(&self, name: &str) -> bool {
        self.remove(
            Change::Tools,
            |entries| &mut entries.tools,
            |tool| tool.definition().name == name,
        )
    }

    /// Adds resources after those that are there.
    ///
    /// # Errors
    /// What stands against the server as it would be; nothing has changed then.
    pub fn add_resources(
        &self,
        resources: impl IntoIterator<Item = Resource>,
    ) -> Result<(), BuildError> {
        self.change(Change::Resources, |entries| {
            entries.resources.extend(resources)
        })
    }

    /// Offers these resources and no others.
    ///
    /// # Errors
    /// What stands against the server as it would be; nothing has changed then.
    pub fn replace_resources(
        &self,
        resources: impl IntoIterator<Item = Resource>,
    ) -> Result<(), BuildError> {
        self.change(Change::Resources, |entries| {
            entries.resources = resources.into_iter().collect();
        })
    }

    /// Offers a resource or a template no longer; false if there was none at this URI.
    pub fn remove_resource(&self, uri: &str) -> bool {
        self.remove(
            Change::Resources,
            |entries| &mut entries.resources,
            |resource| resource.uri() == uri,
        )
    }

    /// Adds prompts after those that are there.
    ///
    /// # Errors
    /// What stands against the server as it would be; nothing has changed then.
    pub fn add_prompts(&self, prompts: impl IntoIterator<Item = Prompt>) -> Result<(), BuildError> {
        self.change(Change::Prompts, |entries| entries.prompts.extend(prompts))
    }

    /// Offers these prompts and no others.
    ///
    /// # Errors
    /// What stands against the server as it would be; nothing has changed then.
    pub fn replace_prompts(
        &self,
        prompts: impl IntoIterator<Item = Prompt>,
    ) -> Result<(), BuildError> {
        self.change(Change::Prompts, |entries| {
            entries.prompts = prompts.into_iter().collect()
        })
    }

    /// Offers a prompt no longer; false if there was none of this name.
    pub fn remove_prompt(&self, name: &str) -> bool {
        self.remove(
            Change::Prompts,
            |entries| &mut entries.prompts,
            |prompt| prompt.definition().name == name,
        )
    }

    /// Tells clients of a change, though nothing that is registered has changed: the contents of a
    /// resource, say, or a list that is made elsewhere. Of what the server does not offer, nobody is
    /// told.
    pub fn tell(&self, change: &Change) {
        if self.0.offers(change) {
            self.0.changes.tell(change);
        }
    }

    /// Tells clients that watch it that the resource at this URI holds something else.
    pub fn resource_updated(&self, uri: impl Into<String>) {
        self.tell(&Change::Resource(uri.into()));
    }

    fn change(&self, change: Change, edit: impl FnOnce(&mut Entries)) -> Result<(), BuildError> {
        let shared = &self.0;
        if !shared.offers(&change) {
            let what = match change {
                Change::Tools => "tools",
                Change::Prompts => "prompts",
                Change::Resources | Change::Resource(_) => "resources",
            };
            return Err(BuildError::of_change(vec![format!(
                "the server was built without {what}, and what is offered cannot change \
                 later: build it with `.offers_{what}()`"
            )]));
        }
        {
            let _alone = shared
                .changing
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let before = shared.registry();
            let mut entries = before.entries.clone();
            edit(&mut entries);
            entries.count_on(Some(&before), shared.timeout);
            entries.drop_stray_completions();
            let mut problems = Vec::new();
            let registry = Registry::new(entries, shared.page_size, &shared.state, &mut problems);
            if !problems.is_empty() {
                return Err(BuildError::of_change(problems));
            }
            shared.registry.store(Arc::new(registry));
        }
        self.tell(&change);
        Ok(())
    }

    fn remove<T>(
        &self,
        change: Change,
        all: fn(&mut Entries) -> &mut Vec<T>,
        is_it: impl Fn(&T) -> bool,
    ) -> bool {
        // Looked for first, so that nobody is told of nothing.
        let mut entries = self.0.registry().entries.clone();
        all(&mut entries).iter().any(&is_it)
            && self
                .change(change, |entries| all(entries).retain(|entry| !is_it(entry)))
                .is_ok()
    }
}

impl FromContext for ServerHandle {
    fn from_context(context: &Context<'_>) -> Result<Self, Error> {
        Ok(context.server())
    }
}
