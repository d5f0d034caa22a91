//! What macros write. Not for people, and not covered by semantic versioning.
//!
//! A macro knows its tokens only. What a type can do is decided here, where the compiler knows it:
//! [`Returned`] splits `Result` from everything else through any alias, because an inherent method
//! is found before a trait's.

use std::{error::Error, num::NonZeroUsize, sync::Arc};
pub use std::{
    option::Option::{None, Some},
    result::Result::{Err, Ok},
};

use serde::Serialize;
use serde_json::Value;

use crate::{
    FromContext,
    handler::{
        Arguments, Failure, IntoCompletionOutput, IntoFailure, IntoPromptOutput,
        IntoResourceOutput, IntoToolOutput, Outcome, Param, as_written, contents_of, known,
        messages_of, outcome_of, values_of,
    },
    schema::Schema,
};
pub use crate::{
    cache::{Cache, CacheScope},
    handler::{Argument, Bound, Declaration, Reply, Shape, Unfit, blocking},
    limit::rate::Rate,
    registry::{
        completion::{CompleteRequest, Completion, Reference},
        prompt::Prompt,
        resource::Resource,
        tool::Tool,
    },
    service::{Offer, Service},
    types::Icon,
};

/// A function that `#[mcp_tool]` stands on.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no tool",
    label = "`tools!` takes functions with `#[mcp_tool]`",
    note = "resources go into `resources!`, prompts into `prompts!`, completions into `completions!`"
)]
pub trait ToolFn {
    /// What clients call it.
    const NAME: &'static str;

    /// What is registered for it.
    fn tool() -> Tool;
}

/// A function that `#[mcp_resource]` stands on.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no resource",
    label = "`resources!` takes functions with `#[mcp_resource]`",
    note = "tools go into `tools!`, prompts into `prompts!`, completions into `completions!`"
)]
pub trait ResourceFn {
    /// What is registered for it.
    fn resource() -> Resource;
}

/// A function that `#[mcp_prompt]` stands on.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no prompt",
    label = "`prompts!` takes functions with `#[mcp_prompt]`",
    note = "tools go into `tools!`, resources into `resources!`, completions into `completions!`"
)]
pub trait PromptFn {
    /// What is registered for it.
    fn prompt() -> Prompt;
}

/// A function that `#[mcp_complete]` stands on.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no completion",
    label = "`completions!` takes functions with `#[mcp_complete]`",
    note = "tools go into `tools!`, resources into `resources!`, prompts into `prompts!`"
)]
pub trait CompletionFn {
    /// What is registered for it.
    fn completion() -> Completion;
}

/// A tool by the name of its function, in a list that is judged while a program is compiled.
#[derive(Debug)]
pub struct Listed {
    name: &'static str,
    tool: fn() -> Tool,
}

/// One element of `tools!`.
pub const fn listed<T: ToolFn>() -> Listed {
    Listed {
        name: T::NAME,
        tool: T::tool,
    }
}

/// What `tools!` makes of its elements.
pub fn tools(list: &[Listed]) -> Vec<Tool> {
    list.iter().map(|listed| (listed.tool)()).collect()
}

/// One element of `resources!`.
pub fn resource<T: ResourceFn>() -> Resource {
    T::resource()
}

/// One element of `prompts!`.
pub fn prompt<T: PromptFn>() -> Prompt {
    T::prompt()
}

/// One element of `completions!`.
pub fn completion<T: CompletionFn>() -> Completion {
    T::completion()
}

/// What has arguments to complete: what `#[mcp_resource]` or `#[mcp_prompt]` makes of a function.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no arguments to complete",
    label = "neither a resource nor a prompt",
    note = "name a function with `#[mcp_resource]` or `#[mcp_prompt]`"
)]
pub trait Completed {
    /// The names of its arguments.
    const ARGUMENTS: Names;

    /// What clients call it.
    fn reference() -> Reference;
}

/// Names that are known unless there is a mistake, which was complained of.
pub type Names = Option<&'static [&'static str]>;

/// Whether `names` have this one among them: asked while a program is compiled.
pub const fn is_argument(names: Names, name: &str) -> bool {
    match names {
        Some(names) => is_among(names, name),
        None => true,
    }
}

/// Whether no two of these have the same name: asked while a program is compiled.
pub const fn are_distinct(mut list: &[Listed]) -> bool {
    while let [first, others @ ..] = list {
        list = others;
        let mut others = others;
        while let [other, rest @ ..] = others {
            if is_same(first.name.as_bytes(), other.name.as_bytes()) {
                return false;
            }
            others = rest;
        }
    }
    true
}

const fn is_among(mut names: &[&str], name: &str) -> bool {
    while let [first, others @ ..] = names {
        if is_same(first.as_bytes(), name.as_bytes()) {
            return true;
        }
        names = others;
    }
    false
}

const fn is_same(mut this: &[u8], mut other: &[u8]) -> bool {
    loop {
        match (this, other) {
            ([], []) => return true,
            ([a, these @ ..], [b, others @ ..]) if *a == *b => (this, other) = (these, others),
            _ => return false,
        }
    }
}

/// A type with an `impl` block under `#[mcp_server]`. Its name is what the compiler says of a second
/// block, which would have to be part of the first.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no service: nothing of it is registered",
    label = "needs an `impl` block with `#[mcp_server]`",
    note = "put `#[mcp_server]` on `impl {Self}`, and `#[mcp_tool]` on a method",
    note = "tools of functions go into `.tools(tools![…])`"
)]
pub trait OneMcpServerBlockPerType: Send + Sync + 'static {
    /// What its methods are registered as.
    fn offer(self: Arc<Self>) -> Offer;
}

impl<T: OneMcpServerBlockPerType> Service for T {
    fn offer(self: Arc<Self>) -> Offer {
        OneMcpServerBlockPerType::offer(self)
    }
}

/// How a completion takes what is typed: as text, or with what else is known.
#[diagnostic::on_unimplemented(
    message = "the first parameter of a completion cannot be `{Self}`",
    label = "not what is typed",
    note = "take `&str`, `String` or `mcp_core::CompleteRequest`"
)]
pub trait Typed<'r> {
    /// What is typed.
    fn typed(request: &'r CompleteRequest) -> Self;
}

#[diagnostic::do_not_recommend]
impl<'r> Typed<'r> for &'r str {
    fn typed(request: &'r CompleteRequest) -> Self {
        request.value()
    }
}

#[diagnostic::do_not_recommend]
impl<'r> Typed<'r> for &'r CompleteRequest {
    fn typed(request: &'r CompleteRequest) -> Self {
        request
    }
}

#[diagnostic::do_not_recommend]
impl Typed<'_> for String {
    fn typed(request: &CompleteRequest) -> Self {
        request.value().to_owned()
    }
}

#[diagnostic::do_not_recommend]
impl Typed<'_> for CompleteRequest {
    fn typed(request: &CompleteRequest) -> Self {
        request.clone()
    }
}

/// A count that the macro knows not to be zero.
pub const fn at_least_one(count: usize) -> NonZeroUsize {
    match NonZeroUsize::new(count) {
        Some(count) => count,
        None => NonZeroUsize::MIN,
    }
}

/// A parameter that was declared, to be taken from every call.
///
/// Its type is judged where it is declared and nowhere else, so that one that fits nothing is one
/// error.
#[derive(Debug)]
pub struct Slot<P> {
    index: usize,
    default: Option<fn() -> P>,
    take: Take<P>,
}

type Take<P> = fn(&mut Arguments<'_>, usize, Option<fn() -> P>) -> Option<P>;

impl<P> Slot<P> {
    /// Takes it; a problem is noted in `arguments`.
    pub fn take(&self, arguments: &mut Arguments<'_>) -> Option<P> {
        (self.take)(arguments, self.index, self.default)
    }
}

/// Declares the next parameter.
pub fn param<P: Param<M>, M>(declaration: &mut Declaration, argument: Argument) -> Slot<P> {
    let index = declaration.arguments.len();
    P::declare(argument, declaration);
    Slot {
        index,
        default: None,
        take: P::take,
    }
}

/// Declares the next parameter of a resource, for which the URI has no variable.
pub fn extracted<P: Extracted>(declaration: &mut Declaration, argument: Argument) -> Slot<P> {
    param(declaration, argument)
}

/// What is taken from the context, where no argument can be meant.
#[diagnostic::on_unimplemented(
    message = "the URI has no variable for this parameter, and `{Self}` is no extractor",
    label = "neither a variable nor an extractor",
    note = "to receive it from the caller, name it in the URI: `book://{{id}}` has an `id`",
    note = "to receive it from the server, implement `mcp_core::FromContext` or wrap it: \
            `State<{Self}>`"
)]
pub trait Extracted: FromContext {}

#[diagnostic::do_not_recommend]
impl<T: FromContext> Extracted for T {}

/// Declares the next parameter, and what its absence stands for.
pub fn param_or<P: Param<M> + Defaulted, M>(
    declaration: &mut Declaration,
    mut argument: Argument,
    default: fn() -> P,
) -> Slot<P> {
    argument.default = P::told(default);
    Slot {
        default: Some(default),
        ..param(declaration, argument)
    }
}

/// What can be the default of an argument: callers are told it as JSON.
#[diagnostic::on_unimplemented(
    message = "an argument of type `{Self}` cannot have a default",
    label = "needs `serde::Serialize`: callers are told the default as JSON",
    note = "derive it as well: `#[derive(serde::Serialize)]`"
)]
pub trait Defaulted: Sized {
    /// The default as callers are told it.
    fn told(default: fn() -> Self) -> Option<Value>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Defaulted for T {
    fn told(default: fn() -> T) -> Option<Value> {
        as_written(&default())
    }
}

/// What text can be the default of.
#[diagnostic::on_unimplemented(
    message = "text cannot be the default of an argument of type `{Self}`",
    label = "expected `{Self}`, found text",
    note = "text becomes whatever implements `From<&'static str>`, such as `String`"
)]
pub trait FromText {
    /// Makes one of text.
    fn from_text(text: &'static str) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: From<&'static str>> FromText for T {
    fn from_text(text: &'static str) -> Self {
        text.into()
    }
}

/// A default that is written as text.
pub fn from_text<T: FromText>(text: &'static str) -> T {
    T::from_text(text)
}

/// What a function returned, to be split.
#[derive(Debug)]
pub struct Returned<T>(pub T);

impl<T, E> Returned<Result<T, E>> {
    /// Value or failure.
    ///
    /// # Errors
    /// The function's own, as a failure, unless there is another to tell instead.
    pub fn value_or_failure(self, instead: Option<Failure>) -> Result<T, Failure>
    where
        E: IntoFailure,
    {
        match instead {
            None => self.0.map_err(IntoFailure::into_failure),
            Some(failure) => Err(failure),
        }
    }
}

impl<T, E: Error + 'static> Returned<Result<T, E>> {
    /// What to tell instead of an error that is known for what it is.
    pub fn known(&self) -> Option<Failure> {
        known(self.0.as_ref().err()?)
    }
}

/// [`Returned`] whose error is none itself and holds one, as `anyhow::Error` does.
pub trait Holding {
    /// What to tell instead of an error that is known for what it is.
    fn known(&self) -> Option<Failure>;
}

impl<T, E: AsRef<dyn Error + Send + Sync>> Holding for Returned<Result<T, E>> {
    fn known(&self) -> Option<Failure> {
        known(self.0.as_ref().err()?.as_ref())
    }
}

/// [`Returned`] of which no error can be seen; found last, as it stands behind a reference.
pub trait Unseen {
    /// Nothing.
    fn known(&self) -> Option<Failure> {
        None
    }
}

impl<T> Unseen for &Returned<T> {}

/// [`Returned`] that cannot fail.
pub trait Infallible {
    /// What it returned.
    type Value;

    /// The value.
    ///
    /// # Errors
    /// Never.
    fn value_or_failure(self, instead: Option<Failure>) -> Result<Self::Value, Failure>;
}

impl<T> Infallible for Returned<T> {
    type Value = T;

    fn value_or_failure(self, _: Option<Failure>) -> Result<T, Failure> {
        Ok(self.0)
    }
}

/// What makes an outcome of the result of a tool.
pub type AnswerTool<T> = fn(Result<T, Failure>, Shape) -> Outcome;

/// What makes an outcome of the result of a resource, the URI and the MIME type.
pub type AnswerResource<T> = fn(Result<T, Failure>, &str, Option<&str>) -> Outcome;

/// What makes an outcome of the result of a prompt.
pub type AnswerPrompt<T> = fn(Result<T, Failure>) -> Outcome;

/// What a tool promises of its results, their shape, and what makes an outcome of what its function
/// returned.
///
/// Like the two below, it learns from `split` which types there are and is the only one to judge
/// them, so that a type that cannot be returned is one error.
pub fn tool_output<R, T, M>(
    split: fn(R) -> Result<T, Failure>,
) -> (Option<Schema>, Shape, AnswerTool<T>)
where
    T: IntoToolOutput<M>,
{
    let _ = split;
    let (shape, schema) = T::describe();
    (schema, shape, outcome_of)
}

/// What the bytes of a resource are, and what makes an outcome of what its function returned.
pub fn resource_output<R, T, M>(
    mime_type: Option<&'static str>,
    split: fn(R) -> Result<T, Failure>,
) -> (Option<&'static str>, AnswerResource<T>)
where
    T: IntoResourceOutput<M>,
{
    let _ = split;
    (mime_type.or(T::MIME_TYPE), contents_of)
}

/// What makes an outcome of what the function of a prompt returned.
pub fn prompt_output<R, T>(split: fn(R) -> Result<T, Failure>) -> AnswerPrompt<T>
where
    T: IntoPromptOutput,
{
    let _ = split;
    messages_of
}

/// What makes an outcome of the result of a completion.
pub type AnswerCompletion<T> = fn(Result<T, Failure>) -> Outcome;

/// What makes an outcome of what the function of a completion returned.
pub fn completion_output<R, T>(split: fn(R) -> Result<T, Failure>) -> AnswerCompletion<T>
where
    T: IntoCompletionOutput,
{
    let _ = split;
    values_of
}
