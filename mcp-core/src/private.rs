//! What macros write. Not for people, and not covered by semantic versioning.
//!
//! A macro knows its tokens only. What a type can do is decided here, where the compiler knows it:
//! [`Returned`] splits `Result` from everything else through any alias, because an inherent method
//! is found before a trait's.

use serde::Serialize;

use crate::{
    handler::{
        Failure, IntoFailure, IntoPromptOutput, IntoResourceOutput, IntoToolOutput, Outcome,
        argument::{Arguments, Param, default_value},
        contents_of, messages_of, outcome_of,
    },
    schema::Schema,
};
pub use crate::{
    handler::{
        Reply,
        argument::{Argument, Bound, Declaration, Unfit},
    },
    registry::{prompt::Prompt, resource::Resource, tool::Tool},
    types::Icon,
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
    take: fn(&mut Arguments<'_>, usize, Option<fn() -> P>) -> Option<P>,
}

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
    Slot { index, default: None, take: P::take }
}

/// Declares the next parameter, and what its absence stands for.
pub fn param_or<P: Param<M> + Serialize, M>(
    declaration: &mut Declaration,
    mut argument: Argument,
    default: fn() -> P,
) -> Slot<P> {
    argument.default = default_value(default);
    Slot { default: Some(default), ..param(declaration, argument) }
}

/// What text can be the default of.
#[diagnostic::on_unimplemented(
    message = "text cannot be the default of an argument of type `{Self}`",
    label = "expected a `{Self}`",
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

/// What a tool promises of its results, and what makes an outcome of what its function returned.
///
/// Like the two below, it learns from `split` alone which types there are, so that one that cannot
/// be returned is one error.
pub fn tool_output<R, T, M>(
    split: fn(R) -> Result<T, Failure>,
) -> (Option<Schema>, impl Fn(R) -> Outcome + Copy + Send + Sync + 'static)
where
    R: 'static,
    T: IntoToolOutput<M> + 'static,
    M: 'static,
{
    let (shape, schema) = T::describe();
    (schema, move |returned| outcome_of(split(returned), shape))
}

/// What the bytes of a resource are, and what makes an outcome of what its function returned and
/// the URI that was asked for.
pub fn resource_output<R, T, M>(
    mime_type: Option<&'static str>,
    split: fn(R) -> Result<T, Failure>,
) -> (Option<&'static str>, impl Fn(R, &str) -> Outcome + Copy + Send + Sync + 'static)
where
    R: 'static,
    T: IntoResourceOutput<M> + 'static,
    M: 'static,
{
    let mime_type = mime_type.or(T::MIME_TYPE);
    (mime_type, move |returned, uri: &str| contents_of(split(returned), uri, mime_type))
}

/// What makes an outcome of what the function of a prompt returned.
pub fn prompt_output<R, T>(
    split: fn(R) -> Result<T, Failure>,
) -> impl Fn(R) -> Outcome + Copy + Send + Sync + 'static
where
    R: 'static,
    T: IntoPromptOutput + 'static,
{
    move |returned| messages_of(split(returned))
}
