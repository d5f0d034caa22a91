//! Our server, as it is asked for.

use mcp_core::{Progress, Tool, prelude::*};
use mcp_http::{HttpServer, auth::ApiKeys};
use serde::Deserialize;
use tokio::sync::oneshot;

use super::rig::process::tell;

/// A key as people make them.
pub(crate) const KEY: &str = "4f1c9a7be2d80356b1c2d3e4f5061728";
const TOOLS: usize = 10;

/// Repeats a text
#[mcp_tool]
async fn echo(
    /// What to repeat
    text: String,
) -> String {
    text
}

/// Repeats a text, and says that it does
#[mcp_tool]
async fn work(
    /// What to repeat
    text: String,
    progress: Progress,
) -> String {
    progress.report(1.0, None);
    text
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Arguments {
    text: String,
}

/// `echo`, `work`, and more tools that nobody calls.
pub(crate) fn server(tools: usize) -> HttpServer {
    let more = (2..tools).map(|number| {
        Tool::builder(format!("extra_{number}"))
            .description("One of many")
            .handler(|Arguments { text }, _: mcp_core::Ctx| async move { Ok(text) })
    });
    let server = Server::new("bench", "1.0.0").tools(tools![echo, work]);
    HttpServer::new(server.tools(more))
}

/// Serves until it is told to stop.
pub(crate) async fn serve(name: &str, stop: oneshot::Receiver<()>) {
    let plain = server(TOOLS);
    let server = match name {
        "ours" => plain,
        "ours with a key" => plain.auth(ApiKeys::new([(KEY, "ada")])).require_auth(),
        #[cfg(feature = "jwt")]
        "ours with a token" => plain.auth(super::tokens::taken()).require_auth(),
        unknown => panic!("no server is called `{unknown}`"),
    };
    run(server, stop).await;
}

pub(crate) async fn run(server: HttpServer, stop: oneshot::Receiver<()>) {
    let bound = server.bind("127.0.0.1:0").await.expect("a port");
    tell(bound.local_addr());
    let stop = async {
        let _ = stop.await;
    };
    bound.serve_until(stop).await.expect("it serves");
}
