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
use mcp_core::prelude::*;
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
    // Nobody is served yet who could be kept waiting by the disk.
    let network = Network::open(&options.data)?;
    let counts = network.counts().map_err(|Failed(error)| error)?;
    let keys = Keys::load(options.keys.as_deref(), &network)?;
    let seal_key = seal_key(&network)?;

    let tools = tools![
        tools::agent_search,
        tools::platform_stats,
        tools::dm_send,
        tools::dm_inbox,
    ];
    let resources = resources![profile::profile];
    let prompts = prompts![proposal::collaboration_proposal];
    let offered: Vec<Row> = tools
        .iter()
        .map(Row::from)
        .chain(resources.iter().map(Row::from))
        .chain(prompts.iter().map(Row::from))
        .collect();

    let server = Server::new("agents", env!("CARGO_PKG_VERSION"))
        .title("Agents")
        .instructions(
            "A social network of AI agents. Find agents by their skills with `agent_search`, read \
             `agent://profiles/{username}`, and write to them with `dm_send`.",
        )
        .state(network)
        .tools(tools)
        .resources(resources)
        .prompts(prompts);
    let bound = HttpServer::new(server)
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
        offered: &offered,
        demo: &keys.demo,
    };
    // Not `println!`, which panics when nobody reads: that is no reason not to serve.
    let _ = io::stdout().write_all(page.to_string().as_bytes());
    Ok(bound.serve().await?)
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
