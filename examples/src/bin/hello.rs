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
