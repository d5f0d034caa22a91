//! Signals are for all of a process: this one is told to stop, twice.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests, too")]

use std::{
    net::SocketAddr,
    process::{self, Command},
    time::Duration,
};

use mcp_core::prelude::*;
use mcp_http::HttpServer;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    signal::unix::{SignalKind, signal},
    sync::mpsc,
    time::timeout,
};

/// What happens to a call, in order.
type Told = mpsc::UnboundedSender<&'static str>;

struct Stands(Told);

impl Drop for Stands {
    fn drop(&mut self) {
        let _ = self.0.send("dropped");
    }
}

/// Never ends by itself
#[mcp_tool]
async fn stands(told: State<Told>) -> String {
    let _stands = Stands((*told.0).clone());
    told.0.send("entered").unwrap();
    std::future::pending().await
}

fn interrupt() {
    let pid = process::id().to_string();
    let sent = Command::new("kill").args(["-INT", &pid]).status();
    assert!(sent.unwrap().success());
}

/// Calls the tool, and never reads what it says.
async fn call(address: SocketAddr) -> TcpStream {
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"it","version":"1"}}}"#;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let length = body.len();
    let initialize = format!("{head}Content-Length: {length}\r\n\r\n{body}");
    stream.write_all(initialize.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let name = "mcp-session-id: ";
    let session = loop {
        stream.read_buf(&mut answer).await.unwrap();
        let text = String::from_utf8_lossy(&answer);
        let rest = text
            .split_once(name)
            .and_then(|(_, rest)| rest.split_once("\r\n"));
        if let Some((session, _)) = rest {
            break session.to_owned();
        }
    };
    let body = r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"stands"}}"#;
    let length = body.len();
    let call = format!("{head}Mcp-Session-Id: {session}\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(call.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn a_second_signal_does_not_wait_for_calls() {
    // From here on no signal ends this process.
    let _taken = signal(SignalKind::interrupt()).unwrap();
    let (told, mut hears) = mpsc::unbounded_channel::<&'static str>();
    let server = Server::new("it", "1").state(told).tools(tools![stands]);
    let bound = HttpServer::new(server)
        .shutdown_grace(Duration::from_secs(3600))
        .bind("127.0.0.1:0")
        .await
        .unwrap();
    let address = bound.local_addr();
    let served = tokio::spawn(bound.serve());
    let _stream = call(address).await;
    assert_eq!(hears.recv().await, Some("entered"));
    interrupt();
    // It takes no more, and waits for the call.
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!served.is_finished());
    interrupt();
    let ended = timeout(Duration::from_secs(60), served).await;
    ended.unwrap().unwrap().unwrap();
    assert_eq!(hears.recv().await, Some("dropped"));
}
