//! Prompts: what clients are told of them, and what fills them in.

use std::{borrow::Cow, collections::HashMap, fmt, future::Future, sync::Arc, time::Duration};

use serde::Serialize;

use super::{Entrant, access::Access, check_prompt_name, meta::as_meta};
use crate::{
    context::{Context, FromContext, Requirement},
    ctx::Ctx,
    error::Error,
    handler::{
        Arguments, Declaration, IntoFailure, IntoPromptOutput, Problems, Reply, ToolError, Unfit,
        messages_of,
    },
    limit::{no_time, timeout::within},
    types::{
        self, Icon,
        prompt::{Prompt as Definition, PromptArgument},
    },
};

/// The arguments of one call, by name, in the order they came.
type Values<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;
type Fill = dyn Fn(Context<'_>, Values<'_>) -> Result<Reply, Unfit> + Send + Sync;

/// A prompt, ready to be registered: `#[mcp_prompt]` makes one of a function, [`Prompt::builder`]
/// by hand.
#[derive(Clone)]
pub struct Prompt {
    definition: Definition,
    requirements: Vec<Requirement>,
    problems: Vec<String>,
    access: Access,
    timeout: Option<Duration>,
    tags: Vec<String>,
    fill: Arc<Fill>,
}

impl Prompt {
    /// Starts a prompt of this name.
    ///
    /// ```
    /// use mcp_core::{Prompt, Server, types::prompt::PromptArgument};
    ///
    /// let review = Prompt::builder("review")
    ///     .description("Ask for a review")
    ///     .argument(PromptArgument::new("title").required())
    ///     .handler(|args, _| async move { Ok(format!("Review {}.", args["title"])) });
    ///
    /// Server::new("books", "1.0.0").prompts([review]).build()?;
    /// # Ok::<(), mcp_core::BuildError>(())
    /// ```
    pub fn builder(name: impl Into<String>) -> PromptBuilder {
        PromptBuilder {
            definition: Definition::new(name),
            declaration: Declaration::default(),
            access: Access::default(),
            timeout: None,
            tags: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// What clients are told of it.
    pub fn definition(&self) -> &Definition {
        &self.definition
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

    pub(crate) fn rename(&mut self, name: String) {
        self.definition.name = name;
    }

    pub(crate) fn fill(&self, context: Context<'_>, values: Values<'_>) -> Reply {
        if let Err(refused) = self.access.check(&context) {
            return refused.into();
        }
        match (self.fill)(context, values) {
            Ok(reply) => within(self.timeout, "Prompt", &self.definition.name, reply),
            Err(Unfit::Arguments(problems)) => Error::invalid_params(problems).into(),
            Err(Unfit::Refused(error)) => error.into(),
        }
    }
}

impl fmt::Debug for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prompt")
            .field("definition", &self.definition)
            .finish_non_exhaustive()
    }
}

impl Entrant<Definition> for Prompt {
    const KIND: &'static str = "prompt";

    fn key(&self) -> &str {
        &self.definition.name
    }

    fn definition(&self) -> &Definition {
        &self.definition
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = self.problems.clone();
        check_prompt_name(&self.definition.name, &mut problems);
        self.access.problems(&mut problems);
        no_time(self.timeout, &mut problems);
        problems
    }

    fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }
}

/// A prompt being made: see [`Prompt::builder`].
#[derive(Debug)]
#[must_use = "nothing is registered until `handler` is called and the prompt given to a server"]
pub struct PromptBuilder {
    definition: Definition,
    declaration: Declaration,
    access: Access,
    timeout: Option<Duration>,
    tags: Vec<String>,
    problems: Vec<String>,
}

impl PromptBuilder {
    /// A name for people.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.definition.title = Some(title.into());
        self
    }

    /// What the prompt is good for.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.definition.description = Some(description.into());
        self
    }

    /// A picture that clients may show.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.definition.icons.push(icon);
        self
    }

    /// Its `_meta`: what an extension wants to know of it, an object of any kind. See
    /// [`ToolBuilder::meta`](crate::ToolBuilder::meta).
    pub fn meta(mut self, meta: impl Serialize) -> Self {
        self.definition.meta = as_meta(meta, &mut self.problems);
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

    /// One more thing the prompt wants to know.
    pub fn argument(mut self, argument: PromptArgument) -> Self {
        self.definition.arguments.push(argument);
        self
    }

    /// The prompt that runs this function, given the arguments by name.
    pub fn handler<O, F, Fut>(self, handler: F) -> Prompt
    where
        O: IntoPromptOutput + 'static,
        F: Fn(HashMap<String, String>, Ctx) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<O, ToolError>> + Send + 'static,
    {
        let declared = self.definition.arguments.clone();
        self.made(Arc::new(move |context: Context<'_>, values: Values<'_>| {
            let mut problems = Problems::default();
            for argument in &declared {
                if argument.required && !values.iter().any(|(name, _)| *name == argument.name) {
                    problems.missing(&argument.name);
                }
            }
            for (name, _) in &values {
                if declared.iter().all(|argument| argument.name != *name) {
                    problems.unknown(name, declared.iter().map(|argument| &*argument.name));
                }
            }
            problems.into_result()?;
            let values = values
                .into_iter()
                .map(|(k, v)| (k.into_owned(), v.into_owned()));
            let ctx = Ctx::from_context(&context).map_err(Unfit::Refused)?;
            let future = handler(values.collect(), ctx);
            Ok(Reply::pending(async move {
                messages_of(future.await.map_err(IntoFailure::into_failure))
            }))
        }))
    }

    /// What the parameters of the function declare.
    #[doc(hidden)]
    pub fn declared(mut self, declaration: Declaration) -> Self {
        for property in declaration.properties() {
            self.definition
                .arguments
                .push(types::prompt::PromptArgument {
                    name: property.name.clone().into_owned(),
                    title: None,
                    description: property.description.clone().map(Cow::into_owned),
                    required: property.required,
                });
        }
        self.declaration = declaration;
        self
    }

    /// The prompt that takes its arguments itself.
    #[doc(hidden)]
    pub fn invoke(
        mut self,
        invoke: impl Fn(Arguments<'_>) -> Result<Reply, Unfit> + Send + Sync + 'static,
    ) -> Prompt {
        let arguments = self.declaration.text_arguments();
        self.made(Arc::new(move |context, values| {
            invoke(Arguments::of_text(context, &arguments, values))
        }))
    }

    // Not generic: what every prompt adds to a program should be little.
    fn made(self, fill: Arc<Fill>) -> Prompt {
        let mut problems = self.problems;
        problems.extend(self.declaration.problems);
        Prompt {
            definition: self.definition,
            requirements: self.declaration.requirements,
            problems,
            access: self.access,
            timeout: self.timeout,
            tags: self.tags,
            fill,
        }
    }
}
