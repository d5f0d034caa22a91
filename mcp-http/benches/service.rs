//! One request through the service, without a socket: an answer as JSON, and as server-sent events.
//!
//! `cargo bench -p mcp-http --bench service`. The difference between the two is what a stream costs:
//! a progress notification, and both messages as events.

#![expect(clippy::expect_used)]

use std::hint::black_box;

use bytes::Bytes;
use criterion::Criterion;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::service::Service;
use mcp_core::{Progress, prelude::*};
use mcp_http::{HttpServer, McpService};

/// Repeats a text
#[mcp_tool]
fn echo(text: String) -> String {
    text
}

/// Repeats a text, and says that it does
#[mcp_tool]
fn work(text: String, progress: Progress) -> String {
    progress.report(1.0, None);
    text
}

fn request(tool: &str) -> Request<Full<Bytes>> {
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{{"name":"{tool}","arguments":{{"text":"hello"}},"_meta":{{"progressToken":"p","io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{{"name":"bench","version":"1"}},"io.modelcontextprotocol/clientCapabilities":{{}}}}}}}}"#
    );
    Request::post("/mcp")
        .header("host", "127.0.0.1:8000")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call")
        .header("mcp-name", tool)
        .body(Full::new(body.into()))
        .expect("a request")
}

async fn answer(service: &McpService, request: Request<Full<Bytes>>) -> Bytes {
    let response = service.call(request).await.expect("an answer");
    let body = response.into_body().collect().await.expect("a body");
    body.to_bytes()
}

fn service(c: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let server = Server::new("bench", "1.0.0").tools(tools![echo, work]);
    let service = HttpServer::new(server).into_service().expect("a service");
    for (name, tool, told) in [("json", "echo", "{"), ("events", "work", "event: message")] {
        let first = runtime.block_on(answer(&service, request(tool)));
        assert!(first.starts_with(told.as_bytes()), "{first:?}");
        c.bench_function(&format!("service/{name}"), |b| {
            b.iter_batched(
                || request(tool),
                |request| runtime.block_on(answer(&service, black_box(request))),
                criterion::BatchSize::SmallInput,
            );
        });
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    service(&mut criterion);
    criterion.final_summary();
}
