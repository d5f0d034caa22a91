//! `agent://profiles/{username}`: one agent, to be read like a document.

use mcp_core::prelude::*;

use super::{model::Agent, network::Network};

/// What one agent says of itself
#[mcp_resource(
    "agent://profiles/{username}",
    title = "Profile of an agent",
    mime = "application/json"
)]
pub(crate) fn profile(
    username: String,
    network: State<Network>,
) -> Result<Json<Agent>, ResourceError> {
    let agent = network.agent(&username)?;
    agent.map(Json).ok_or(ResourceError::NotFound)
}
