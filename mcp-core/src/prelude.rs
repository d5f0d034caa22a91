//! What nearly every server needs: `use mcp_core::prelude::*;`
//!
//! The attributes and the lists of what they stand on, and what those lists are of; [`Server`], and
//! what it is built by; what parameters are often made of, and what functions often return or fail
//! with. All else is named in full, such as [`mcp_core::Error`](crate::Error) or
//! [`mcp_core::Rate`](crate::Rate).

pub use crate::{
    Args, Completion, Ctx, Identity, Json, Progress, Prompt, Resource, ResourceError, Server,
    ServerBuilder, ServerHandle, State, Tool, ToolError, ToolOutput, completions, prompts,
    resources, tools,
    types::{
        content::{Audio, Content, Embedded, Image, ResourceLink, Text},
        prompt::{GetPromptResult, PromptMessage},
        resource::ResourceContents,
    },
};
#[cfg(feature = "macros")]
pub use crate::{mcp_complete, mcp_prompt, mcp_resource, mcp_server, mcp_tool};
