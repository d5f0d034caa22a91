//! Questions to the client, as lines of ordinary code.
//!
//! One rule, whatever the era: **a function that asks runs again from the top when the answer is
//! there.** Answers already given return at once, in the order of asking; what stands above an
//! `await` may therefore run twice, unless it stands in [`Ctx::step`].
//!
//! # Specification
//! 2025-11-25: [Elicitation](https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation),
//! [Sampling](https://modelcontextprotocol.io/specification/2025-11-25/client/sampling),
//! [Roots](https://modelcontextprotocol.io/specification/2025-11-25/client/roots).
//! 2026-07-28: [Multi round-trip requests](https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr)

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json, value::RawValue};

use crate::{
    Ctx,
    handler::ToolError,
    line::{Answered, Line, Place, Question, Standing},
    schema::{Schema, filled, form},
    types::{
        elicitation::{ElicitAction, ElicitRequest, ElicitResult},
        roots::{ListRootsResult, Root},
        sampling::{CreateMessage, CreateMessageResult},
    },
};

impl Ctx {
    /// Asks the person to fill in a form with the fields of `T`: a flat struct of strings, numbers,
    /// booleans and choices.
    ///
    /// ```
    /// use mcp_core::prelude::*;
    ///
    /// #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// struct Confirm {
    ///     /// Really?
    ///     ok: bool,
    /// }
    ///
    /// /// Delete everything
    /// #[mcp_tool(destructive)]
    /// async fn delete_all(ctx: Ctx) -> Result<&'static str, ToolError> {
    ///     let Confirm { ok } = ctx.elicit("Delete 12 files?").await?;
    ///     Ok(if ok { "deleted" } else { "kept" })
    /// }
    /// # let _ = tools![delete_all];
    /// ```
    ///
    /// # Errors
    /// [`AskError`]; that the person declined or went away is told apart.
    pub fn elicit<T: DeserializeOwned + JsonSchema>(&self, message: impl Into<String>) -> Ask<T> {
        let request = form::schema::<T>()
            .map(|schema| ElicitRequest::form(message, schema))
            .map_err(AskError::Form);
        self.ask(
            Capability::Elicitation,
            "elicitation/create",
            request,
            accepted,
        )
    }

    /// The same with a schema of your own; the fields come as they are.
    ///
    /// # Errors
    /// [`AskError`]; that the person declined or went away is told apart.
    pub fn elicit_with(
        &self,
        message: impl Into<String>,
        schema: Schema,
    ) -> Ask<Map<String, Value>> {
        let request = form::check(&schema.to_value())
            .map(|()| ElicitRequest::form(message, schema))
            .map_err(AskError::Form);
        self.ask(
            Capability::Elicitation,
            "elicitation/create",
            request,
            accepted,
        )
    }

    /// Asks the person to visit a page, for what must not pass through the client: passwords,
    /// payments, consent. That they agreed to go says nothing of what they did there.
    ///
    /// # Errors
    /// [`AskError`]; that the person declined or went away is told apart.
    pub fn elicit_url(
        &self,
        message: impl Into<String>,
        url: impl Into<String>,
        elicitation_id: impl Into<String>,
    ) -> Ask<()> {
        let request = ElicitRequest::url(message, url, elicitation_id);
        self.ask(
            Capability::ElicitationByUrl,
            "elicitation/create",
            Ok(request),
            |_, json| agreed(read::<ElicitResult>(json)?.action),
        )
    }

    /// Asks the client's model.
    ///
    /// # Errors
    /// [`AskError`].
    pub fn create_message(&self, request: CreateMessage) -> Ask<CreateMessageResult> {
        let needed = match request.has_tools() {
            true => Capability::SamplingWithTools,
            false => Capability::Sampling,
        };
        self.ask(needed, "sampling/createMessage", Ok(request), |_, json| {
            read(json)
        })
    }

    /// Asks which folders the client works in.
    ///
    /// # Errors
    /// [`AskError`].
    pub fn list_roots(&self) -> Ask<Vec<Root>> {
        self.ask(
            Capability::Roots,
            "roots/list",
            Ok(Map::new()),
            |_, json| read::<ListRootsResult>(json).map(|result| result.roots),
        )
    }

    /// Runs a side effect once, however often the function runs again: what it returned is
    /// remembered, and returned at once the next time. Failures are not remembered.
    ///
    /// From 2026-07-28 on, the client carries what is remembered: all steps and answers of a call may
    /// have 64 KiB, as JSON. Return an id from a step rather than what it stands for; steps that are
    /// larger by themselves fail the call, and the log names them.
    ///
    /// ```
    /// use mcp_core::prelude::*;
    ///
    /// # #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// # struct Confirm { ok: bool }
    /// # async fn reserve() -> Result<u32, std::io::Error> { Ok(7) }
    /// /// Book a seat
    /// #[mcp_tool]
    /// async fn book(ctx: Ctx) -> Result<String, ToolError> {
    ///     let seat = ctx.step("reserve", reserve).await?;
    ///     let Confirm { ok } = ctx.elicit(format!("Take seat {seat}?")).await?;
    ///     Ok(if ok { format!("Seat {seat} is yours") } else { "As you wish".to_owned() })
    /// }
    /// # let _ = tools![book];
    /// ```
    ///
    /// # Errors
    /// What `effect` fails with, as `?` tells it; or that what it returned cannot be remembered.
    pub async fn step<T, E, Fut>(
        &self,
        name: &str,
        effect: impl FnOnce() -> Fut,
    ) -> Result<T, ToolError>
    where
        T: Serialize + DeserializeOwned,
        E: Into<ToolError>,
        Fut: Future<Output = Result<T, E>>,
    {
        let (place, before) = self.line().step(name);
        if let Some(result) = before {
            return Ok(serde_json::from_str(result.get())?);
        }
        let result = effect().await.map_err(Into::into)?;
        self.line()
            .stepped(name, place, serde_json::value::to_raw_value(&result)?);
        Ok(result)
    }

    /// Takes the next place in the order of questions.
    fn ask<T, P: Serialize>(
        &self,
        needed: Capability,
        method: &'static str,
        params: Result<P, AskError>,
        read: Read<T>,
    ) -> Ask<T> {
        let line = Arc::clone(self.line());
        let place = line.next_question(self.run());
        let question = self.check(needed).and(params).and_then(|params| {
            let params = serde_json::to_string(&params).map_err(|error| {
                AskError::Form(format!("the question cannot be serialised: {error}"))
            })?;
            Ok(Question {
                key: format!("q{}", place.at),
                method,
                params: params.into(),
            })
        });
        Ask {
            line,
            place,
            question,
            read,
        }
    }

    fn check(&self, needed: Capability) -> Result<(), AskError> {
        let client = self.client_capabilities();
        let elicitation = client.elicitation;
        let sampling = client.sampling;
        let has = match needed {
            Capability::Elicitation => elicitation.is_some_and(|modes| modes.has_forms()),
            Capability::ElicitationByUrl => elicitation.is_some_and(|modes| modes.url.is_some()),
            Capability::Sampling => sampling.is_some(),
            Capability::SamplingWithTools => sampling.is_some_and(|parts| parts.tools.is_some()),
            Capability::Roots => client.roots.is_some(),
        };
        if has {
            Ok(())
        } else {
            Err(AskError::Unsupported(needed))
        }
    }
}

/// A question, asked when it is awaited. Questions that are awaited together, as by
/// `tokio::join!`, travel together.
#[must_use = "nothing is asked until it is awaited"]
pub struct Ask<T> {
    line: Arc<Line>,
    place: Place,
    question: Result<Question, AskError>,
    read: Read<T>,
}

/// What an answer says to what was asked; both are JSON.
type Read<T> = fn(&str, &str) -> Result<T, AskError>;

impl<T> Ask<T> {
    /// Names the question among those of one call, where the client gets to see such names.
    /// Default: its place in the order of asking, which is also added to a name that is taken.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        if let Ok(question) = &mut self.question {
            question.key = key.into();
        }
        self
    }
}

impl<T> Future for Ask<T> {
    type Output = Result<T, AskError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let question = match &self.question {
            Ok(question) => question,
            Err(error) => return Poll::Ready(Err(error.clone())),
        };
        Poll::Ready(match self.line.ask(self.place, question, cx.waker()) {
            // Who drives the call sees the open question, and runs the function again when it is
            // answered.
            Standing::Open => return Poll::Pending,
            Standing::Answered(Answered::Result(result)) => {
                match (self.read)(&question.params, &result) {
                    Err(AskError::Invalid(reason)) => {
                        let complaint = format!("(The last answer did not fit: {reason})");
                        if self.line.ask_again(self.place, complaint) {
                            // Asked anew, so that who drives the call learns of it.
                            return self.poll(cx);
                        }
                        Err(AskError::Invalid(reason))
                    }
                    read => read,
                }
            }
            Standing::Answered(Answered::Error(message)) => Err(AskError::Refused(message)),
            Standing::Answered(Answered::Unasked(problem)) => Err(AskError::Form(problem)),
            Standing::Answered(Answered::TimedOut) => Err(AskError::TimedOut),
            Standing::Gone | Standing::Answered(Answered::Gone) => Err(AskError::Gone),
            Standing::Changed { before } => {
                let changed = AskError::Changed {
                    before: format!("{} {}", before.method, before.params),
                    now: format!("{} {}", question.method, question.params),
                };
                tracing::error!(error = ?changed, "a function asked differently when run again");
                Err(changed)
            }
        })
    }
}

impl<T> fmt::Debug for Ask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask")
            .field("question", &self.question)
            .finish_non_exhaustive()
    }
}

/// What a client must be able to do to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Capability {
    /// `elicitation`, with forms.
    Elicitation,
    /// `elicitation.url`.
    ElicitationByUrl,
    /// `sampling`.
    Sampling,
    /// `sampling.tools`.
    SamplingWithTools,
    /// `roots`.
    Roots,
}

impl Capability {
    /// The capability as a client would declare it.
    pub(crate) fn to_json(self) -> Value {
        match self {
            Self::Elicitation => json!({ "elicitation": {} }),
            Self::ElicitationByUrl => json!({ "elicitation": { "url": {} } }),
            Self::Sampling => json!({ "sampling": {} }),
            Self::SamplingWithTools => json!({ "sampling": { "tools": {} } }),
            Self::Roots => json!({ "roots": {} }),
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Elicitation => "elicitation",
            Self::ElicitationByUrl => "elicitation.url",
            Self::Sampling => "sampling",
            Self::SamplingWithTools => "sampling.tools",
            Self::Roots => "roots",
        })
    }
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AskError {
    /// The person refused to answer.
    Declined,
    /// The person went away without an answer.
    Cancelled,
    /// The client has not said that it can be asked this; nothing was sent.
    Unsupported(Capability),
    /// The client answered with an error.
    Refused(String),
    /// The answer does not fit the question.
    Invalid(String),
    /// There was no answer in time.
    TimedOut,
    /// Nobody is there to be asked: the client takes no messages before the response.
    Gone,
    /// The form is not one that clients can show.
    Form(String),
    /// The function ran again and asked something else than before.
    Changed {
        /// What it asked before.
        before: String,
        /// What it asks now.
        now: String,
    },
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declined => f.write_str("the user declined to answer"),
            Self::Cancelled => f.write_str("the user dismissed the question"),
            Self::Unsupported(needed) => {
                write!(f, "this needs a client with the capability `{needed}`")
            }
            Self::Refused(message) => write!(f, "the client refused the question: {message}"),
            Self::Invalid(reason) => write!(f, "the answer does not fit the question: {reason}"),
            Self::TimedOut => f.write_str("there was no answer in time"),
            Self::Gone => f.write_str("there is nobody to ask: the client takes no questions here"),
            Self::Form(problem) => write!(f, "not a form that clients can show: {problem}"),
            Self::Changed { .. } => {
                f.write_str("the function asked a different question when it was run again")
            }
        }
    }
}

impl std::error::Error for AskError {}

fn read<T: DeserializeOwned>(json: &str) -> Result<T, AskError> {
    serde_json::from_str(json).map_err(|error| AskError::Invalid(error.to_string()))
}

fn agreed(action: ElicitAction) -> Result<(), AskError> {
    match action {
        ElicitAction::Accept => Ok(()),
        ElicitAction::Decline => Err(AskError::Declined),
        ElicitAction::Cancel => Err(AskError::Cancelled),
    }
}

fn accepted<T: DeserializeOwned>(asked: &str, json: &str) -> Result<T, AskError> {
    let result: ElicitResult = read(json)?;
    agreed(result.action)?;
    let content = result.content.as_deref().map_or("{}", RawValue::get);
    let value = read(content)?;
    // A type may take more than its form allows, such as a number out of bounds.
    let asked: Value = read(asked)?;
    let form = asked.get("requestedSchema").unwrap_or(&Value::Null);
    match filled::problem(form, &read(content)?) {
        None => Ok(value),
        Some(problem) => Err(AskError::Invalid(problem)),
    }
}
