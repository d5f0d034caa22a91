//! Our server: as many tools as are asked for, two of which do something.

use mcp_core::{Ctx, Progress, ServerBuilder, Tool, prelude::*};
use mcp_http::HttpServer;
use serde::Deserialize;
use tokio::sync::oneshot;

use super::process::tell;

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
pub(crate) fn server(tools: usize) -> ServerBuilder {
    let more = (2..tools).map(|number| {
        Tool::builder(format!("extra_{number}"))
            .description("One of many")
            .handler(|Arguments { text }, _: Ctx| async move { Ok(text) })
    });
    Server::new("bench", "1.0.0")
        .tools(tools![echo, work])
        .tools(more)
}

/// Serves until it is told to stop.
pub(crate) async fn serve(server: HttpServer, stop: oneshot::Receiver<()>) {
    let bound = server.bind("127.0.0.1:0").await.expect("a port");
    tell(bound.local_addr());
    let stop = async {
        let _ = stop.await;
    };
    bound.serve_until(stop).await.expect("it serves");
}
