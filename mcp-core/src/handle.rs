//! Changing what a server offers while it serves.

use std::sync::{Arc, PoisonError};

use crate::{
    BuildError,
    changes::Change,
    context::{Context, FromContext},
    error::Error,
    registry::{
        Entries, Registry, completion::Completion, prompt::Prompt, resource::Resource, tool::Tool,
    },
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
        self.add(&Change::Tools, |entries| &mut entries.tools, tools)
    }

    /// Offers these tools and no others.
    ///
    /// # Errors
    /// What stands against the server as it would be; nothing has changed then.
    pub fn replace_tools(&self, tools: impl IntoIterator<Item = Tool>) -> Result<(), BuildError> {
        self.replace(&Change::Tools, |entries| &mut entries.tools, tools)
    }

    /// Offers a tool no longer; false if there was none of this name.
    pub fn remove_tool(&self, name: &str) -> bool {
        self.remove(
            &Change::Tools,
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
        self.add(
            &Change::Resources,
            |entries| &mut entries.resources,
            resources,
        )
    }

    /// Offers these resources and no others.
    ///
    /// # Errors
    /// What stands against the server as it would be; nothing has changed then.
    pub fn replace_resources(
        &self,
        resources: impl IntoIterator<Item = Resource>,
    ) -> Result<(), BuildError> {
        self.replace(
            &Change::Resources,
            |entries| &mut entries.resources,
            resources,
        )
    }

    /// Offers a resource or a template no longer; false if there was none at this URI.
    pub fn remove_resource(&self, uri: &str) -> bool {
        self.remove(
            &Change::Resources,
            |entries| &mut entries.resources,
            |resource| resource.uri() == uri,
        )
    }

    /// Adds prompts after those that are there.
    ///
    /// # Errors
    /// What stands against the server as it would be; nothing has changed then.
    pub fn add_prompts(&self, prompts: impl IntoIterator<Item = Prompt>) -> Result<(), BuildError> {
        self.add(&Change::Prompts, |entries| &mut entries.prompts, prompts)
    }

    /// Offers these prompts and no others.
    ///
    /// # Errors
    /// What stands against the server as it would be; nothing has changed then.
    pub fn replace_prompts(
        &self,
        prompts: impl IntoIterator<Item = Prompt>,
    ) -> Result<(), BuildError> {
        self.replace(&Change::Prompts, |entries| &mut entries.prompts, prompts)
    }

    /// Offers a prompt no longer; false if there was none of this name.
    pub fn remove_prompt(&self, name: &str) -> bool {
        self.remove(
            &Change::Prompts,
            |entries| &mut entries.prompts,
            |prompt| prompt.definition().name == name,
        )
    }

    /// Adds completions of prompts and resource templates that are there. Each goes with what it
    /// completes: whoever removes a prompt and adds it again, adds its completions again, too. Clients
    /// are not told, since they ask when somebody types.
    ///
    /// ```
    /// use mcp_core::{Server, completions, prelude::*};
    ///
    /// /// Ask for a review
    /// #[mcp_prompt]
    /// fn review(language: String) -> String {
    ///     format!("Review this {language} code.")
    /// }
    ///
    /// #[mcp_complete(review, language)]
    /// fn languages(typed: &str) -> Vec<&'static str> {
    ///     ["python", "rust"].into_iter().filter(|name| name.starts_with(typed)).collect()
    /// }
    ///
    /// let server = Server::new("demo", "1.0.0").offers_prompts().offers_completions().build()?;
    /// let handle = server.handle();
    /// handle.add_prompts(prompts![review])?;
    /// handle.add_completions(completions![languages])?;
    /// # Ok::<(), mcp_core::BuildError>(())
    /// ```
    ///
    /// # Errors
    /// What stands against the server as it would be; nothing has changed then.
    pub fn add_completions(
        &self,
        completions: impl IntoIterator<Item = Completion>,
    ) -> Result<(), BuildError> {
        let new: Vec<_> = completions.into_iter().collect();
        self.change_completions(|entries| entries.completions.extend(new))
    }

    /// Offers these completions and no others.
    ///
    /// # Errors
    /// What stands against the server as it would be; nothing has changed then.
    pub fn replace_completions(
        &self,
        completions: impl IntoIterator<Item = Completion>,
    ) -> Result<(), BuildError> {
        let new: Vec<_> = completions.into_iter().collect();
        self.change_completions(|entries| entries.completions = new)
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

    /// Puts these after those that are there. They are made before anything is locked: how is the user's
    /// own code.
    fn add<T>(
        &self,
        change: &Change,
        all: fn(&mut Entries) -> &mut Vec<T>,
        new: impl IntoIterator<Item = T>,
    ) -> Result<(), BuildError> {
        let new: Vec<T> = new.into_iter().collect();
        self.change(change, |entries| all(entries).extend(new))
    }

    /// Puts these in the place of those that are there.
    fn replace<T>(
        &self,
        change: &Change,
        all: fn(&mut Entries) -> &mut Vec<T>,
        new: impl IntoIterator<Item = T>,
    ) -> Result<(), BuildError> {
        let new: Vec<T> = new.into_iter().collect();
        self.change(change, |entries| *all(entries) = new)
    }

    fn change(&self, change: &Change, edit: impl FnOnce(&mut Entries)) -> Result<(), BuildError> {
        self.change_if(change, |entries| {
            edit(entries);
            true
        })?;
        Ok(())
    }

    /// Takes away what is there. It is looked for and taken in one change, so that of two who remove the
    /// same one has, and clients are told once.
    fn remove<T>(
        &self,
        change: &Change,
        all: fn(&mut Entries) -> &mut Vec<T>,
        is_it: impl Fn(&T) -> bool,
    ) -> bool {
        let removed = self.change_if(change, |entries| {
            let entries = all(entries);
            let before = entries.len();
            entries.retain(|entry| !is_it(entry));
            entries.len() < before
        });
        // What is not offered is not there.
        removed.unwrap_or(false)
    }

    /// Changes what clients are told of, unless the edit finds nothing to do; whether it did.
    fn change_if(
        &self,
        change: &Change,
        edit: impl FnOnce(&mut Entries) -> bool,
    ) -> Result<bool, BuildError> {
        let what = match change {
            Change::Tools => "tools",
            Change::Prompts => "prompts",
            Change::Resources | Change::Resource(_) => "resources",
        };
        check_offered(self.0.offers(change), what)?;
        let changed = self.edit(|entries| {
            let changed = edit(entries);
            entries.drop_stray_completions();
            changed
        })?;
        if changed {
            self.tell(change);
        }
        Ok(changed)
    }

    fn change_completions(&self, edit: impl FnOnce(&mut Entries)) -> Result<(), BuildError> {
        let offered = self.0.info.capabilities.completions.is_some();
        check_offered(offered, "completions")?;
        self.edit(|entries| {
            edit(entries);
            true
        })?;
        Ok(())
    }

    /// Replaces the snapshot, unless the edit finds nothing to do; whether it did.
    fn edit(&self, edit: impl FnOnce(&mut Entries) -> bool) -> Result<bool, BuildError> {
        let shared = &self.0;
        let _alone = shared
            .changing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let before = shared.registry();
        let mut entries = before.entries.clone();
        if !edit(&mut entries) {
            return Ok(false);
        }
        entries.count_on(Some(&before), shared.timeout);
        let mut problems = Vec::new();
        let registry = Registry::new(entries, shared.page_size, &shared.state, &mut problems);
        if !problems.is_empty() {
            return Err(BuildError::of_change(problems));
        }
        shared.registry.store(Arc::new(registry));
        Ok(true)
    }
}

fn check_offered(offered: bool, what: &str) -> Result<(), BuildError> {
    if offered {
        return Ok(());
    }
    Err(BuildError::of_change(vec![format!(
        "the server was built without {what}, and what is offered cannot change later: build it with \
         `.offers_{what}()`"
    )]))
}

impl FromContext for ServerHandle {
    fn from_context(context: &Context<'_>) -> Result<Self, Error> {
        Ok(context.server())
    }
}
