//! A server on a Unix socket: the stdio transport over streams of your own, one client each.
//!
//! `cargo run --bin unix_socket -- /tmp/mcp.sock`, then `socat - UNIX-CONNECT:/tmp/mcp.sock`.

use mcp_core::{handler::Handler, prelude::*, stdio};
use std::sync::Arc;
use tokio::net::UnixListener;

/// Say hello
#[mcp_tool]
async fn hello(
    /// Who to greet
    name: String,
) -> String {
    format!("Hello, {name}!")
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("say where: unix_socket PATH")?;
    let server = Server::new("hello", "1.0.0").tools(tools![hello]).build()?;
    let handler: Arc<dyn Handler> = Arc::new(server);
    let listener = UnixListener::bind(&path)?;
    loop {
        let (stream, _) = listener.accept().await?;
        let (input, output) = stream.into_split();
        let handler = Arc::clone(&handler);
        tokio::spawn(async move {
            if let Err(error) = stdio::serve_on(handler, input, output).await {
                eprintln!("{error}");
            }
        });
    }
}
