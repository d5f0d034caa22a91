//! The arguments of a call as they came.

use std::ops::Deref;

use serde_json::value::RawValue;

use crate::{
    context::{Context, FromContext, Requirement},
    error::Error,
    jsonrpc::Raw,
};

/// The whole argument object of a call as it came, unread; `{}` if there was none.
///
/// A tool that takes it lets every argument through that none of its other parameters names, and its
/// schema says so.
///
/// ```
/// use mcp_core::{RawArgs, prelude::*};
///
/// /// Send an event on, whatever is in it
/// #[mcp_tool]
/// fn forward(event: RawArgs) -> String {
///     format!("{} bytes sent", event.get().len())
/// }
/// # let _ = tools![forward];
/// ```
#[derive(Clone, Debug)]
pub struct RawArgs(pub Box<RawValue>);

impl Deref for RawArgs {
    type Target = RawValue;

    fn deref(&self) -> &RawValue {
        &self.0
    }
}

impl FromContext for RawArgs {
    fn requirements(found: &mut Vec<Requirement>) {
        found.push(Requirement::Arguments);
    }

    fn from_context(context: &Context<'_>) -> Result<Self, Error> {
        let given = context.arguments().unwrap_or(Raw::EMPTY);
        let given = given.parse().map_err(Error::internal)?;
        Ok(Self(given))
    }
}
