//! The modern era over HTTP (2026-07-28), and what its tests are made of.

mod fork;
mod listen;
mod mirror;
mod requests;
mod results;
mod rounds;
mod streams;

use mcp_core::{AskError, Completion, Prompt, Resource, Server, ServerBuilder};
use serde_json::{Value, json};

use crate::{
    client::{Answer, Ask},
    events::tool,
};

pub(crate) const VERSION: &str = "2026-07-28";
const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES_KEY: &str = "io.modelcontextprotocol/clientCapabilities";
const INFO_KEY: &str = "io.modelcontextprotocol/clientInfo";
const SERVER_KEY: &str = "io.modelcontextprotocol/serverInfo";

/// What every request says of its client.
pub(crate) fn meta(capabilities: &Value) -> Value {
    json!({
        VERSION_KEY: VERSION,
        CAPABILITIES_KEY: capabilities,
        INFO_KEY: { "name": "it", "version": "1" },
    })
}

/// A request by a client that can do this; members of a `_meta` that is there stay.
pub(crate) fn request_by(
    capabilities: &Value,
    id: impl Into<Value>,
    method: &str,
    params: &Value,
) -> Ask {
    let (id, mut params): (Value, Value) = (id.into(), params.clone());
    let mut all = meta(capabilities);
    if let Some(own) = params["_meta"].as_object() {
        all.as_object_mut().unwrap().extend(own.clone());
    }
    params["_meta"] = all;
    let ask = bare(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
    let named = match method {
        "resources/read" => "uri",
        _ => "name",
    };
    match params[named].as_str() {
        Some(name) => ask.with("Mcp-Name", name),
        None => ask,
    }
}

/// A request by a client that can be asked nothing.
pub(crate) fn request(id: impl Into<Value>, method: &str, params: &Value) -> Ask {
    request_by(&json!({}), id, method, params)
}

/// A call of a tool.
pub(crate) fn call(id: impl Into<Value>, tool: &str, arguments: &Value) -> Ask {
    let params = json!({ "name": tool, "arguments": arguments });
    request(id, "tools/call", &params)
}

/// A message as it stands, with the headers that name its revision and method.
fn bare(message: &Value) -> Ask {
    let ask = Ask::post(message).with("MCP-Protocol-Version", VERSION);
    match message["method"].as_str() {
        Some(method) => ask.with("Mcp-Method", method),
        None => ask,
    }
}

/// Code and data of a refusal of request 1.
#[track_caller]
fn refused(answer: &Answer, status: u16) -> (i64, Value) {
    let (code, _) = answer.error(status);
    let message = answer.json();
    assert_eq!(message["id"], 1, "{message}");
    (code, message["error"]["data"].clone())
}

/// A server that offers everything, in pages of two.
fn everything() -> ServerBuilder {
    let page = |uri: &str| Resource::builder(uri, "page").handler(|_, _| text());
    let prompt = |name: &str| Prompt::builder(name).handler(|_, _| async { Ok("text") });
    let quick = |name: &str| tool(name, |_| async { Ok("quick") });
    Server::new("it", "1.2.3")
        .instructions("Ask away.")
        .tools(["a", "b", "c", "d", "e"].map(quick))
        .resources(["docs://a", "docs://b", "docs://c"].map(page))
        .resources(["one://{id}", "two://{id}", "three://{id}"].map(page))
        .prompts(["p", "q", "r"].map(prompt))
        .completions([Completion::of_resource("one://{id}", "id", |_, _| async {
            Ok(vec!["one"])
        })])
        .page_size(2)
}

async fn text() -> Result<&'static str, AskError> {
    Ok("text")
}

/// One request of every method whose result is complete, and whether that may be kept.
fn all_methods() -> Vec<(&'static str, Value, bool)> {
    vec![
        ("server/discover", json!({}), true),
        ("tools/list", json!({}), true),
        ("tools/call", json!({ "name": "a", "arguments": {} }), false),
        ("resources/list", json!({}), true),
        ("resources/templates/list", json!({}), true),
        ("resources/read", json!({ "uri": "docs://a" }), true),
        ("prompts/list", json!({}), true),
        ("prompts/get", json!({ "name": "p" }), false),
        (
            "completion/complete",
            json!({
                "ref": { "type": "ref/resource", "uri": "one://{id}" },
                "argument": { "name": "id", "value": "o" },
            }),
            false,
        ),
    ]
}
