//! The smallest server: one tool, over HTTP.

use mcp_core::prelude::*;

/// Say hello
#[mcp_tool]
async fn hello(
    /// Who to greet
    name: String,
) -> String {
    format!("Hello, {name}!")
}

#[tokio::main]
async fn main() -> mcp_http::Result {
    let server = Server::new("hello", "1.0.0").tools(tools![hello]);
    mcp_http::serve(server, "127.0.0.1:8000").await
}
