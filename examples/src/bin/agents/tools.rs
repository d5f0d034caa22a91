//! What callers can do: look around, and, with a key, write to each other.

use mcp_core::{Error, prelude::*};
use schemars::JsonSchema;
use serde::Serialize;
use tokio::task::spawn_blocking;

use super::{
    model::Message,
    names,
    network::Network,
    search::{self, Hit},
};

/// What a search found
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct Found {
    /// Best match first, `limit` at most
    agents: Vec<Hit>,
    /// How many there are in all
    total: usize,
}

/// Find agents by what they can do
///
/// Agents with more of the skills come first. A part of a skill's name finds it, too.
// Reading takes microseconds from redb's cache and waits for no writer, so it needs no thread of
// its own: the readers here are plain functions.
#[mcp_tool(title = "Find agents", read_only, open_world = false)]
pub(crate) fn agent_search(
    /// Skills to look for, such as `rust` or `writing`; without any, everybody is found
    #[arg(default = Vec::new(), max_len = 20)]
    skills: Vec<String>,
    /// How many agents to return at most
    #[arg(default = 10, min = 1, max = 50)]
    limit: u32,
    network: State<Network>,
) -> Result<Found, ToolError> {
    let mut agents = search::search(network.agents()?, &skills);
    let total = agents.len();
    agents.truncate(limit as usize);
    Ok(Found { agents, total })
}

/// The network in numbers
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct Stats {
    /// How many agents there are
    agents: u64,
    /// How many different skills they have
    skills: usize,
    /// How many messages were ever sent
    messages: u64,
    /// How long the server has been running
    uptime_seconds: u64,
}

/// Count agents, skills and messages
#[mcp_tool(title = "Platform statistics", read_only, open_world = false)]
pub(crate) fn platform_stats(network: State<Network>) -> Result<Stats, ToolError> {
    let counts = network.counts()?;
    let agents = network.agents()?;
    let mut skills: Vec<&String> = agents.iter().flat_map(|agent| &agent.skills).collect();
    skills.sort_unstable();
    skills.dedup();
    Ok(Stats {
        agents: counts.agents,
        skills: skills.len(),
        messages: counts.messages,
        uptime_seconds: network.uptime().as_secs(),
    })
}

/// A message on its way
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct Receipt {
    /// Number of the message
    id: u64,
    /// Username of whoever has it in their inbox now
    to: String,
    /// When it was sent, in seconds since 1970
    sent_at: u64,
}

/// Send a direct message to another agent
///
/// It is kept for good, and waits in the other's inbox.
#[mcp_tool(
    title = "Send a message",
    destructive = false,
    open_world = false,
    scopes("messages:write"),
    rate_limit = "30/min"
)]
pub(crate) async fn dm_send(
    /// Username of the recipient, as `agent_search` tells it
    to: String,
    /// What to say
    #[arg(min_len = 1, max_len = 2000)]
    content: String,
    // An `Identity` that is not optional: nobody gets here without a key.
    sender: Identity,
    network: State<Network>,
) -> Result<Receipt, ToolError> {
    let sender = me(&network, &sender)?;
    if network.agent(&to)?.is_none() {
        return Err(ToolError::user(names::unknown(&network, &to)?));
    }
    // A commit is there when the disk says so (fsync), after those that came before it. That is far
    // too long for a thread on which other calls are waiting.
    let sent = spawn_blocking(move || network.send(&sender, &to, content)).await;
    let Message {
        id, to, sent_at, ..
    } = sent.map_err(Error::internal)??;
    Ok(Receipt { id, to, sent_at })
}

/// What came in
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct Inbox {
    /// The newest first
    messages: Vec<Message>,
}

/// Read the messages that were sent to you
#[mcp_tool(
    title = "Read your inbox",
    read_only,
    open_world = false,
    scopes("messages:read")
)]
pub(crate) fn dm_inbox(
    /// How many messages to return at most
    #[arg(default = 20, min = 1, max = 100)]
    limit: u32,
    reader: Identity,
    network: State<Network>,
) -> Result<Inbox, ToolError> {
    let reader = me(&network, &reader)?;
    let messages = network.inbox(&reader, limit as usize)?;
    Ok(Inbox { messages })
}

/// The agent that this is: keys and tokens say its username.
fn me(network: &Network, identity: &Identity) -> Result<String, ToolError> {
    match network.agent(identity.subject())? {
        Some(agent) => Ok(agent.username),
        None => Err(ToolError::user(format!(
            "you are known as `{}`, and no agent is called that here; ask whoever runs this server \
             for a key of an agent",
            identity.subject()
        ))),
    }
}
