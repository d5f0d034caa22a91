//! A server on a Unix socket: the stdio transport over streams of your own, one client each.
//!
//! `cargo run --bin unix_socket -- /tmp/mcp.sock`, then `socat - UNIX-CONNECT:/tmp/mcp.sock`.
#![cfg_attr(not(unix), expect(unused, reason = "there are no Unix sockets"))]

use mcp_core::{handler::Handler, prelude::*, stdio};
use std::sync::Arc;
#[cfg(unix)]
use tokio::net::UnixListener;

/// Say hello
#[mcp_tool]
async fn hello(
    /// Who to greet
    name: String,
) -> String {
    format!("Hello, {name}!")
}

#[cfg(unix)]
#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("say where: unix_socket PATH")?;
    let server = Server::new("hello", "1.0.0").tools(tools![hello]).build()?;
    let handler: Arc<dyn Handler> = Arc::new(server);
    let listener = bind(&path)?;
    eprintln!("listening on {path}");
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

/// The socket at this path. One that an earlier run left there is replaced; one that answers, and a
/// file that is no socket, are left alone.
#[cfg(unix)]
fn bind(path: &str) -> std::io::Result<UnixListener> {
    use std::os::unix::{fs::FileTypeExt as _, net::UnixStream};
    let is_socket = std::fs::symlink_metadata(path).is_ok_and(|it| it.file_type().is_socket());
    if is_socket && UnixStream::connect(path).is_err() {
        std::fs::remove_file(path)?;
    }
    UnixListener::bind(path)
}

#[cfg(not(unix))]
fn main() -> Result<(), &'static str> {
    Err("this example needs Unix sockets, and this system has none")
}
