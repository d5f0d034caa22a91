//! What a server offers: one snapshot, looked up by name and listed in the order of registration.

pub(crate) mod access;
pub(crate) mod completion;
mod meta;
mod mount;
mod page;
pub(crate) mod prompt;
pub(crate) mod resource;
pub(crate) mod tool;
pub(crate) mod view;

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
    num::NonZeroUsize,
    sync::OnceLock,
    time::Duration,
};

use foldhash::fast::RandomState;

use self::{
    completion::{Completion, Reference},
    page::Pages,
    prompt::Prompt,
    resource::{Resource, Resources},
    tool::Tool,
};
use crate::{
    context::{Requirement, StateMap},
    jsonrpc::response::Rest,
    types, version,
};

/// Everything that is registered, in order; what a [`Registry`] is made of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entries {
    pub(crate) tools: Vec<Tool>,
    pub(crate) resources: Vec<Resource>,
    pub(crate) prompts: Vec<Prompt>,
    pub(crate) completions: Vec<Completion>,
}

impl Entries {
    /// Tools that stay as they were go on counting their calls; all others begin. Whatever has no
    /// timeout of its own has the server's.
    pub(crate) fn count_on(&mut self, before: Option<&Registry>, timeout: Option<Duration>) {
        for tool in &mut self.tools {
            let before = before.and_then(|before| before.tool(tool.key()));
            tool.count_on(before, timeout);
        }
        if let Some(timeout) = timeout {
            let resources = self.resources.iter_mut();
            resources.for_each(|resource| resource.default_timeout(timeout));
            let prompts = self.prompts.iter_mut();
            prompts.for_each(|prompt| prompt.default_timeout(timeout));
            let completions = self.completions.iter_mut();
            completions.for_each(|completion| completion.default_timeout(timeout));
        }
    }

    /// A completion goes with what it completes.
    pub(crate) fn drop_stray_completions(&mut self) {
        let (prompts, resources) = (&self.prompts, &self.resources);
        self.completions.retain(|completion| match &completion.of {
            Reference::Prompt(name) => prompts.iter().any(|p| p.definition().name == *name),
            Reference::Template(uri) => resources.iter().any(|r| r.uri() == uri),
        });
    }
}

/// What a server offers, as it stands; replaced whole when it changes.
#[derive(Debug)]
pub(crate) struct Registry {
    pub(crate) entries: Entries,
    tools: Table<types::tool::Tool>,
    resources: Resources,
    prompts: Table<types::prompt::Prompt>,
    completions: HashMap<(Reference, String), usize>,
}

impl Registry {
    /// A snapshot of these entries; what is wrong with them is noted.
    pub(crate) fn new(
        entries: Entries,
        page_size: Option<NonZeroUsize>,
        state: &StateMap,
        problems: &mut Vec<String>,
    ) -> Self {
        let tools = Table::new(&entries.tools, page_size, state, problems);
        let resources = Resources::new(&entries.resources, page_size, state, problems);
        let prompts = Table::new(&entries.prompts, page_size, state, problems);
        let mut completions = HashMap::new();
        for (at, completion) in entries.completions.iter().enumerate() {
            let (of, argument) = (&completion.of, &completion.argument);
            let has = |argument: &str| match of {
                Reference::Prompt(name) => prompts.find(&entries.prompts, name).is_some_and(|it| {
                    it.definition()
                        .arguments
                        .iter()
                        .any(|known| known.name == argument)
                }),
                Reference::Template(uri) => {
                    resources.has_variable(&entries.resources, uri, argument)
                }
            };
            let label = format!("completion of `{argument}` of {of}");
            let own = completion.problems.iter();
            problems.extend(own.map(|problem| format!("{label}: {problem}")));
            require(&label, &completion.requirements, state, problems);
            if has(argument) {
                let strange = completion.others.iter().filter(|other| !has(other));
                problems.extend(strange.map(|other| {
                    format!("{label} takes `{other}`, which is no other argument of it")
                }));
            } else {
                problems.push(format!(
                    "a completion is for `{argument}` of {of}, which has none"
                ));
            }
            match completions.entry((of.clone(), argument.clone())) {
                Entry::Vacant(place) => drop(place.insert(at)),
                Entry::Occupied(_) => {
                    problems.push(format!("two completions are for `{argument}` of {of}"));
                }
            }
        }
        Self {
            entries,
            tools,
            resources,
            prompts,
            completions,
        }
    }

    /// The tool of this name.
    pub(crate) fn tool(&self, name: &str) -> Option<&Tool> {
        self.tools.find(&self.entries.tools, name)
    }

    /// The prompt of this name.
    pub(crate) fn prompt(&self, name: &str) -> Option<&Prompt> {
        self.prompts.find(&self.entries.prompts, name)
    }

    /// Where resources are by URI, and the resources.
    pub(crate) fn resources(&self) -> (&Resources, &[Resource]) {
        (&self.resources, &self.entries.resources)
    }

    pub(crate) fn has_completions(&self) -> bool {
        !self.completions.is_empty()
    }

    /// What completes this argument, if anything does.
    pub(crate) fn completion(&self, of: Reference, argument: String) -> Option<&Completion> {
        self.entries
            .completions
            .get(*self.completions.get(&(of, argument))?)
    }
}

/// Where entries are by name: one hash to look one up, and the list that clients are told.
#[derive(Debug)]
struct Table<D> {
    /// Names are the server's own, and a peer puts none in: nobody can make them collide.
    places: HashMap<String, usize, RandomState>,
    list: Pages<D>,
}

/// What [`Table`] needs to know of its entries.
pub(crate) trait Entrant<D> {
    /// What kind of thing it is, for reports.
    const KIND: &'static str;
    /// What it is looked up by.
    fn key(&self) -> &str;
    fn definition(&self) -> &D;
    /// What is wrong with it by itself.
    fn problems(&self) -> Vec<String>;
    fn requirements(&self) -> &[Requirement];
}

impl<D: Clone> Table<D> {
    fn new<T: Entrant<D>>(
        entries: &[T],
        page_size: Option<NonZeroUsize>,
        state: &StateMap,
        problems: &mut Vec<String>,
    ) -> Self {
        let told = entries
            .iter()
            .map(|entry| (entry.key().to_owned(), entry.definition().clone()));
        let list = Pages::new(told.collect(), page_size);
        let mut places = HashMap::with_capacity_and_hasher(entries.len(), RandomState::default());
        for (at, entry) in entries.iter().enumerate() {
            examine(entry, state, problems);
            match places.entry(entry.key().to_owned()) {
                Entry::Vacant(place) => drop(place.insert(at)),
                Entry::Occupied(place) => {
                    problems.push(format!("two {}s are called `{}`", T::KIND, place.key()));
                }
            }
        }
        Self { places, list }
    }

    /// The entry of this name among those that the table was made of.
    fn find<'t, T>(&self, entries: &'t [T], name: &str) -> Option<&'t T> {
        entries.get(*self.places.get(name)?)
    }
}

/// Notes what is wrong with one entry: by itself, and for want of state.
pub(crate) fn examine<D, T: Entrant<D>>(entry: &T, state: &StateMap, problems: &mut Vec<String>) {
    let label = format!("{} `{}`", T::KIND, entry.key().escape_debug());
    problems.extend(
        entry
            .problems()
            .into_iter()
            .map(|problem| format!("{label}: {problem}")),
    );
    require(&label, entry.requirements(), state, problems);
}

/// Notes the state that is taken and was not given.
fn require(
    label: &str,
    requirements: &[Requirement],
    state: &StateMap,
    problems: &mut Vec<String>,
) {
    for requirement in requirements {
        if let Requirement::State { id, name } = requirement
            && !state.has(*id)
        {
            problems.push(format!(
                "{label} takes `State<{name}>`, and no `{name}` was given: add `.state(..)`"
            ));
        }
    }
}

/// What clients are told when they list: definitions in order, serialised once per rendering.
///
/// ```
/// use mcp_core::{handler::List, types::tool::Tool};
///
/// let list = List::new(vec![Tool::new("echo")]);
/// assert_eq!(list.items().len(), 1);
/// ```
pub struct List<D> {
    items: Vec<D>,
    /// Where the next page starts, if there is one.
    pub(crate) next_cursor: Option<String>,
    /// By revision, since each may write it differently.
    renderings: [OnceLock<Rest>; version::COUNT],
}

impl<D> List<D> {
    /// Definitions in the order they are told.
    pub fn new(items: Vec<D>) -> Self {
        Self {
            items,
            next_cursor: None,
            renderings: Default::default(),
        }
    }

    /// The same as one page of several: what a client asks for the next one with.
    ///
    /// ```
    /// use mcp_core::{handler::List, types::tool::Tool};
    ///
    /// let first = List::new(vec![Tool::new("echo")]).with_next_cursor("2");
    /// # let _ = first;
    /// ```
    ///
    /// # Specification
    /// [2025-11-25, Pagination](https://modelcontextprotocol.io/specification/2025-11-25/server/utilities/pagination),
    /// [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/pagination)
    #[must_use]
    pub fn with_next_cursor(mut self, cursor: impl Into<String>) -> Self {
        self.next_cursor = Some(cursor.into());
        self
    }

    /// Definitions in the order they are told.
    pub fn items(&self) -> &[D] {
        &self.items
    }

    /// The list as a result; `render` runs once for each `form`.
    pub(crate) fn rendered(&self, form: usize, render: impl FnOnce(&[D]) -> Vec<u8>) -> Rest {
        let render = || Rest::of(render(&self.items));
        match self.renderings.get(form) {
            Some(kept) => kept.get_or_init(render).clone(),
            None => render(),
        }
    }
}

impl<D: fmt::Debug> fmt::Debug for List<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.items).finish()
    }
}

/// What is wrong with a name of a prompt, if anything: the specification has rules for those of tools
/// only, and these bounds are ours. People read it, on one line.
fn check_prompt_name(name: &str, problems: &mut Vec<String>) {
    let length = name.chars().count();
    if !(1..=256).contains(&length) {
        problems.push(format!(
            "a prompt's name has 1 to 256 characters, this one has {length}"
        ));
    }
    if let Some(wrong) = name.chars().find(|c| c.is_control()) {
        problems.push(format!(
            "{wrong:?} in a name; it is one line of text, without control characters"
        ));
    }
}

/// What is wrong with a name of a tool, if anything.
///
/// # Specification
/// [2025-11-25, Tool names](https://modelcontextprotocol.io/specification/2025-11-25/server/tools#tool-names),
/// [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/server/tools#tool-names)
fn check_tool_name(name: &str, problems: &mut Vec<String>) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.is_empty() || name.len() > 128 {
        problems.push(format!(
            "a name has 1 to 128 characters, this one has {}",
            name.len()
        ));
    }
    if let Some(wrong) = name.chars().find(|c| !allowed(*c)) {
        problems.push(format!(
            "{wrong:?} in a name; allowed are A-Z a-z 0-9 _ - ."
        ));
    }
}
