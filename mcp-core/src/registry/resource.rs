//! Resources and resource templates: what clients are told of them, and what reads them.

use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry},
    fmt,
    future::Future,
    num::NonZeroUsize,
    sync::Arc,
    time::Duration,
};

use serde::Serialize;

use super::{Entrant, access::Access, examine, meta::as_meta, page::Pages};
use crate::{
    cache::Cache,
    context::{Context, FromContext, Requirement, StateMap},
    ctx::Ctx,
    error::Error,
    handler::{
        Arguments, Declaration, Failure, IntoResourceOutput, Reply, ResourceError, Unfit,
        contents_of,
    },
    limit::{no_time, timeout::within},
    types::{
        Annotations, Icon,
        resource::{Resource as Definition, ResourceTemplate},
    },
    uri_template::UriTemplate,
};

/// The variables of a template, taken from a URI.
type Values<'a> = Vec<(&'a str, Cow<'a, str>)>;
type Read = dyn Fn(Context<'_>, &str, Values<'_>) -> Result<Reply, Unfit> + Send + Sync;

/// A resource or a family of them, ready to be registered: `#[mcp_resource]` makes one of a
/// function, [`Resource::builder`] by hand.
#[derive(Clone)]
pub struct Resource {
    definition: Definition,
    /// Present where the URI has variables.
    template: Option<UriTemplate>,
    requirements: Vec<Requirement>,
    problems: Vec<String>,
    access: Access,
    timeout: Option<Duration>,
    tags: Vec<String>,
    cache: Cache,
    read: Arc<Read>,
}

impl Resource {
    /// Starts a resource at this URI, or a family of them if it has `{variables}`.
    ///
    /// ```
    /// use mcp_core::{Resource, Server};
    ///
    /// let readme = Resource::builder("docs://readme", "readme")
    ///     .mime_type("text/markdown")
    ///     .handler(|_, _| async { Ok::<_, mcp_core::ResourceError>("# Hello") });
    /// let page = Resource::builder("docs://pages/{page}", "page")
    ///     .handler(|request, _| async move {
    ///         Ok::<_, mcp_core::ResourceError>(format!("Page {}", request.variable("page").unwrap_or("?")))
    ///     });
    ///
    /// Server::new("docs", "1.0.0").resources([readme, page]).build()?;
    /// # Ok::<(), mcp_core::BuildError>(())
    /// ```
    pub fn builder(uri: impl Into<String>, name: impl Into<String>) -> ResourceBuilder {
        ResourceBuilder {
            definition: Definition::new(uri, name),
            declaration: Declaration::default(),
            access: Access::default(),
            timeout: None,
            tags: Vec::new(),
            cache: Cache::default(),
            problems: Vec::new(),
        }
    }

    /// What clients are told of it; of a family, `uri` is the template.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// Its URI, or the template of the family's.
    pub fn uri(&self) -> &str {
        &self.definition.uri
    }

    /// Whether it serves nobody who has not said who they are.
    pub fn requires_auth(&self) -> bool {
        self.access.requires_auth(&self.requirements)
    }

    /// What a caller must be allowed, all of it.
    pub fn scopes(&self) -> &[String] {
        self.access.scopes()
    }

    /// How long one call may take: what was said for it, or for its server once it is part of one.
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// What its author sorts it by. Clients are not told.
    pub fn tags(&self) -> &[String] {
        &self.tags
    }

    /// Takes the server's timeout unless it has one of its own.
    pub(crate) fn default_timeout(&mut self, timeout: Duration) {
        self.timeout.get_or_insert(timeout);
    }

    pub(crate) fn rename(&mut self, name: String, uri: String) {
        self.definition.name = name;
        if self.template.is_some() {
            self.template = template(&uri, &mut self.problems);
        }
        self.definition.uri = uri;
    }

    /// Whether it is a family.
    pub(crate) fn is_template(&self) -> bool {
        self.template.is_some()
    }

    fn read(&self, context: Context<'_>, uri: &str, values: Values<'_>) -> Reply {
        if let Err(refused) = self.access.check(&context) {
            return refused.into();
        }
        match (self.read)(context, uri, values) {
            Ok(reply) => within(self.timeout, "Resource", uri, reply.with_cache(self.cache)),
            Err(Unfit::Arguments(problems)) => Error::invalid_params(problems).into(),
            Err(Unfit::Refused(error)) => error.into(),
        }
    }
}

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resource")
            .field("definition", &self.definition)
            .finish_non_exhaustive()
    }
}

impl Entrant<Definition> for Resource {
    const KIND: &'static str = "resource";

    fn key(&self) -> &str {
        &self.definition.uri
    }

    fn definition(&self) -> &Definition {
        &self.definition
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = self.problems.clone();
        self.access.problems(&mut problems);
        no_time(self.timeout, &mut problems);
        if self.definition.name.is_empty() {
            problems.push("it has no name".to_owned());
        }
        problems
    }

    fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }
}

/// Where resources are by URI: those with one of their own, then families.
#[derive(Debug)]
pub(crate) struct Resources {
    fixed: HashMap<String, usize>,
    families: Vec<usize>,
    pub(crate) list: Pages<Definition>,
    pub(crate) templates: Pages<ResourceTemplate>,
}

impl Resources {
    pub(crate) fn new(
        all: &[Resource],
        page_size: Option<NonZeroUsize>,
        state: &StateMap,
        problems: &mut Vec<String>,
    ) -> Self {
        let (mut fixed, mut families) = (HashMap::new(), Vec::new());
        let mut known = Vec::<&UriTemplate>::new();
        let (mut list, mut templates) = (Vec::new(), Vec::new());
        for (at, resource) in all.iter().enumerate() {
            examine(resource, state, problems);
            let uri = resource.uri().to_owned();
            let Some(template) = &resource.template else {
                list.push((uri.clone(), resource.definition.clone()));
                match fixed.entry(uri) {
                    Entry::Vacant(place) => drop(place.insert(at)),
                    Entry::Occupied(place) => {
                        problems.push(format!("two resources are at `{}`", place.key()));
                    }
                }
                continue;
            };
            let overlapping = known.iter().filter(|earlier| earlier.overlaps(template));
            problems.extend(overlapping.map(|earlier| {
                format!(
                    "resources `{}` and `{}` overlap: some URIs would fit both",
                    earlier.as_str(),
                    template.as_str(),
                )
            }));
            templates.push((uri, as_template(&resource.definition)));
            known.push(template);
            families.push(at);
        }
        Self {
            fixed,
            families,
            list: Pages::new(list, page_size),
            templates: Pages::new(templates, page_size),
        }
    }

    /// The resource at this URI of its own, among those that this was made of.
    fn fixed<'a>(&self, all: &'a [Resource], uri: &str) -> Option<&'a Resource> {
        all.get(*self.fixed.get(uri)?)
    }

    fn families<'a>(
        &self,
        all: &'a [Resource],
    ) -> impl Iterator<Item = (&'a UriTemplate, &'a Resource)> {
        let families = self.families.iter().filter_map(|at| all.get(*at));
        families.filter_map(|family| Some((family.template.as_ref()?, family)))
    }

    /// The resource or the family that is written so.
    pub(crate) fn written<'a>(&self, all: &'a [Resource], uri: &str) -> Option<&'a Resource> {
        self.fixed(all, uri).or_else(|| {
            let mut families = self.families(all);
            let (_, family) = families.find(|(template, _)| template.as_str() == uri)?;
            Some(family)
        })
    }

    /// Whether there is a resource at this URI, of its own or of a family, that is shown.
    pub(crate) fn is_there(
        &self,
        all: &[Resource],
        uri: &str,
        shown: impl Fn(&Resource) -> bool,
    ) -> bool {
        let mut families = self.families(all);
        self.fixed(all, uri).is_some_and(&shown)
            || families.any(|(template, family)| template.matches(uri).is_some() && shown(family))
    }

    /// Whether there is a template that is written so and has this variable.
    pub(crate) fn has_variable(&self, all: &[Resource], template: &str, variable: &str) -> bool {
        let mut known = self.families(all).map(|(template, _)| template);
        known.any(|known| known.as_str() == template && known.variables().any(|v| v == variable))
    }

    /// Reads whatever is at this URI and shown: a resource of its own before a member of a family.
    pub(crate) fn read(
        &self,
        all: &[Resource],
        context: Context<'_>,
        uri: &str,
        shown: impl Fn(&Resource) -> bool,
    ) -> Option<Reply> {
        if let Some(resource) = self.fixed(all, uri).filter(|resource| shown(resource)) {
            return Some(resource.read(context, uri, Values::new()));
        }
        self.families(all).find_map(|(template, resource)| {
            let variables = template.matches(uri).filter(|_| shown(resource))?;
            let owned = |(name, value): (_, &str)| (name, Cow::Owned(value.to_owned()));
            Some(resource.read(context, uri, variables.iter().map(owned).collect()))
        })
    }
}

/// The template that this is, if it has variables; any URI is held against the rules of one.
fn template(uri: &str, problems: &mut Vec<String>) -> Option<UriTemplate> {
    match UriTemplate::parse(uri) {
        Ok(template) => Some(template).filter(|it| it.variables().next().is_some()),
        Err(error) => {
            problems.push(error.to_string());
            None
        }
    }
}

pub(super) fn as_template(definition: &Definition) -> ResourceTemplate {
    let Definition {
        uri,
        name,
        title,
        description,
        mime_type,
        size: _,
        icons,
        annotations,
        meta,
    } = definition.clone();
    ResourceTemplate {
        uri_template: uri,
        name,
        title,
        description,
        mime_type,
        icons,
        annotations,
        meta,
    }
}

/// A resource being made: see [`Resource::builder`].
#[derive(Debug)]
#[must_use = "nothing is registered until `handler` is called and the resource given to a server"]
pub struct ResourceBuilder {
    definition: Definition,
    declaration: Declaration,
    access: Access,
    timeout: Option<Duration>,
    tags: Vec<String>,
    cache: Cache,
    problems: Vec<String>,
}

/// What a client wants to read.
#[derive(Clone, Debug)]
pub struct ReadRequest {
    uri: String,
    variables: Vec<(String, String)>,
}

impl ReadRequest {
    /// The whole URI, as it came.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// What the URI has for a variable of the template, percent-decoded.
    pub fn variable(&self, name: &str) -> Option<&str> {
        let mut all = self.variables.iter();
        all.find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

impl ResourceBuilder {
    /// A name for people.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.definition.title = Some(title.into());
        self
    }

    /// What it is, for the model to read.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.definition.description = Some(description.into());
        self
    }

    /// What its bytes are. Defaults to what the handler returns: text, JSON or bytes.
    pub fn mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.definition.mime_type = Some(mime_type.into());
        self
    }

    /// How many bytes it has. A family has no size.
    pub fn size(mut self, bytes: u64) -> Self {
        self.definition.size = Some(bytes);
        self
    }

    /// A picture that clients may show.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.definition.icons.push(icon);
        self
    }

    /// Hints on how to use or show it.
    pub fn annotations(mut self, annotations: Annotations) -> Self {
        self.definition.annotations = Some(annotations);
        self
    }

    /// Its `_meta`: what an extension wants to know of it, an object of any kind. See
    /// [`ToolBuilder::meta`](crate::ToolBuilder::meta).
    pub fn meta(mut self, meta: impl Serialize) -> Self {
        self.definition.meta = as_meta(meta, &mut self.problems);
        self
    }

    /// How long clients may keep what they read, and who may. Default: not at all.
    pub fn cache(mut self, cache: Cache) -> Self {
        self.cache = cache;
        self
    }

    /// Serves authenticated callers only.
    pub fn requires_auth(mut self) -> Self {
        self.access.require_auth();
        self
    }

    /// Serves only callers who may do all that these scopes stand for; others are told which.
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.access.require_scopes(scopes);
        self
    }

    /// How long one call may take. Default: what the [server](crate::ServerBuilder::timeout) says, or
    /// as long as it takes.
    ///
    /// Then its future is dropped, and the client is told how long it had, in an error. See
    /// [`ToolBuilder::timeout`](crate::ToolBuilder::timeout) for the rest.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// What its author sorts it by, for filters and reports. Clients are not told.
    pub fn tags<S: Into<String>>(mut self, tags: impl IntoIterator<Item = S>) -> Self {
        self.tags.extend(tags.into_iter().map(Into::into));
        self
    }

    /// The resource that this function reads. It may fail with a [`ResourceError`], or with whatever `?`
    /// makes one of, and is told as tools tell it.
    pub fn handler<O, M, E, F, Fut>(self, handler: F) -> Resource
    where
        O: IntoResourceOutput<M> + 'static,
        E: Into<ResourceError>,
        F: Fn(ReadRequest, Ctx) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<O, E>> + Send + 'static,
    {
        let builder = self.output(O::MIME_TYPE);
        let mime_type = builder.definition.mime_type.clone();
        builder.made(Arc::new(
            move |context: Context<'_>, uri: &str, values: Values<'_>| {
                let own =
                    |(name, value): (&str, Cow<'_, str>)| (name.to_owned(), value.into_owned());
                let variables = values.into_iter().map(own).collect();
                let request = ReadRequest {
                    uri: uri.to_owned(),
                    variables,
                };
                let ctx = Ctx::from_context(&context).map_err(Unfit::Refused)?;
                let (uri, mime_type) = (uri.to_owned(), mime_type.clone());
                let future = handler(request, ctx);
                Ok(Reply::pending(async move {
                    let returned = future.await.map_err(Into::<ResourceError>::into);
                    contents_of(returned.map_err(Failure::from), &uri, mime_type.as_deref())
                }))
            },
        ))
    }

    /// What the parameters of the function declare.
    #[doc(hidden)]
    pub fn declared(mut self, declaration: Declaration) -> Self {
        self.declaration = declaration;
        self
    }

    /// Lets the return type say what the bytes are, unless that was said.
    #[doc(hidden)]
    pub fn output(mut self, mime_type: Option<&'static str>) -> Self {
        let default = || mime_type.map(str::to_owned);
        self.definition.mime_type = self.definition.mime_type.or_else(default);
        self
    }

    /// The resource that takes its variables itself.
    #[doc(hidden)]
    pub fn invoke(
        mut self,
        invoke: impl Fn(Arguments<'_>, String) -> Result<Reply, Unfit> + Send + Sync + 'static,
    ) -> Resource {
        let arguments = self.declaration.text_arguments();
        let declared = self.declaration.properties().iter();
        let declared: Vec<_> = declared.map(|p| (p.name.clone(), p.required)).collect();
        let mut resource = self.made(Arc::new(move |context, uri: &str, values| {
            invoke(
                Arguments::of_text(context, &arguments, values),
                uri.to_owned(),
            )
        }));
        resource.compare(&declared);
        resource
    }

    // Not generic: what every resource adds to a program should be little.
    fn made(self, read: Arc<Read>) -> Resource {
        let mut problems = self.problems;
        problems.extend(self.declaration.problems);
        let template = template(&self.definition.uri, &mut problems);
        if template.is_some() && self.definition.size.is_some() {
            problems.push(
                "it is a template, and has no `size`: what it leads to may have many".to_owned(),
            );
        }
        Resource {
            definition: self.definition,
            template,
            requirements: self.declaration.requirements,
            problems,
            access: self.access,
            timeout: self.timeout,
            tags: self.tags,
            cache: self.cache,
            read,
        }
    }
}

impl Resource {
    /// Notes where the function's arguments and the template's variables are not the same.
    fn compare(&mut self, declared: &[(Cow<'static, str>, bool)]) {
        let variables = self.template.iter().flat_map(UriTemplate::variables);
        let variables: Vec<&str> = variables.collect();
        for (name, required) in declared {
            if !variables.contains(&name.as_ref()) {
                self.problems.push(format!(
                    "its argument `{name}` is no variable of the template"
                ));
            } else if *required && self.template.as_ref().is_some_and(|t| t.is_optional(name)) {
                self.problems.push(format!(
                    "its variable `{name}` may be absent: make the argument an `Option` or give it \
                     a default"
                ));
            }
        }
        for variable in variables {
            if declared.iter().all(|(name, _)| name != variable) {
                self.problems
                    .push(format!("no argument takes the variable `{variable}`"));
            }
        }
    }
}
