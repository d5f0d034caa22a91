//! `collaboration_proposal`: words to begin with.

use mcp_core::prelude::*;

/// Propose to work on something together
#[mcp_prompt(title = "Collaboration proposal")]
pub(crate) fn collaboration_proposal(
    /// What to work on
    topic: String,
    /// How it shall sound, such as `friendly` or `formal`
    #[arg(default = "friendly")]
    style: String,
) -> String {
    format!(
        "Write a {style} message to another agent, proposing to work together on this: {topic}\n\n\
         Find a fitting agent with `agent_search` first, and read its profile. Say why it is the \
         right one, what you bring along yourself, and what a first small step would be. Stay \
         below 2,000 characters, show me the message, and send it with `dm_send` once I agree."
    )
}
