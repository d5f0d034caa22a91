//! The smallest server over HTTP: one tool.

use mcp_core::prelude::*;
use mcp_http::HttpServer;

/// Say hello
#[mcp_tool]
fn hello(name: String) -> String {
    format!("Hello, {name}!")
}

#[tokio::main]
async fn main() -> mcp_http::Result {
    let server = Server::new("hello", "1.0.0").tools(tools![hello]);
    let bound = HttpServer::new(server).bind("127.0.0.1:8000").await?;
    eprintln!("listening on {}", bound.url());
    bound.serve().await
}

#[cfg(test)]
mod tests {
    use mcp_core::testing::{Client, RpcError, mcp_test};
    use serde_json::json;

    use super::*;

    #[mcp_test(Server::new("hello", "1.0.0").tools(tools![hello]), over(memory, stdio, http))]
    async fn everybody_is_greeted(client: Client) -> Result<(), RpcError> {
        let greeting = client.call_tool("hello", json!({ "name": "Ada" })).await?;
        assert_eq!(greeting.text(), "Hello, Ada!");
        Ok(())
    }
}
