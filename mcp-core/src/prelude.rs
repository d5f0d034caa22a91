//! What nearly every server needs: `use mcp_core::prelude::*;`
//!
//! The attributes and the lists of what they stand on; [`Server`]; what parameters are often made of
//! and what functions often return or fail with. All else is named in full, such as
//! [`mcp_core::ServerHandle`](crate::ServerHandle) or [`mcp_core::Tool`](crate::Tool).

pub use crate::{
    Args, Ctx, Identity, Json, ResourceError, Server, State, ToolError, ToolOutput, completions,
    prompts, resources, tools,
    types::{
        content::{Audio, Content, Embedded, Image, ResourceLink, Text},
        prompt::{GetPromptResult, PromptMessage},
        resource::ResourceContents,
    },
};
#[cfg(feature = "macros")]
pub use crate::{mcp_complete, mcp_prompt, mcp_resource, mcp_server, mcp_tool};
