//! What one caller gets to see of a registry. Whatever is hidden is not there: everything that is
//! looked up or listed for a caller goes through here.

use std::{num::NonZeroUsize, sync::Arc};

use super::{
    Entrant, List, Registry,
    completion::{Completion, Reference},
    page::Pages,
    prompt::Prompt,
    resource::{Resource, as_template},
    tool::Tool,
};
use crate::{
    caller::Caller,
    context::Context,
    error::Error,
    filter::{Filters, Item},
    handler::Reply,
    types,
};

/// What one caller gets to see of a registry.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) filters: &'a Filters,
    pub(crate) page_size: Option<NonZeroUsize>,
    pub(crate) caller: Caller<'a>,
}

type Page<D> = Result<Arc<List<D>>, Error>;

impl<'a> View<'a> {
    pub(crate) fn tool(&self, name: &str) -> Option<&'a Tool> {
        let tool = self.registry.tool(name);
        tool.filter(|tool| self.shows(Item::Tool(tool)))
    }

    pub(crate) fn prompt(&self, name: &str) -> Option<&'a Prompt> {
        let prompt = self.registry.prompt(name);
        prompt.filter(|prompt| self.shows(Item::Prompt(prompt)))
    }

    /// Reads whatever is at this URI.
    pub(crate) fn read(&self, context: Context<'_>, uri: &str) -> Option<Reply> {
        let shown = |resource: &Resource| self.shows(Item::Resource(resource));
        let (resources, all) = self.registry.resources();
        resources.read(all, context, uri, shown)
    }

    /// Whether anything is at this URI.
    pub(crate) fn is_resource(&self, uri: &str) -> bool {
        let shown = |resource: &Resource| self.shows(Item::Resource(resource));
        let (resources, all) = self.registry.resources();
        resources.is_there(all, uri, shown)
    }

    /// The resource or the family that is written so.
    pub(crate) fn written(&self, uri: &str) -> Option<&'a Resource> {
        let (resources, all) = self.registry.resources();
        let resource = resources.written(all, uri);
        resource.filter(|resource| self.shows(Item::Resource(resource)))
    }

    /// What completes this argument of something that was found here, if anything does.
    pub(crate) fn completion(&self, of: Reference, argument: String) -> Option<&'a Completion> {
        self.registry.completion(of, argument)
    }

    pub(crate) fn tools(&self, cursor: Option<&str>) -> Page<types::tool::Tool> {
        if self.filters.is_empty() {
            return self.registry.tools.list.at(cursor);
        }
        let all = self.registry.entries.tools.iter();
        self.page(all.map(|tool| (tool, Item::Tool(tool))), cursor, |tool| {
            tool.definition().clone()
        })
    }

    pub(crate) fn prompts(&self, cursor: Option<&str>) -> Page<types::prompt::Prompt> {
        if self.filters.is_empty() {
            return self.registry.prompts.list.at(cursor);
        }
        let all = self.registry.entries.prompts.iter();
        let all = all.map(|prompt| (prompt, Item::Prompt(prompt)));
        self.page(all, cursor, |prompt| prompt.definition().clone())
    }

    pub(crate) fn resources(&self, cursor: Option<&str>) -> Page<types::resource::Resource> {
        if self.filters.is_empty() {
            return self.registry.resources.list.at(cursor);
        }
        let all = self.registry.entries.resources.iter();
        let all = all.filter(|resource| !resource.is_template());
        let all = all.map(|resource| (resource, Item::Resource(resource)));
        self.page(all, cursor, |resource| resource.definition().clone())
    }

    pub(crate) fn templates(
        &self,
        cursor: Option<&str>,
    ) -> Page<types::resource::ResourceTemplate> {
        if self.filters.is_empty() {
            return self.registry.resources.templates.at(cursor);
        }
        let all = self.registry.entries.resources.iter();
        let all = all.filter(|resource| resource.is_template());
        let all = all.map(|resource| (resource, Item::Resource(resource)));
        self.page(all, cursor, |resource| as_template(resource.definition()))
    }

    /// What all of it together needs, each scope once, in the order of the entries.
    pub(crate) fn scopes(&self) -> Vec<String> {
        let entries = &self.registry.entries;
        let tools = entries.tools.iter().map(Item::Tool);
        let resources = entries.resources.iter().map(Item::Resource);
        let prompts = entries.prompts.iter().map(Item::Prompt);
        let needing = tools
            .chain(resources)
            .chain(prompts)
            .filter(|item| !item.scopes().is_empty() && self.shows(*item));
        let mut scopes: Vec<String> = Vec::new();
        for scope in needing.flat_map(|item| item.scopes()) {
            if !scopes.contains(scope) {
                scopes.push(scope.clone());
            }
        }
        scopes
    }

    fn shows(&self, item: Item<'_>) -> bool {
        self.filters.show(self.caller, item)
    }

    /// A page of a list that is this caller's own.
    fn page<T: Entrant<E> + 'a, E, D>(
        &self,
        all: impl Iterator<Item = (&'a T, Item<'a>)>,
        cursor: Option<&str>,
        told: impl Fn(&T) -> D,
    ) -> Page<D> {
        let shown = all.filter(|(_, item)| self.shows(*item));
        let shown = shown.map(|(entry, _)| (entry.key(), entry));
        let page = Pages::new(shown.collect(), self.page_size).at(cursor)?;
        let mut list = List::new(page.items().iter().copied().map(told).collect());
        list.next_cursor.clone_from(&page.next_cursor);
        Ok(Arc::new(list))
    }
}
