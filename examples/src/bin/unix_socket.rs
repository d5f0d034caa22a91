//! A server on a Unix socket: only those who may open the file can talk to it.
//!
//! `cargo run --bin unix_socket -- /tmp/mcp.sock`, then
//! `curl --unix-socket /tmp/mcp.sock http://localhost/health`.
#![cfg_attr(not(unix), expect(unused, reason = "there are no Unix sockets"))]

use std::time::Duration;

use mcp_core::prelude::*;
use mcp_http::HttpServer;
#[cfg(unix)]
use tokio::net::UnixListener;
use tokio::{signal::ctrl_c, time::sleep};

/// Say hello
#[mcp_tool]
fn hello(name: String) -> String {
    format!("Hello, {name}!")
}

#[cfg(unix)]
#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("say where: unix_socket PATH")?;
    let server = Server::new("hello", "1.0.0").tools(tools![hello]);
    let service = HttpServer::new(server).into_service()?;
    let listener = bind(&path)?;
    eprintln!("listening on {path}");
    let mut stop = std::pin::pin!(ctrl_c());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut stop => break,
        };
        let Ok((stream, _)) = accepted else {
            // Out of files, most likely: others have to end first.
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        tokio::spawn(service.clone().serve_connection(stream));
    }
    service.shutdown().await;
    std::fs::remove_file(path)?;
    Ok(())
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
