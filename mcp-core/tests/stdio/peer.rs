//! The client's end of the streams, and the messages that it sends.

use std::{future::Future, time::Duration};

use mcp_core::{
    ServerBuilder,
    prelude::*,
    stdio::{self, Stdio},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines},
    task::JoinHandle,
    time::timeout,
};

const VERSION: &str = "2026-07-28";
pub(crate) const ID_KEY: &str = "io.modelcontextprotocol/subscriptionId";
/// When a test gives up waiting.
const PATIENCE: Duration = Duration::from_secs(60);

/// The client's end.
pub(crate) struct Peer {
    pub(crate) input: DuplexStream,
    pub(crate) output: Lines<BufReader<DuplexStream>>,
    pub(crate) served: JoinHandle<Result<(), stdio::Error>>,
}

pub(crate) fn start(server: ServerBuilder) -> Peer {
    start_built(server.build().unwrap())
}

pub(crate) fn start_built(server: Server) -> Peer {
    start_with(Stdio::new(server))
}

pub(crate) fn start_with(stdio: Stdio) -> Peer {
    let (input, theirs) = tokio::io::duplex(64 * 1024);
    let (output, ours) = tokio::io::duplex(64 * 1024);
    Peer {
        input,
        output: BufReader::new(ours).lines(),
        served: tokio::spawn(stdio.serve_on(theirs, output)),
    }
}

pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("nothing happens")
}

impl Peer {
    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        soon(self.input.write_all(bytes.as_ref())).await.unwrap();
    }

    pub(crate) async fn send(&mut self, message: &Value) {
        self.write(format!("{message}\n")).await;
    }

    /// The next line, which must be a message.
    pub(crate) async fn read(&mut self) -> Value {
        let line = soon(self.output.next_line()).await.unwrap();
        let line = line.expect("a message, not the end");
        let message: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line:?}"));
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
        message
    }

    pub(crate) async fn ask(&mut self, message: &Value) -> Value {
        self.send(message).await;
        self.read().await
    }

    /// Begins a session of a client that can be asked for forms.
    pub(crate) async fn initialize(&mut self) {
        let response = self.ask(&initialize(0)).await;
        assert_eq!(response["result"]["protocolVersion"], "2025-11-25");
        self.send(&notification("notifications/initialized", json!({})))
            .await;
    }

    /// Nothing has been said that was not read: what is asked now is answered next.
    pub(crate) async fn nothing(&mut self) {
        let id = json!("nothing");
        let response = self.ask(&modern(&id, "server/discover", json!({}))).await;
        assert_eq!(response["id"], id, "{response}");
    }

    /// Ends the input; what is still said, to the end.
    pub(crate) async fn end(self) -> Vec<Value> {
        let Self {
            input,
            mut output,
            served,
        } = self;
        drop(input);
        let mut rest = Vec::new();
        while let Some(line) = soon(output.next_line()).await.unwrap() {
            rest.push(serde_json::from_str(&line).unwrap());
        }
        soon(served).await.unwrap().unwrap();
        rest
    }
}

pub(crate) fn legacy(id: &Value, method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

pub(crate) fn modern(id: &Value, method: &str, mut params: Value) -> Value {
    params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!(VERSION);
    params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({ "elicitation": {} });
    legacy(id, method, params)
}

pub(crate) fn initialize(id: i64) -> Value {
    let params = json!({
        "protocolVersion": "2025-11-25",
        "capabilities": { "elicitation": {} },
        "clientInfo": { "name": "it", "version": "1" },
    });
    legacy(&json!(id), "initialize", params)
}

pub(crate) fn notification(method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}

pub(crate) fn cancelled(id: &Value) -> Value {
    notification("notifications/cancelled", json!({ "requestId": id }))
}

/// A call, in either era.
pub(crate) type Call = fn(&Value, &str) -> Value;

pub(crate) fn legacy_call(id: &Value, tool: &str) -> Value {
    legacy(id, "tools/call", json!({ "name": tool }))
}

pub(crate) fn modern_call(id: &Value, tool: &str) -> Value {
    modern(id, "tools/call", json!({ "name": tool }))
}

pub(crate) const BOTH: [Call; 2] = [legacy_call, modern_call];

#[track_caller]
pub(crate) fn text(response: &Value) -> &str {
    let text = response["result"]["content"][0]["text"].as_str();
    text.unwrap_or_else(|| panic!("{response}"))
}

#[track_caller]
pub(crate) fn refuses(response: &Value, id: &Value, code: i64) {
    assert_eq!(response["id"], *id, "{response}");
    assert_eq!(response["error"]["code"], code, "{response}");
}
