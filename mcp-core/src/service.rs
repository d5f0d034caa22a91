//! What registers tools, resources and prompts together, and shares itself with all of them.

use std::sync::Arc;

use crate::registry::{
    Entries, completion::Completion, prompt::Prompt, resource::Resource, tool::Tool,
};

/// Tools, resources and prompts that share one value: `#[mcp_server]` makes one of an `impl` block.
///
/// [`ServerBuilder::service`](crate::ServerBuilder::service) registers all of them, and
/// [`mount`](crate::ServerBuilder::mount) does so under a prefix.
///
/// By hand:
///
/// ```
/// use std::sync::{Arc, atomic::{AtomicU64, Ordering}};
///
/// use mcp_core::{Ctx, Offer, Server, Service, Tool};
///
/// #[derive(Default)]
/// struct Counter(AtomicU64);
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// struct Nothing {}
///
/// impl Service for Counter {
///     fn offer(self: Arc<Self>) -> Offer {
///         let count = Tool::builder("count").description("Count").handler(move |_: Nothing, _: Ctx| {
///             let count = self.0.fetch_add(1, Ordering::Relaxed);
///             async move { Ok(count) }
///         });
///         Offer::new().tools([count])
///     }
/// }
///
/// Server::new("counter", "1.0.0").service(Counter::default()).build()?;
/// # Ok::<(), mcp_core::BuildError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no service: nothing of it is registered",
    label = "needs an `impl` block with `#[mcp_server]`",
    note = "put `#[mcp_server]` on `impl {Self}`, and `#[mcp_tool]` on a method",
    note = "tools of functions go into `.tools(tools![…])`"
)]
pub trait Service: Send + Sync + 'static {
    /// What it offers.
    fn offer(self: Arc<Self>) -> Offer;
}

#[diagnostic::do_not_recommend]
impl<S: Service> Service for Arc<S> {
    fn offer(self: Arc<Self>) -> Offer {
        S::offer(Self::clone(&self))
    }
}

/// What a [`Service`] offers.
#[derive(Clone, Debug, Default)]
#[must_use = "a service offers what it returns"]
pub struct Offer {
    pub(crate) entries: Entries,
    pub(crate) instructions: Option<String>,
}

impl Offer {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// More tools, listed in this order after those that are there.
    pub fn tools(mut self, tools: impl IntoIterator<Item = Tool>) -> Self {
        self.entries.tools.extend(tools);
        self
    }

    /// More resources and resource templates, listed in this order after those that are there.
    pub fn resources(mut self, resources: impl IntoIterator<Item = Resource>) -> Self {
        self.entries.resources.extend(resources);
        self
    }

    /// More prompts, listed in this order after those that are there.
    pub fn prompts(mut self, prompts: impl IntoIterator<Item = Prompt>) -> Self {
        self.entries.prompts.extend(prompts);
        self
    }

    /// What suggests values for arguments of prompts and variables of resource templates.
    pub fn completions(mut self, completions: impl IntoIterator<Item = Completion>) -> Self {
        self.entries.completions.extend(completions);
        self
    }

    /// What the model should know about these; the server's own come first.
    pub fn instructions(mut self, instructions: impl Into<String>) -> Self {
        self.instructions = Some(instructions.into());
        self
    }
}
