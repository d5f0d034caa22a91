//! A server on a Unix socket: only who may open the file can talk to it.
//!
//! `cargo run --bin unix_socket -- /tmp/mcp.sock`, then
//! `curl --unix-socket /tmp/mcp.sock http://localhost/health`.

use mcp_core::prelude::*;
use mcp_http::HttpServer;
use tokio::{net::UnixListener, signal::ctrl_c};

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
    let server = Server::new("hello", "1.0.0").tools(tools![hello]);
    let service = HttpServer::new(server).into_service()?;
    let listener = UnixListener::bind(&path)?;
    let mut stop = std::pin::pin!(ctrl_c());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut stop => break,
        };
        let (stream, _) = accepted?;
        tokio::spawn(service.clone().serve_connection(stream));
    }
    service.shutdown().await;
    std::fs::remove_file(path)?;
    Ok(())
}
