//! The steps of one message, each by itself, through public doors.
//!
//! `cargo bench -p mcp-core --features validate --bench steps`. What a message costs from socket to
//! socket is `cargo bench -p mcp-http --bench call`.

#![expect(clippy::expect_used)]

use std::{hint::black_box, sync::Arc};

use criterion::Criterion;
use mcp_core::{
    Peer,
    era::legacy::{Legacy, SessionOptions},
    handler::{Handler, Request},
    jsonrpc::{Message, Raw, RequestId},
    prelude::*,
};

const CALL: &str = r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hello"}}}"#;
const INITIALIZE: &str = r#"{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}"#;

/// Repeats a text
#[mcp_tool]
fn echo(text: String) -> String {
    text
}

/// Repeats a text that keeps its bounds
#[mcp_tool]
fn bounded(
    #[arg(min_len = 1, max_len = 100, pattern = "^[a-z]+$")] text: String,
    #[arg(default = 10, min = 1, max = 100)] limit: u32,
) -> String {
    let _ = limit;
    text
}

fn server() -> Arc<dyn Handler> {
    let server = Server::new("bench", "1.0.0").tools(tools![echo, bounded]);
    #[cfg(feature = "validate")]
    let server = server.tools([by_schema()]);
    Arc::new(server.build().expect("a server"))
}

/// What `bounded` promises, in a schema by hand that a validator enforces.
#[cfg(feature = "validate")]
fn by_schema() -> mcp_core::Tool {
    use mcp_core::{Ctx, Tool, schema::Schema};

    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Arguments {
        text: String,
        limit: Option<u32>,
    }

    let schema = r#"{"type":"object","properties":{
        "text":{"type":"string","minLength":1,"maxLength":100,"pattern":"^[a-z]+$"},
        "limit":{"type":"integer","minimum":1,"maximum":100}},
        "required":["text"],"additionalProperties":false}"#;
    Tool::builder("by_schema")
        .description("Keeps what a schema promises")
        .input_schema(Schema::parse(schema).expect("a schema"))
        .handler(|Arguments { text, limit }, _: Ctx| async move {
            let _ = limit;
            Ok(text)
        })
}

fn parse(c: &mut Criterion) {
    c.bench_function("parse/tools_call", |b| {
        b.iter(|| Message::parse(black_box(CALL.as_bytes())).expect("a message"));
    });
}

/// From a method and its parameters to what the function returned.
fn dispatch(c: &mut Criterion) {
    let handler = server();
    let (id, peer) = (RequestId::from(7_u64), Arc::<Peer>::default());
    let mut call = |name: &str, params: &str| {
        let params = Raw::new(params).expect("JSON");
        c.bench_function(name, |b| {
            b.iter(|| {
                let request = Request::new(&id, "tools/call", &peer).params(Some(params));
                handler.handle(black_box(request))
            });
        });
    };
    call(
        "dispatch/a_sync_function",
        r#"{"name":"echo","arguments":{"text":"hello"}}"#,
    );
    call(
        "dispatch/nobody_is_called_so",
        r#"{"name":"nobody","arguments":{"text":"hello"}}"#,
    );
    call(
        "schema/bounds_kept",
        r#"{"name":"bounded","arguments":{"text":"hello","limit":5}}"#,
    );
    call(
        "schema/three_mistakes",
        r#"{"name":"bounded","arguments":{"text":"HELLO","limit":500,"foo":1}}"#,
    );
    #[cfg(feature = "validate")]
    call(
        "schema/kept_by_the_validator",
        r#"{"name":"by_schema","arguments":{"text":"hello","limit":5}}"#,
    );
}

/// A session is sealed into its id by `initialize`, and opened by whatever comes with it.
fn seal(c: &mut Criterion) {
    let legacy = Legacy::new(server(), SessionOptions::default()).expect("randomness");
    let id = RequestId::from(1_u64);
    let params = Raw::new(INITIALIZE).expect("JSON");
    c.bench_function("seal/initialize", |b| {
        b.iter(|| legacy.initialize(None, &id, black_box(Some(params))));
    });
    let (_, session) = legacy.initialize(None, &id, Some(params));
    let session = session.expect("a session");
    c.bench_function("unseal/session", |b| {
        b.iter(|| legacy.sessions().open(black_box(&session), None));
    });
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    parse(&mut criterion);
    dispatch(&mut criterion);
    seal(&mut criterion);
    criterion.final_summary();
}
