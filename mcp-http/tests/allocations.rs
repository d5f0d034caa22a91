//! What a call may allocate, hyper included: a test of its own, for the allocator that counts.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests, too")]

use allocation_counter::measure;
use mcp_core::prelude::*;
use mcp_http::HttpServer;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::Runtime,
};

/// Repeats a text
#[mcp_tool]
async fn echo(
    /// What to repeat
    text: String,
) -> String {
    text
}

/// A connection to a server in the same thread, whose allocations are counted with it.
struct Connection {
    runtime: Runtime,
    stream: TcpStream,
}

impl Connection {
    fn open() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let stream = runtime.block_on(async {
            let server = Server::new("allocations", "1.0.0").tools(tools![echo]);
            let bound = HttpServer::new(server).bind("127.0.0.1:0").await.unwrap();
            let address = bound.local_addr();
            tokio::spawn(bound.serve_until(std::future::pending()));
            TcpStream::connect(address).await.unwrap()
        });
        Self { runtime, stream }
    }

    /// Sends bytes, and reads what is answered.
    fn ask(&mut self, request: &[u8]) -> String {
        self.runtime.block_on(async {
            self.stream.write_all(request).await.unwrap();
            let mut buffer = vec![0; 64 * 1024];
            let length = self.stream.read(&mut buffer).await.unwrap();
            buffer.truncate(length);
            String::from_utf8(buffer).unwrap()
        })
    }

    /// How often a request allocates once its connection knows its client.
    fn allocations(&mut self, request: &[u8]) -> u64 {
        const REQUESTS: u64 = 100;
        let answer = self.ask(request);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        let mut buffer = vec![0; answer.len()];
        let (runtime, stream) = (&self.runtime, &mut self.stream);
        let counted = measure(|| {
            runtime.block_on(async {
                for _ in 0..REQUESTS {
                    stream.write_all(request).await.unwrap();
                    stream.read_exact(&mut buffer).await.unwrap();
                }
            });
        });
        assert!(buffer.starts_with(b"HTTP/1.1 200 "));
        counted.count_total / REQUESTS
    }
}

fn post(headers: &str, body: &str) -> Vec<u8> {
    format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[test]
fn a_call_in_a_session_allocates_little() {
    let mut connection = Connection::open();
    let initialize = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"counter","version":"1"}}}"#;
    let answer = connection.ask(&post("", initialize));
    let session = answer
        .lines()
        .find(|line| line.starts_with("mcp-session-id: "));
    let headers = format!(
        "{}\r\nMCP-Protocol-Version: 2025-11-25\r\n",
        session.unwrap()
    );
    let call = r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hello"}}}"#;
    let allocations = connection.allocations(&post(&headers, call));
    assert!(allocations <= 20, "{allocations}");
}

#[test]
fn a_call_that_carries_all_it_needs_allocates_little() {
    let headers =
        "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: echo\r\n";
    let call = r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hello"},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"counter","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}"#;
    let allocations = Connection::open().allocations(&post(headers, call));
    assert!(allocations <= 22, "{allocations}");
}
