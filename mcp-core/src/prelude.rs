//! What nearly every server needs: `use mcp_core::prelude::*;`

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
