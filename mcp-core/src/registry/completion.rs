//! Completions: what suggests values for an argument while it is typed.

use std::{collections::HashMap, fmt, future::Future, sync::Arc};

use crate::{
    context::{Context, FromContext},
    ctx::Ctx,
    error::Error,
    handler::{Answer, Failure, IntoFailure, Reply, ToolError},
    jsonrpc::ErrorCode,
    types::completion::Completion as Values,
};

type Suggest = dyn Fn(CompleteRequest, Ctx) -> Reply + Send + Sync;

/// What suggests values for one argument of a prompt, or one variable of a resource template.
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
/// [2025-11-25, Completion](https://modelcontextprotocol.io/specification/2025-11-25/server/utilities/completion)
#[derive(Clone)]
pub struct Completion {
    pub(crate) of: Reference,
    pub(crate) argument: String,
    suggest: Arc<Suggest>,
}

/// What has the argument.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Reference {
    Prompt(String),
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
    /// For an argument of a prompt.
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
        let suggest = move |request, ctx| {
            let future = suggest(request, ctx);
            Reply::pending(async move {
                match future.await.map_err(IntoFailure::into_failure) {
                    Ok(values) => {
                        let mut values = values.into();
                        values.has_more |= values.values.len() > Values::MOST;
                        values.values.truncate(Values::MOST);
                        Ok(Answer::Complete(values))
                    }
                    Err(Failure::Refused(error)) => Err(error),
                    Err(Failure::Said(message)) => Err(Error::Custom {
                        code: ErrorCode::INTERNAL_ERROR,
                        message,
                        data: None,
                    }),
                }
            })
        };
        Self {
            of,
            argument,
            suggest: Arc::new(suggest),
        }
    }

    pub(crate) fn suggest(&self, context: Context<'_>, request: CompleteRequest) -> Reply {
        match Ctx::from_context(&context) {
            Ok(ctx) => (self.suggest)(request, ctx),
            Err(error) => error.into(),
        }
    }
}

impl fmt::Debug for Completion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Completion({}, {})", self.of, self.argument)
    }
}
