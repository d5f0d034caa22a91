//! What open streams cost: memory each, and how long one change takes to reach all of them.
//!
//! `cargo bench -p mcp-http --bench streams` opens 10,000 GET streams (2025-11-25), each in a session
//! of its own, and then 10,000 subscriptions (2026-07-28), to a server that is a process of its own;
//! every one must tell of the change.

#![expect(clippy::print_stdout, clippy::expect_used, clippy::unwrap_used)]

#[path = "rig/mod.rs"]
mod rig;

use std::{
    env,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use mcp_core::{ServerHandle, prelude::*};
use mcp_http::HttpServer;
use rig::{
    machine, ours,
    process::{Process, host},
};

const STREAMS: usize = 10_000;
/// What is promised of each.
const MOST_KIB: f64 = 32.0;
const IN_TIME: Duration = Duration::from_secs(1);

/// Change the list of tools
#[mcp_tool]
fn change(server: ServerHandle) -> &'static str {
    server.tell(&mcp_core::changes::Change::Tools);
    "changed"
}

fn main() {
    let args: Vec<String> = env::args().collect();
    if args.iter().any(|arg| arg == "--serve") {
        let server = Server::new("bench", "1.0.0").tools(tools![change]);
        return host(|stop| ours::serve(HttpServer::new(server), stop));
    }
    // `cargo test --benches` only wants to see that it runs.
    let is_bench = args.iter().any(|arg| arg == "--bench");
    let count = if is_bench { STREAMS } else { 50 };
    println!("{}", machine::description());
    measure(count, "GET streams, each in a session of its own", listen);
    measure(count, "subscriptions", subscribe);
}

fn measure(count: usize, what: &str, open: fn(SocketAddr) -> TcpStream) {
    let process = Process::start("ours");
    let address = process.address();

    let session = initialize(address);
    let before = process.resident();
    let start = Instant::now();
    let mut streams: Vec<TcpStream> = (0..count).map(|_| open(address)).collect();
    let opened = start.elapsed();
    let each = (process.resident() - before) / count as f64;

    let start = Instant::now();
    let call = r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"change"}}"#;
    let answer = post(address, &format!("Mcp-Session-Id: {session}\r\n"), call);
    assert!(answer.contains("changed"), "{answer}");
    for stream in &mut streams {
        read_until(stream, "notifications/tools/list_changed");
    }
    let told = start.elapsed();

    println!("{count} {what}");
    println!("  opened in          {opened:>10.2?}");
    println!("  memory each        {each:>7.1} KiB   (promised: {MOST_KIB} KiB at most)");
    println!("  one change to all  {told:>10.2?}   (promised: {IN_TIME:?} at most)");
    assert!(each <= MOST_KIB || count < STREAMS, "{each} KiB each");
    assert!(told <= IN_TIME || count < STREAMS, "{told:?}");
}

fn initialize(address: SocketAddr) -> String {
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}"#;
    let answer = post(address, "", body);
    let id = answer
        .lines()
        .find_map(|line| line.strip_prefix("mcp-session-id: "));
    id.expect("a session").to_owned()
}

fn listen(address: SocketAddr) -> TcpStream {
    let session = initialize(address);
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "GET /mcp HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\n\
         Mcp-Session-Id: {session}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let head = read_until(&mut stream, ":\n\n");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    stream
}

fn subscribe(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#;
    let request = format!(
        "POST /mcp HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n\
         Mcp-Method: subscriptions/listen\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    read_until(&mut stream, "notifications/subscriptions/acknowledged");
    stream
}

fn post(address: SocketAddr, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "POST /mcp HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Accept: application/json\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn read_until(stream: &mut TcpStream, text: &str) -> String {
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let mut seen = String::new();
    let mut buffer = [0; 1024];
    while !seen.contains(text) {
        let read = stream.read(&mut buffer).expect(text);
        assert!(read > 0, "the stream ended: {seen}");
        seen.push_str(&String::from_utf8_lossy(buffer.get(..read).unwrap()));
    }
    seen
}
