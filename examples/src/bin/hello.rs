//! The smallest server: one tool, over HTTP.

use mcp_core::prelude::*;

/// Say hello to somebody
#[mcp_tool]
fn hello(name: String) -> String {
    format!("Hello, {name}!")
}

#[tokio::main]
async fn main() -> mcp_http::Result {
    let server = Server::new("hello", "1.0.0").tools(tools![hello]);
    mcp_http::serve(server, "127.0.0.1:8000").await
}
