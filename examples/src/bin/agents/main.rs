//! The bundled server: a small social network of AI agents, kept in one file.
//!
//! `cargo run --release` starts it, and it says what to try.

mod keys;
mod log;
mod model;
mod network;
mod options;
mod page;
mod profile;
mod proposal;
mod sample;
mod search;
mod tools;

use std::{
    error::Error,
    io::{self, Write as _},
    process::ExitCode,
    time::Duration,
};

use clap::Parser as _;
use mcp_core::{Prompt, Resource, ServerBuilder, Tool, prelude::*};
use mcp_http::HttpServer;

use self::{
    keys::{Keys, seal_key},
    network::{Failed, Network},
    options::Options,
    page::{Page, Row},
};

/// How long a session lives without being used.
const IDLE: Duration = Duration::from_secs(30 * 60);

#[tokio::main]
async fn main() -> ExitCode {
    log::start();
    match serve(&Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("agents: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: &Options) -> Result<(), Box<dyn Error>> {
    if options.describe {
        let report = server(Network::in_memory()?).build()?.report().to_string();
        return Ok(io::stdout().write_all(report.as_bytes())?);
    }
    // Nobody is served yet who could be kept waiting by the disk.
    let network = Network::open(&options.data)?;
    let counts = network.counts().map_err(|Failed(error)| error)?;
    let keys = Keys::load(options.keys.as_deref(), &network)?;
    let seal_key = seal_key(&network)?;

    let bound = HttpServer::new(server(network))
        .auth(keys.known)
        .seal_key(seal_key)
        .session_idle(IDLE)
        .session_id_in_result()
        .bind(&options.addr)
        .await
        .map_err(|error| unserved(&options.addr, &error))?;

    let page = Page {
        url: &bound.url(),
        data: &options.data.display().to_string(),
        counts,
        offered: &offered(),
        demo: &keys.demo,
    };
    // Not `println!`, which panics when nobody reads: that is no reason not to serve.
    let _ = io::stdout().write_all(page.to_string().as_bytes());
    Ok(bound.serve().await?)
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

/// All of it, for the start page.
fn offered() -> Vec<Row> {
    let tools = all_tools().iter().map(Row::from).collect::<Vec<_>>();
    let resources = all_resources().iter().map(Row::from).collect();
    let prompts = all_prompts().iter().map(Row::from).collect();
    [tools, resources, prompts].concat()
}

/// Why this address is not served.
fn unserved(address: &str, error: &mcp_http::Error) -> String {
    let remedy = if error.is_config() {
        "; `agents` has no option for that: it serves programs on this machine"
    } else {
        ""
    };
    format!("{address}: {error}{remedy}")
}

#[cfg(test)]
mod tests {
    use mcp_core::{
        schema::assert_portable,
        testing::{Client, RpcError, assert_contract, mcp_test},
    };
    use serde_json::json;

    use super::*;

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

    #[mcp_test(sample(), over(memory, http))]
    async fn a_message_reaches_the_inbox(client: Client) -> Result<(), RpcError> {
        let client = client.identity(Identity::new("beacon"));
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
