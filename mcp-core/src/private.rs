//! What macros write. Not for people, and not covered by semantic versioning.
//!
//! A macro knows its tokens only. What a type can do is decided here, where the compiler knows it:
//! [`Returned`] splits `Result` from everything else through any alias, because an inherent method
//! is found before a trait's.

use serde::Serialize;
use serde_json::Value;

pub use crate::{
    handler::{Argument, Bound, Declaration, Reply, Shape, Unfit},
    registry::{prompt::Prompt, resource::Resource, tool::Tool},
    types::Icon,
};
use crate::{
    handler::{
        Arguments, Failure, IntoFailure, IntoPromptOutput, IntoResourceOutput, IntoToolOutput,
        Outcome, Param, contents_of, default_value, messages_of, outcome_of,
    },
    schema::Schema,
};

/// A function that `#[mcp_tool]` stands on.
pub trait ToolFn {
    /// What is registered for it.
    fn tool() -> Tool;
}

/// A function that `#[mcp_resource]` stands on.
pub trait ResourceFn {
    /// What is registered for it.
    fn resource() -> Resource;
}

/// A function that `#[mcp_prompt]` stands on.
pub trait PromptFn {
    /// What is registered for it.
    fn prompt() -> Prompt;
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
        default_value(default)
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
    /// The function's own, as a failure.
    pub fn split(self) -> Result<T, Failure>
    where
        E: IntoFailure,
    {
        self.0.map_err(IntoFailure::into_failure)
    }
}

/// [`Returned`] that cannot fail.
pub trait Infallible {
    /// What it returned.
    type Value;

    /// The value.
    ///
    /// # Errors
    /// Never.
    fn split(self) -> Result<Self::Value, Failure>;
}

impl<T> Infallible for Returned<T> {
    type Value = T;

    fn split(self) -> Result<T, Failure> {
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
