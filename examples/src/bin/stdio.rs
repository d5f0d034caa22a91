//! The smallest server over stdio: a program that its client starts.

use mcp_core::prelude::*;

/// Say hello
#[mcp_tool]
fn hello(name: String) -> String {
    format!("Hello, {name}!")
}

#[tokio::main]
async fn main() -> Result<(), mcp_core::stdio::Error> {
    let server = Server::new("hello", "1.0.0").tools(tools![hello]);
    mcp_core::stdio::serve(server).await
}
