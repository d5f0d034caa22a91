//! Completions: what suggests values for an argument while it is typed.

use std::{borrow::Cow, collections::HashMap, fmt, future::Future, sync::Arc, time::Duration};

use crate::{
    context::{Context, FromContext, Requirement},
    ctx::Ctx,
    error::Error,
    handler::{Argument, Arguments, Declaration, IntoFailure, Reply, ToolError, Unfit, values_of},
    limit::timeout::within,
    types::completion::Completion as Values,
};

type Suggest = dyn Fn(Context<'_>, CompleteRequest) -> Result<Reply, Unfit> + Send + Sync;

/// What suggests values for one argument of a prompt, or one variable of a resource template.
///
/// `#[mcp_complete]` makes one of a function, and this is how to by hand. The values themselves are
/// a [`types::completion::Completion`](crate::types::completion::Completion).
///
/// ```
/// use mcp_core::{Completion, Server, prelude::*};
///
/// /// Ask for a review
/// #[mcp_prompt]
/// fn review(language: String) -> String {
///     format!("Review this {language} code.")
/// }
///
/// let languages = Completion::of_prompt("review", "language", |request, _| async move {
///     let known = ["python", "rust", "ruby"];
///     Ok(known.into_iter().filter(|name| name.starts_with(request.value())).collect::<Vec<_>>())
/// });
///
/// Server::new("reviews", "1.0.0")
///     .prompts(prompts![review])
///     .completions([languages])
///     .build()?;
/// # Ok::<(), mcp_core::BuildError>(())
/// ```
///
/// # Specification
/// [2025-11-25, Completion](https://modelcontextprotocol.io/specification/2025-11-25/server/utilities/completion),
/// [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/completion)
#[derive(Clone)]
pub struct Completion {
    pub(crate) of: Reference,
    pub(crate) argument: String,
    /// The other arguments that it takes.
    pub(crate) others: Vec<String>,
    pub(crate) requirements: Vec<Requirement>,
    pub(crate) problems: Vec<String>,
    timeout: Option<Duration>,
    suggest: Arc<Suggest>,
}

/// What has the argument.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// A prompt, by name.
    Prompt(String),
    /// A resource template, as it is written.
    Template(String),
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prompt(name) => write!(f, "prompt `{name}`"),
            Self::Template(uri) => write!(f, "resource template `{uri}`"),
        }
    }
}

/// What is being typed.
#[derive(Clone, Debug)]
pub struct CompleteRequest {
    value: String,
    others: HashMap<String, String>,
}

impl CompleteRequest {
    pub(crate) fn new(value: String, others: HashMap<String, String>) -> Self {
        Self { value, others }
    }

    /// What was typed so far.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The value of another argument, if it is known already.
    pub fn other(&self, argument: &str) -> Option<&str> {
        self.others.get(argument).map(String::as_str)
    }
}

impl Completion {
    /// For an argument of a prompt, by the names that clients are told.
    pub fn of_prompt<V, F, Fut>(
        prompt: impl Into<String>,
        argument: impl Into<String>,
        suggest: F,
    ) -> Self
    where
        V: Into<Values>,
        F: Fn(CompleteRequest, Ctx) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<V, ToolError>> + Send + 'static,
    {
        Self::new(Reference::Prompt(prompt.into()), argument.into(), suggest)
    }

    /// For a variable of a resource template, named by its URI.
    pub fn of_resource<V, F, Fut>(
        uri_template: impl Into<String>,
        variable: impl Into<String>,
        suggest: F,
    ) -> Self
    where
        V: Into<Values>,
        F: Fn(CompleteRequest, Ctx) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<V, ToolError>> + Send + 'static,
    {
        Self::new(
            Reference::Template(uri_template.into()),
            variable.into(),
            suggest,
        )
    }

    fn new<V, F, Fut>(of: Reference, argument: String, suggest: F) -> Self
    where
        V: Into<Values>,
        F: Fn(CompleteRequest, Ctx) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<V, ToolError>> + Send + 'static,
    {
        Self::made(
            of,
            argument,
            Declaration::default(),
            move |context, request| {
                let ctx = Ctx::from_context(&context).map_err(Unfit::Refused)?;
                let future = suggest(request, ctx);
                Ok(Reply::pending(async move {
                    values_of(future.await.map_err(IntoFailure::into_failure))
                }))
            },
        )
    }

    /// The completion that takes its parameters itself: what is typed, and values of other
    /// arguments by name.
    #[doc(hidden)]
    pub fn declared(
        of: Reference,
        argument: impl Into<String>,
        mut declaration: Declaration,
        invoke: impl Fn(Arguments<'_>, CompleteRequest) -> Result<Reply, Unfit> + Send + Sync + 'static,
    ) -> Self {
        let declared: Arc<[Argument]> = std::mem::take(&mut declaration.arguments).into();
        Self::made(of, argument.into(), declaration, move |context, request| {
            // Of what is filled in already, only what is asked for.
            let known = declared.iter().filter_map(|argument| {
                let value = request.other(&argument.name)?;
                Some((&*argument.name, Cow::Owned(value.to_owned())))
            });
            let known = known.collect::<Vec<_>>();
            invoke(Arguments::of_text(context, &declared, known), request)
        })
    }

    fn made(
        of: Reference,
        argument: String,
        declaration: Declaration,
        suggest: impl Fn(Context<'_>, CompleteRequest) -> Result<Reply, Unfit> + Send + Sync + 'static,
    ) -> Self {
        let others = declaration.properties().iter();
        Self {
            of,
            argument,
            others: others.map(|other| other.name.to_string()).collect(),
            requirements: declaration.requirements,
            problems: declaration.problems,
            timeout: None,
            suggest: Arc::new(suggest),
        }
    }

    /// Takes the server's timeout.
    pub(crate) fn default_timeout(&mut self, timeout: Duration) {
        self.timeout.get_or_insert(timeout);
    }

    pub(crate) fn suggest(&self, context: Context<'_>, request: CompleteRequest) -> Reply {
        match (self.suggest)(context, request) {
            Ok(reply) => within(self.timeout, "Completion of", &self.argument, reply),
            Err(Unfit::Arguments(problems)) => Error::invalid_params(problems).into(),
            Err(Unfit::Refused(error)) => error.into(),
        }
    }
}

impl fmt::Debug for Completion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Completion({}, {})", self.of, self.argument)
    }
}
