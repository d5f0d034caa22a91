//! Which era a message is of, and that the two do not mix.

use mcp_http::HttpServer;
use serde_json::json;

use super::{
    CAPABILITIES_KEY, VERSION, VERSION_KEY, all_methods, call, everything, refused, request,
};
use crate::{
    client::{Ask, local},
    events::{get, new_session},
    fixture::http,
};

#[tokio::test]
async fn header_and_meta_decide_the_era_and_must_agree() {
    let server = local(http());
    let says = |header: Option<&str>, meta: Option<&str>| {
        let mut params = json!({ "name": "echo", "arguments": { "text": "hi" } });
        if let Some(version) = meta {
            params["_meta"] = json!({ VERSION_KEY: version, CAPABILITIES_KEY: {} });
        }
        let ask = Ask::rpc("tools/call", &params)
            .with("Mcp-Method", "tools/call")
            .with("Mcp-Name", "echo");
        match header {
            Some(header) => ask.with("MCP-Protocol-Version", header),
            None => ask,
        }
    };
    let (modern, legacy, unknown) = (Some(VERSION), Some("2025-11-25"), Some("2099-01-01"));
    let answer = server.ask(&says(modern, modern)).await;
    assert_eq!(answer.said().0, "hi");
    for (header, meta, code) in [
        (None, modern, -32020),
        (legacy, modern, -32020),
        (unknown, modern, -32020),
        (modern, legacy, -32020),
        (modern, unknown, -32020),
        (modern, None, -32602),
        (unknown, None, -32022),
        (unknown, unknown, -32022),
        (None, unknown, -32020),
        (Some("garbage"), None, -32022),
    ] {
        let answer = server.ask(&says(header, meta)).await;
        assert_eq!(refused(&answer, 400).0, code, "{header:?} {meta:?}");
    }
    // Of no era but the legacy one, which wants a session.
    for header in [legacy, None] {
        server
            .ask(&says(header, None))
            .await
            .refuses(400, &["Mcp-Session-Id"]);
    }
}

#[tokio::test]
async fn a_legacy_call_that_only_talks_of_the_modern_era_stays_legacy() {
    let server = local(http());
    let session = new_session(&server, &json!({})).await;
    for arguments in [
        json!({ "text": format!("\"_meta\":{{\"{VERSION_KEY}\":\"{VERSION}\"}}") }),
        json!({ "text": VERSION_KEY }),
    ] {
        let ask = Ask::call("echo", &arguments).session(&session);
        let answer = server.ask(&ask).await;
        assert_eq!(answer.said().0, arguments["text"].as_str().unwrap());
        assert_eq!(answer.result().get("resultType"), None);
    }
    // Deeper than where a request says it, and with another key in its place.
    for meta in [
        json!({ "x": { VERSION_KEY: VERSION } }),
        json!({ "io.modelcontextprotocol/protocolVersionX": VERSION }),
        json!({ "note": VERSION_KEY }),
    ] {
        let params = json!({ "name": "echo", "arguments": { "text": "hi" }, "_meta": meta });
        let ask = Ask::rpc("tools/call", &params).session(&session);
        assert_eq!(server.ask(&ask).await.said().0, "hi");
    }
}

#[tokio::test]
async fn no_session_is_ever_minted_or_echoed() {
    let server = local(HttpServer::new(everything()));
    let session = new_session(&server, &json!({})).await;
    for (method, params, _) in all_methods() {
        let plain = request(1, method, &params);
        for ask in [
            plain.clone(),
            plain.clone().session(&session),
            plain.clone().session("garbage"),
            plain.with("Last-Event-ID", "1/1"),
        ] {
            let answer = server.ask(&ask).await;
            answer.result();
            assert_eq!(answer.header("mcp-session-id"), None, "{method}");
        }
    }
    let refusal = server
        .ask(&request(1, "ping", &json!({})).session(&session))
        .await;
    assert_eq!(refusal.header("mcp-session-id"), None);
    // The session is none the worse for it.
    server.ask(&Ask::ping().session(&session)).await.result();
}

#[tokio::test]
async fn get_and_delete_are_not_for_modern_clients() {
    let server = local(http());
    let session = new_session(&server, &json!({})).await;
    for method in ["GET", "DELETE"] {
        let ask = Ask::new(method, "/mcp")
            .with("Accept", "text/event-stream")
            .with("MCP-Protocol-Version", VERSION);
        for ask in [ask.clone(), ask.session(&session)] {
            let answer = server.ask(&ask).await;
            assert_eq!(answer.status, 405);
            assert!(answer.lists("allow", "POST"), "{answer:?}");
            assert!(!answer.lists("allow", method), "{answer:?}");
            assert_eq!(answer.header("mcp-session-id"), None);
        }
    }
    // The legacy session is still there, and has its stream.
    let stream = server.stream(&get(&session)).await;
    drop(stream);
    assert_eq!(server.ask(&Ask::delete(&session)).await.status, 204);
}

#[tokio::test]
async fn two_eras_take_turns_on_one_connection() {
    let server = local(http());
    let mut client = server.connect();
    let session = client.initialize().await;
    for _ in 0..3 {
        let legacy = Ask::call("echo", &json!({ "text": "old" })).session(&session);
        let answer = client.ask(&legacy).await;
        assert_eq!(answer.said().0, "old");
        assert_eq!(answer.result().get("resultType"), None);
        let answer = client
            .ask(&call(1, "echo", &json!({ "text": "new" })))
            .await;
        assert_eq!(answer.said().0, "new");
        assert_eq!(answer.result()["resultType"], "complete");
    }
}
