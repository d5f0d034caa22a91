//! What either side declares beyond the protocol itself.

use mcp_core::{
    Ctx, Server, ServerBuilder, Tool,
    types::capabilities::{ClientCapabilities, ServerCapabilities},
};
use serde_json::{Map, Value, json};

use crate::{
    both::both_declaring,
    client::{connect_at, raw},
};

fn settings(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn ui() -> Value {
    json!({ "mimeTypes": ["text/html;profile=mcp-app"] })
}

/// A server whose tool tells what its client declares.
fn server() -> ServerBuilder {
    let tells = Tool::builder("tells").description("Tells").handler(
        |_: Map<String, Value>, ctx: Ctx| async move {
            Ok(serde_json::to_string(ctx.client_capabilities()).unwrap())
        },
    );
    Server::new("it", "1")
        .tools([tells])
        .extension("io.modelcontextprotocol/ui", settings(ui()))
        .extension("com.example/alarms", Map::new())
        .experimental("waves", settings(json!({ "length": 7 })))
}

async fn told(capabilities: &Value) -> [ClientCapabilities; 2] {
    let mut all = Vec::new();
    for peer in both_declaring(server(), capabilities) {
        let result = peer.ask("tools/call", json!({ "name": "tells" })).await;
        let text = result["content"][0]["text"].as_str().unwrap();
        all.push(serde_json::from_str(text).unwrap());
    }
    all.try_into().unwrap()
}

#[tokio::test]
async fn what_a_client_declares_reaches_the_handler() {
    let capabilities = json!({
        "roots": {},
        "extensions": { "io.modelcontextprotocol/ui": ui(), "com.example/x": {} },
        "experimental": { "waves": { "length": 7 } },
    });
    for client in told(&capabilities).await {
        assert_eq!(client.extensions["io.modelcontextprotocol/ui"], ui());
        assert_eq!(client.extensions["com.example/x"], json!({}));
        assert_eq!(client.experimental["waves"], json!({ "length": 7 }));
        assert!(client.roots.is_some());
    }
    let null = json!({ "roots": null, "extensions": null, "experimental": null });
    for nothing in [json!({}), null] {
        for client in told(&nothing).await {
            assert_eq!(client, ClientCapabilities::default(), "{nothing}");
        }
    }
}

#[tokio::test]
async fn a_session_remembers_whole_entries_up_to_a_kibibyte_extensions_first() {
    let large = json!({ "x": "y".repeat(900) });
    let capabilities = json!({
        "extensions": {
            "com.example/a": large,
            "com.example/b": large,
            "com.example/c": {},
        },
        "experimental": { "d": large, "e": {} },
    });
    let [legacy, modern] = told(&capabilities).await;
    let names = |all: &Map<String, Value>| all.keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        names(&legacy.extensions),
        ["com.example/a", "com.example/c"]
    );
    assert_eq!(names(&legacy.experimental), ["e"]);
    // A request that carries them needs no memory.
    assert_eq!(modern.extensions.len(), 3);
    assert_eq!(modern.experimental.len(), 2);
}

#[tokio::test]
async fn what_a_server_declares_is_told_in_every_revision() {
    let expected = settings(json!({
        "io.modelcontextprotocol/ui": ui(),
        "com.example/alarms": {},
    }));
    let mut all = Vec::new();
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        all.push(connect_at(version, server()).greeting);
    }
    let [_, modern] = both_declaring(server(), &json!({}));
    all.push(modern.ask("server/discover", json!({})).await);
    for greeting in all {
        let offered: ServerCapabilities =
            serde_json::from_value(greeting["capabilities"].clone()).unwrap();
        assert_eq!(offered.extensions, expected, "{greeting}");
        assert_eq!(offered.experimental["waves"], json!({ "length": 7 }));
    }
    let plain = connect_at("2025-11-25", Server::new("it", "1")).greeting;
    let offered = plain["capabilities"].as_object().unwrap();
    assert!(!offered.contains_key("extensions") && !offered.contains_key("experimental"));
}

#[tokio::test]
async fn capabilities_that_are_no_object_are_refused_by_name() {
    let client = connect_at("2025-11-25", server());
    let response = client.initialize_raw(&raw(
        r#"{"protocolVersion":"2025-11-25","capabilities":{"extensions":7}}"#,
    ));
    assert_eq!(response["error"]["code"], -32602, "{response}");
    let message = response["error"]["message"].as_str().unwrap();
    assert!(message.contains("`capabilities`"), "{message}");
}

#[test]
fn an_extension_is_declared_once_by_an_identifier() {
    let error = Server::new("it", "1")
        .extension("ui", Map::new())
        .extension("com.example/x", Map::new())
        .extension("com.example/x", Map::new())
        .experimental("y", Map::new())
        .experimental("y", Map::new())
        .build()
        .unwrap_err();
    let [name, twice, again] = error.problems() else {
        panic!("{error}")
    };
    assert!(
        name.contains("`ui`") && name.contains("`com.example/name`"),
        "{name}"
    );
    assert_eq!(twice, "two extensions are called `com.example/x`");
    assert_eq!(again, "two experimental capabilities are called `y`");
}
