//! The bundled server: a small social network of AI agents, kept in one file.
//!
//! `cargo run --release` starts it, and it says what to try.
//!
//! What is offered is in `tools.rs`, `profile.rs` and `proposal.rs`, over what is known in `network.rs`. The rest is
//! what a server needs to be let out: `keys/` and `issuer.rs` (who calls), `serve.rs` (from where, how often),
//! `options.rs`, `page.rs` and `log.rs` (what is said to whoever runs it).

mod issuer;
mod keys;
mod log;
mod model;
mod names;
mod network;
mod options;
mod page;
mod profile;
mod proposal;
mod sample;
mod search;
mod serve;
mod tools;

use std::{
    error::Error,
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
};

use clap::Parser as _;
use mcp_core::{Prompt, Resource, ServerBuilder, Tool, prelude::*};

use self::{
    keys::Order,
    network::{Network, Unopened},
    options::{Command, Options},
};

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("agents: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Box<dyn Error>> {
    match options.command {
        Some(Command::Keys(order)) => obey(order, &options.data),
        None if options.serving.describe => describe(),
        None => {
            log::start();
            serve::serve(options.serving, &options.data).await
        }
    }
}

fn describe() -> Result<(), Box<dyn Error>> {
    let report = server(Network::in_memory()?).build()?.report().to_string();
    Ok(io::stdout().write_all(report.as_bytes())?)
}

/// Has an order about keys carried out, by whoever has the data file.
fn obey(order: Order, data: &Path) -> Result<(), Box<dyn Error>> {
    let told = match Network::open(data) {
        Ok(network) => order.carry_out(&network)?,
        #[cfg(unix)]
        Err(Unopened::Served(_)) => keys::control::hand_over(data, &order)?,
        Err(problem) => return Err(problem.into()),
    };
    if !told.remark.is_empty() {
        // A key in another file than the server's would be good for nothing.
        eprintln!("{}: {}", data.display(), told.remark);
    }
    Ok(io::stdout().write_all(told.answer.as_bytes())?)
}

/// The server over this network.
fn server(network: Network) -> ServerBuilder {
    Server::new("agents", env!("CARGO_PKG_VERSION"))
        .title("Agents")
        .instructions(
            "A social network of AI agents. Find agents by their skills with `agent_search`, read \
             `agent://profiles/{username}`, and write to them with `dm_send`.",
        )
        .state(network)
        .tools(all_tools())
        .resources(all_resources())
        .prompts(all_prompts())
}

fn all_tools() -> Vec<Tool> {
    tools![
        tools::agent_search,
        tools::platform_stats,
        tools::dm_send,
        tools::dm_inbox,
    ]
}

fn all_resources() -> Vec<Resource> {
    resources![profile::profile]
}

fn all_prompts() -> Vec<Prompt> {
    prompts![proposal::collaboration_proposal]
}

#[cfg(test)]
mod tests {
    use mcp_core::{
        schema::assert_portable,
        testing::{Client, RpcError, assert_contract, mcp_test},
    };
    use serde_json::json;

    use super::*;
    use crate::keys::SCOPES;

    /// A network of its own, which is gone when the test is.
    fn sample() -> ServerBuilder {
        server(Network::in_memory().unwrap())
    }

    #[test]
    fn the_contract_is_kept() {
        assert_contract(&sample().build().unwrap(), "src/bin/agents/mcp.lock");
    }

    #[test]
    fn every_known_client_reads_it() {
        assert_portable(&sample().build().unwrap());
    }

    #[test]
    fn a_key_can_be_for_whatever_needs_one() {
        let tools = all_tools();
        let mut needed: Vec<_> = tools.iter().flat_map(Tool::scopes).collect();
        needed.sort_unstable();
        assert_eq!(needed, SCOPES);
    }

    #[mcp_test(sample(), over(memory, http))]
    async fn a_message_reaches_the_inbox(client: Client) -> Result<(), RpcError> {
        let client = client.identity(Identity::new("beacon").with_scopes(SCOPES));
        let arguments = json!({ "to": "beacon", "content": "to myself" });
        let sent = client.call_tool("dm_send", arguments).await?;
        assert!(!sent.is_error, "{sent:?}");
        let inbox = client.call_tool("dm_inbox", json!({})).await?;
        let inbox: serde_json::Value = inbox.structured();
        assert_eq!(inbox["messages"][0]["content"], "to myself");
        Ok(())
    }

    #[mcp_test(sample(), over(memory, stdio, http))]
    async fn nobody_writes_without_a_name(client: Client) {
        let arguments = json!({ "to": "beacon", "content": "anonymous" });
        let error = client.call_tool("dm_send", arguments).await.unwrap_err();
        assert!(error.message.contains("Authentication required"), "{error}");
    }
}
