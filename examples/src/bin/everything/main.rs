//! The conformance server: every fixture that the official suite asks for, and a few of ours.
//!
//! `cargo run --release --features everything --bin everything -- --addr 127.0.0.1:8001`

mod prompts;
mod resources;
mod rounds;
mod streams;
mod tools;

use std::process::ExitCode;

use clap::Parser;
use mcp_core::{Ctx, Tool, era::legacy::Resumption, prelude::*};
use mcp_http::{HttpServer, auth::ApiKeys};

/// The smallest picture and the smallest recording there are, in base64.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
const WAV: &str = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=";

/// The conformance server.
#[derive(Parser)]
struct Options {
    /// Where to listen; port 0 lets the system choose
    #[arg(long, default_value = "127.0.0.1:8001")]
    addr: String,
    /// Serve over standard input and output instead
    #[arg(long)]
    stdio: bool,
    /// Serve nobody without this API key
    #[arg(long)]
    api_key: Option<String>,
    /// Register this many tools more
    #[arg(long, default_value_t = 0)]
    extra_tools: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("everything: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::new("everything", env!("CARGO_PKG_VERSION"))
        .title("Everything")
        .instructions("Fixtures of the MCP conformance suite; nothing here is of any use.")
        .tools(tools::all())
        .tools(streams::all())
        .tools(rounds::all())
        .tools((0..options.extra_tools).map(extra_tool))
        .resources(resources::all())
        .prompts(prompts::all())
        .prompts(prompts![rounds::test_input_required_result_prompt])
        .completions(prompts::completions());
    if options.stdio {
        return Ok(mcp_core::stdio::serve(server).await?);
    }
    let mut http = HttpServer::new(server).resumable(Resumption::default());
    if let Some(key) = options.api_key {
        http = http.auth(ApiKeys::new([(key, "everyone")])).require_auth();
    }
    let bound = http.bind(&options.addr).await?;
    announce(&bound.url());
    Ok(bound.serve().await?)
}

#[expect(
    clippy::print_stdout,
    reason = "the transport is HTTP; scripts wait for this line"
)]
fn announce(url: &str) {
    println!("listening on {url}");
}

/// One of many tools that are all alike, to see what their number costs.
fn extra_tool(number: usize) -> Tool {
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Echo {
        /// What to repeat
        text: String,
    }

    Tool::builder(format!("extra_{number}"))
        .description(format!("Repeats a text; number {number} of many"))
        .handler(|Echo { text }, _: Ctx| async move { Ok(text) })
}
