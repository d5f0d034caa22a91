//! Tools: what clients are told of them, and what runs when they are called.

use std::{fmt, future::Future, num::NonZeroUsize, sync::Arc, time::Duration};

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Entrant, access::Access, check_tool_name, meta::as_meta};
use crate::{
    context::{Context, Requirement},
    ctx::Ctx,
    handler::{
        Answer, Args, Argument, Arguments, Declaration, IntoFailure, IntoToolOutput, Problems,
        Reply, Shape, ToolError, ToolOutput, Unfit, as_promised, as_shaped, outcome_of,
    },
    jsonrpc::Raw,
    limit::{Limiter, Limits, rate::Rate},
    schema::{
        Schema, bounds,
        mirror::{self, Mirrored},
        promised::Promise,
        validator::Validator,
    },
    types::{self, Icon},
};

type Invoke = dyn Fn(Arguments<'_>) -> Result<Reply, Unfit> + Send + Sync;

/// A tool, ready to be registered: `#[mcp_tool]` makes one of a function, which
/// [`tools!`](crate::tools) finds; [`Tool::builder`] makes one by hand.
#[derive(Clone)]
pub struct Tool {
    definition: types::tool::Tool,
    arguments: Arc<[Argument]>,
    requirements: Vec<Requirement>,
    problems: Vec<String>,
    access: Access,
    limits: Limits,
    /// What enforces its limits, if it has any; there once it is part of a server.
    limiter: Option<Arc<Limiter>>,
    tags: Vec<String>,
    coercion: Coercion,
    mirrored: Arc<[Mirrored]>,
    /// What checks arguments against a schema by hand.
    validator: Option<Validator>,
    /// What its results are, where a schema by hand knows it better than each of them.
    shape: Option<Shape>,
    /// What checks results against their schema, in debug builds.
    output: Option<Validator>,
    unproven: Arc<[Promise]>,
    invoke: Arc<Invoke>,
}

/// Whether a string may stand for what it spells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Coercion {
    #[default]
    Lenient,
    Strict,
}

impl Tool {
    /// Starts a tool of this name.
    ///
    /// ```
    /// use mcp_core::{Ctx, Server, Tool};
    ///
    /// #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// struct Add {
    ///     a: i64,
    ///     b: i64,
    /// }
    ///
    /// let add = Tool::builder("add")
    ///     .description("Add two numbers")
    ///     .read_only(true)
    ///     .handler(|args: Add, _: Ctx| async move { Ok(args.a + args.b) });
    ///
    /// Server::new("calculator", "1.0.0").tools([add]).build()?;
    /// # Ok::<(), mcp_core::BuildError>(())
    /// ```
    pub fn builder(name: impl Into<String>) -> ToolBuilder {
        ToolBuilder {
            definition: types::tool::Tool::new(name),
            declaration: Declaration::default(),
            input_schema: None,
            shape: None,
            access: Access::default(),
            limits: Limits::default(),
            tags: Vec::new(),
            coercion: Coercion::default(),
            problems: Vec::new(),
        }
    }

    /// What clients are told of it.
    pub fn definition(&self) -> &types::tool::Tool {
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

    /// How much of it its callers may use.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// What its author sorts it by. Clients are not told.
    pub fn tags(&self) -> &[String] {
        &self.tags
    }

    pub(crate) fn rename(&mut self, name: String) {
        self.definition.name = name;
    }

    /// Which of its arguments callers repeat outside of the message.
    pub(crate) fn mirrored(&self) -> Arc<[Mirrored]> {
        Arc::clone(&self.mirrored)
    }

    /// What its schema promises, and nobody could tell whether it is kept.
    pub(crate) fn unproven(&self) -> &[Promise] {
        &self.unproven
    }

    /// Takes the server's timeout unless it has one of its own, and counts its calls along with those
    /// of the tool that had its name, if the limits are the same.
    pub(crate) fn count_on(&mut self, before: Option<&Self>, timeout: Option<Duration>) {
        self.limits.timeout = self.limits.timeout.or(timeout);
        let same = before.filter(|before| before.limits == self.limits);
        self.limiter = match same {
            Some(same) => same.limiter.clone(),
            None => Limiter::new(&self.definition.name, self.limits).map(Arc::new),
        };
    }

    pub(crate) fn call(&self, context: Context<'_>) -> Reply {
        if let Err(refused) = self.access.check(&context) {
            return refused.into();
        }
        // Before the arguments are read: those that do not fit are calls, too.
        match &self.limiter {
            None => self.run(context),
            Some(limiter) => limiter.call(context, |context| self.run(context)),
        }
    }

    fn run(&self, context: Context<'_>) -> Reply {
        if let Some(validator) = &self.validator {
            let given = context.arguments().map_or("{}", Raw::get);
            let faults = validator.faults(given);
            if !faults.is_empty() {
                return unfit(Problems::of_all(faults));
            }
        }
        let mut arguments = Arguments::of_tool(context, &self.arguments);
        if self.coercion == Coercion::Strict {
            arguments = arguments.strict();
        }
        match (self.invoke)(arguments) {
            Ok(mut reply) => {
                if let Some(shape) = self.shape {
                    reply = as_shaped(reply, shape);
                }
                match &self.output {
                    Some(output) => as_promised(reply, output.clone()),
                    None => reply,
                }
            }
            Err(Unfit::Arguments(problems)) => unfit(problems),
            Err(Unfit::Refused(error)) => error.into(),
        }
    }
}

/// Arguments that do not fit are the model's to correct.
fn unfit(problems: Problems) -> Reply {
    Reply::ready(Ok(Answer::CallTool(ToolOutput::error(
        problems.to_string(),
    ))))
}

impl fmt::Debug for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tool")
            .field("definition", &self.definition)
            .finish_non_exhaustive()
    }
}

impl Entrant<types::tool::Tool> for Tool {
    const KIND: &'static str = "tool";

    fn key(&self) -> &str {
        &self.definition.name
    }

    fn definition(&self) -> &types::tool::Tool {
        &self.definition
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = self.problems.clone();
        check_tool_name(&self.definition.name, &mut problems);
        self.access.problems(&mut problems);
        self.limits.problems(&mut problems);
        let hints = self.definition.annotations.unwrap_or_default();
        if hints.read_only == Some(true) && hints.destructive == Some(true) {
            problems.push("it is both read-only and destructive".to_owned());
        }
        problems
    }

    fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }
}

/// A tool being made: see [`Tool::builder`].
#[derive(Debug)]
#[must_use = "nothing is registered until `handler` is called and the tool given to a server"]
pub struct ToolBuilder {
    definition: types::tool::Tool,
    declaration: Declaration,
    input_schema: Option<Schema>,
    shape: Option<Shape>,
    access: Access,
    limits: Limits,
    tags: Vec<String>,
    coercion: Coercion,
    problems: Vec<String>,
}

impl ToolBuilder {
    /// A name for people.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.definition.title = Some(title.into());
        self
    }

    /// What the tool does, for the model to read.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.definition.description = Some(description.into());
        self
    }

    /// A picture that clients may show.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.definition.icons.push(icon);
        self
    }

    /// Its `_meta`: what an extension wants to know of it, an object of any kind.
    ///
    /// ```
    /// use mcp_core::prelude::*;
    /// use serde_json::json;
    ///
    /// /// Show a clock, for which MCP Apps have a page
    /// #[mcp_tool(meta = json!({ "ui": { "resourceUri": "ui://clock" } }))]
    /// fn clock() -> &'static str {
    ///     "Five o'clock"
    /// }
    ///
    /// // The same by hand:
    /// let by_hand = Tool::builder("clock").meta(json!({ "ui": { "resourceUri": "ui://clock" } }));
    /// # let _ = (tools![clock], by_hand);
    /// ```
    ///
    /// # Specification
    /// [2025-11-25, `_meta`](https://modelcontextprotocol.io/specification/2025-11-25/basic#_meta),
    /// [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/basic#_meta)
    pub fn meta(mut self, meta: impl Serialize) -> Self {
        self.definition.meta = as_meta(meta, &mut self.problems);
        self
    }

    /// Hints that it changes nothing. Not sent unless said.
    pub fn read_only(mut self, hint: bool) -> Self {
        self.annotations().read_only = Some(hint);
        self
    }

    /// Hints that it may delete or overwrite. Not sent unless said.
    pub fn destructive(mut self, hint: bool) -> Self {
        self.annotations().destructive = Some(hint);
        self
    }

    /// Hints that calling it twice is calling it once. Not sent unless said.
    pub fn idempotent(mut self, hint: bool) -> Self {
        self.annotations().idempotent = Some(hint);
        self
    }

    /// Hints that it reaches beyond this server. Not sent unless said.
    pub fn open_world(mut self, hint: bool) -> Self {
        self.annotations().open_world = Some(hint);
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

    /// How often each caller may call it. Default: as often as they want.
    ///
    /// Callers whom nobody knows are one caller. Who calls more often reads when to try again, in a
    /// result with `isError`. A call whose arguments do not fit counts, and one that was refused does
    /// not. See [`Rate`] for how they are counted; a text such as `"30/min"` is one, too.
    ///
    /// ```
    /// use mcp_core::{Server, Tool, ToolError};
    ///
    /// let roll = Tool::builder("roll")
    ///     .description("Roll a die")
    ///     .rate_limit("30/min")
    ///     .handler(|_: serde_json::Map<_, _>, _| async { Ok::<_, ToolError>(4) });
    ///
    /// Server::new("games", "1.0.0").tools([roll]).build()?;
    /// # Ok::<(), mcp_core::BuildError>(())
    /// ```
    pub fn rate_limit<R>(mut self, rate: R) -> Self
    where
        R: TryInto<Rate>,
        R::Error: fmt::Display,
    {
        match rate.try_into() {
            Ok(rate) => self.limits.rate = Some(rate),
            Err(problem) => self.problems.push(format!("its `rate_limit`: {problem}")),
        }
        self
    }

    /// How long one call may take. Default: what the [server](crate::ServerBuilder::timeout) says, or
    /// as long as it takes.
    ///
    /// Then its future is dropped, and the model reads how long it had, in a result with `isError`.
    /// While a question is open, no time is running: a function that runs again with the answer has
    /// all of it again. Progress does not give it more, unless there is a
    /// [`max_timeout`](Self::max_timeout). A function that is not async cannot be stopped: one that is
    /// `blocking` runs on. Needs tokio's clock.
    ///
    /// # Specification
    /// Timeouts:
    /// [2025-11-25](https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#timeouts),
    /// [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/cancellation#timeouts)
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeout = Some(timeout);
        self
    }

    /// Begins the [`timeout`](Self::timeout) anew whenever a call tells that it is
    /// [further](crate::Ctx::progress) than before, until it has taken so long in all. Default: it
    /// does not begin anew.
    ///
    /// It counts whether or not the client wants to be told.
    pub fn max_timeout(mut self, in_all: Duration) -> Self {
        self.limits.max_timeout = Some(in_all);
        self
    }

    /// How many calls may run at the same time, whoever calls. Default: any number.
    ///
    /// One more is told to try again in a moment, in a result with `isError`. A call that waits for
    /// an answer to its question does not run; a function that is `blocking` does until its end,
    /// though its call may be over.
    pub fn concurrency(mut self, calls: NonZeroUsize) -> Self {
        self.limits.concurrency = Some(calls);
        self
    }

    /// What its author sorts it by, for filters and reports. Clients are not told.
    pub fn tags<S: Into<String>>(mut self, tags: impl IntoIterator<Item = S>) -> Self {
        self.tags.extend(tags.into_iter().map(Into::into));
        self
    }

    /// Leaves strings that hold numbers, booleans or JSON as the strings they are, rather than
    /// trying what they spell when the argument's type is another.
    pub fn strict(mut self) -> Self {
        self.coercion = Coercion::Strict;
        self
    }

    /// Publishes this schema of the arguments instead of the one that their type has.
    ///
    /// What the type does not enforce of it needs feature `validate`: every call is checked then,
    /// before the function runs. Without it, the server is not built.
    pub fn input_schema(mut self, schema: Schema) -> Self {
        self.input_schema = Some(schema);
        self
    }

    /// Promises this schema of the results instead of the one that the function's type has.
    ///
    /// For what a gateway or a description such as OpenAPI knows, and no type does: the function returns a
    /// [`Value`] or a [`ToolOutput`] with structured content, and keeps the promise itself. Debug builds
    /// with feature `validate` check that it does; what does not fit is an internal error there. A
    /// function that returns plain text promises nothing that a program could read: then the server is not
    /// built.
    ///
    /// ```
    /// use mcp_core::{prelude::*, schema::Schema};
    /// use serde_json::{Map, Value, json};
    ///
    /// let schema = r#"{ "type": "object", "properties": { "celsius": { "type": "number" } } }"#;
    /// let weather = Tool::builder("weather")
    ///     .description("The weather now")
    ///     .output_schema(Schema::parse(schema)?)
    ///     .handler(|_: Map<String, Value>, _: Ctx| async { Ok(json!({ "celsius": 21.5 })) });
    ///
    /// let told = weather.definition().output_schema.as_ref().map(Schema::to_value);
    /// assert_eq!(told, Some(serde_json::from_str(schema)?));
    /// Server::new("weather", "1.0.0").tools([weather]).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Specification
    /// Output schema:
    /// [2025-11-25](https://modelcontextprotocol.io/specification/2025-11-25/server/tools#output-schema),
    /// [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/server/tools#output-schema)
    pub fn output_schema(mut self, schema: Schema) -> Self {
        self.definition.output_schema = Some(schema);
        self
    }

    /// The tool that runs this function.
    ///
    /// The whole argument object is one value; use [`serde_json::Map`] to take it as it comes. What
    /// is returned becomes a result as that of `#[mcp_tool]` does; `?` makes a [`ToolError`] of any
    /// error.
    pub fn handler<A, O, M, F, Fut>(self, handler: F) -> Tool
    where
        A: DeserializeOwned + JsonSchema + Send + 'static,
        O: IntoToolOutput<M> + 'static,
        F: Fn(A, Ctx) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<O, ToolError>> + Send + 'static,
    {
        let declaration = Declaration::default()
            .param::<Args<A>, _>(Argument::default())
            .param::<Ctx, _>(Argument::default());
        let (shape, output) = O::describe();
        self.declared(declaration)
            .output(shape, output)
            .invoke(move |mut arguments| {
                let args = arguments.take::<Args<A>, _>(0);
                let ctx = arguments.take::<Ctx, _>(1);
                arguments.finish()?;
                let (Some(Args(args)), Some(ctx)) = (args, ctx) else {
                    return Err(Unfit::incomplete());
                };
                let future = handler(args, ctx);
                Ok(Reply::pending(async move {
                    outcome_of(future.await.map_err(IntoFailure::into_failure), shape)
                }))
            })
    }

    /// What the parameters of the function declare.
    #[doc(hidden)]
    pub fn declared(mut self, declaration: Declaration) -> Self {
        self.declaration = declaration;
        self
    }

    /// What the function promises of its results, unless that was said by hand.
    #[doc(hidden)]
    pub fn output(mut self, shape: Shape, schema: Option<Schema>) -> Self {
        let Some(by_hand) = &self.definition.output_schema else {
            self.definition.output_schema = schema;
            return self;
        };
        if shape == Shape::Text {
            self.problems.push(
                "it has an `output_schema`, and its function returns plain text: return a \
                 `serde_json::Value`, `Json<T>` or a `ToolOutput` with structured content"
                    .to_owned(),
            );
        }
        let is_object = by_hand.to_value().get("type").and_then(Value::as_str) == Some("object");
        // The schema decides, and not the type, which may be an enum of objects to schemars.
        self.shape = Some(if is_object { Shape::Any } else { Shape::Other });
        self
    }

    /// The tool that takes its arguments itself.
    #[doc(hidden)]
    pub fn invoke(
        self,
        invoke: impl Fn(Arguments<'_>) -> Result<Reply, Unfit> + Send + Sync + 'static,
    ) -> Tool {
        self.made(Arc::new(invoke))
    }

    // Not generic: what every tool adds to a program should be little.
    fn made(mut self, invoke: Arc<Invoke>) -> Tool {
        let schema = self.declaration.schema();
        let enforced = self.declaration.enforce(self.input_schema.as_ref());
        self.definition.input_schema = self.input_schema.unwrap_or(schema);
        let mut problems = self.problems;
        problems.append(&mut self.declaration.problems);
        let input = self.definition.input_schema.to_value();
        let mirrored = mirror::find(&input, &mut problems);
        if input.get("type").and_then(Value::as_str) != Some("object") {
            problems
                .push(r#"its input schema must have `"type": "object"` at the root"#.to_owned());
        }
        problems.extend(bounds::problems("input schema", &input));
        let output = self.definition.output_schema.as_ref().and_then(|schema| {
            let schema = schema.to_value();
            problems.extend(bounds::problems("output schema", &schema));
            let is_checked = cfg!(debug_assertions);
            is_checked.then(|| Validator::new(&schema).ok().flatten())?
        });
        Tool {
            definition: self.definition,
            arguments: self.declaration.arguments.into(),
            requirements: self.declaration.requirements,
            problems,
            access: self.access,
            limits: self.limits,
            limiter: None,
            tags: self.tags,
            coercion: self.coercion,
            mirrored: mirrored.into(),
            validator: enforced.validator,
            shape: self.shape,
            output,
            unproven: enforced.unproven.into(),
            invoke,
        }
    }

    fn annotations(&mut self) -> &mut types::tool::ToolAnnotations {
        self.definition.annotations.get_or_insert_default()
    }
}
