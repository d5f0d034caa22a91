//! What a request must carry, and how one is refused.

use std::sync::Arc;

use mcp_core::{
    AskError, Error, Resource, Server,
    handler::{Answer as Answered, Handler, List, Reply, Request, ServerInfo},
    types::tool::Tool,
};
use mcp_http::HttpServer;
use serde_json::json;

use super::{
    CAPABILITIES_KEY, VERSION, VERSION_KEY, bare, call, everything, meta, refused, request,
};
use crate::{
    client::{Ask, local},
    events::new_session,
    fixture::{ALICE, http, http_with_keys},
};

#[tokio::test]
async fn a_request_without_what_its_meta_must_have_is_refused_by_name() {
    let server = local(http());
    for (meta, named) in [
        (json!({}), VERSION_KEY),
        (json!({ CAPABILITIES_KEY: {} }), VERSION_KEY),
        (
            json!({ VERSION_KEY: 2026, CAPABILITIES_KEY: {} }),
            VERSION_KEY,
        ),
        (
            json!({ VERSION_KEY: null, CAPABILITIES_KEY: {} }),
            VERSION_KEY,
        ),
        (json!({ VERSION_KEY: VERSION }), CAPABILITIES_KEY),
        (
            json!({ VERSION_KEY: VERSION, CAPABILITIES_KEY: null }),
            CAPABILITIES_KEY,
        ),
        (
            json!({ VERSION_KEY: VERSION, CAPABILITIES_KEY: [] }),
            CAPABILITIES_KEY,
        ),
        (
            json!({ VERSION_KEY: VERSION, CAPABILITIES_KEY: "all" }),
            CAPABILITIES_KEY,
        ),
        (json!([]), "_meta"),
        (json!("text"), "_meta"),
        (json!(null), VERSION_KEY),
    ] {
        let message = json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": { "_meta": meta },
        });
        let answer = server.ask(&bare(&message)).await;
        assert_eq!(refused(&answer, 400).0, -32602, "{meta}");
        answer.refuses(400, &[named]);
    }
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let answer = server.ask(&bare(&message)).await;
    assert_eq!(refused(&answer, 400).0, -32602);
}

#[tokio::test]
async fn a_client_need_not_say_who_it_is() {
    let message = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/list",
        "params": { "_meta": { VERSION_KEY: VERSION, CAPABILITIES_KEY: {} } },
    });
    local(http()).ask(&bare(&message)).await.result();
}

#[tokio::test]
async fn a_revision_that_is_not_served_is_answered_with_those_that_are() {
    let server = local(http());
    let mut params = json!({ "_meta": meta(&json!({})) });
    params["_meta"][VERSION_KEY] = json!("2099-01-01");
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": params });
    let ask = bare(&message).instead("MCP-Protocol-Version", "2099-01-01");
    let (code, data) = refused(&server.ask(&ask).await, 400);
    assert_eq!(code, -32022);
    assert_eq!(data["requested"], "2099-01-01");
    let supported = data["supported"].as_array().unwrap();
    assert!(supported.contains(&json!(VERSION)), "{data}");
    // The same that discovery says.
    let found = server.ask(&request(1, "server/discover", &json!({}))).await;
    assert_eq!(found.result()["supportedVersions"], data["supported"]);
}

#[tokio::test]
async fn what_is_wrong_first_is_said_first() {
    let server = local(http_with_keys());
    let params = json!({ "name": "vault", "arguments": {} });
    let right = request(1, "tools/call", &params);
    let no_meta = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    let mut other = meta(&json!({}));
    other[VERSION_KEY] = json!("2099-01-01");
    let other = request(1, "nope", &json!({ "_meta": other }));
    for (ask, code) in [
        // What the body lacks comes before what the headers lack.
        (bare(&no_meta).without("Mcp-Method"), -32602),
        // A revision nobody knows comes before the rest of its headers, and its method.
        (
            other
                .instead("MCP-Protocol-Version", "2099-01-01")
                .without("Mcp-Method"),
            -32022,
        ),
        // Headers come before the method,
        (request(1, "nope", &json!({})).without("Mcp-Method"), -32020),
        (
            request(1, "nope", &json!({})).instead("Mcp-Method", "no"),
            -32020,
        ),
        // and before what the method would say: this tool is for known callers.
        (right.clone().without("Mcp-Name"), -32020),
    ] {
        let answer = server.ask(&ask).await;
        assert_eq!(refused(&answer, 400).0, code, "{ask:?}");
    }
    // A key that is nobody's comes before everything.
    let answer = server.ask(&bare(&no_meta).key("nobodys")).await;
    assert_eq!(answer.status, 401);
    assert_eq!(server.ask(&right).await.status, 401);
}

#[tokio::test]
async fn a_tool_for_known_callers_is_challenged() {
    let server = local(http_with_keys());
    let ask = call(1, "vault", &json!({}));
    let answer = server.ask(&ask).await;
    assert_eq!(answer.status, 401);
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.starts_with("Bearer"), "{challenge}");
    assert_eq!(answer.json()["id"], 1);
    assert_eq!(server.ask(&ask.key(ALICE)).await.said().0, "gold");
}

#[tokio::test]
async fn methods_of_other_eras_and_of_none_are_not_found() {
    let server = local(HttpServer::new(everything()));
    for method in [
        "initialize",
        "ping",
        "logging/setLevel",
        "resources/subscribe",
        "resources/unsubscribe",
        "tasks/list",
        "notifications/initialized",
        "tools/List",
        "tools/list/",
        "nope",
        "rpc.discover",
        "__proto__",
    ] {
        let answer = server.ask(&request(1, method, &json!({}))).await;
        assert_eq!(refused(&answer, 404).0, -32601, "{method}");
    }
}

#[tokio::test]
async fn errors_have_their_codes_and_statuses() {
    let server = local(http());
    for (method, params, status, code) in [
        (
            "tools/call",
            json!({ "name": "nope", "arguments": {} }),
            400,
            -32602,
        ),
        (
            "tools/call",
            json!({ "name": "echo", "arguments": [] }),
            400,
            -32602,
        ),
        ("tools/call", json!({ "name": 7 }), 400, -32020),
        (
            "resources/read",
            json!({ "uri": "docs://nope" }),
            400,
            -32602,
        ),
        (
            "resources/read",
            json!({ "uri": "docs://pages/99" }),
            400,
            -32602,
        ),
        ("prompts/get", json!({ "name": "nope" }), 400, -32602),
        ("prompts/get", json!({ "name": "review" }), 400, -32602),
        ("tools/list", json!({ "cursor": "garbage" }), 400, -32602),
        ("tools/list", json!({ "cursor": 7 }), 400, -32602),
        ("completion/complete", json!({}), 404, -32601),
        (
            "resources/read",
            json!({ "uri": "docs://panic" }),
            200,
            -32603,
        ),
        ("tools/call", json!({ "name": "refuses" }), 200, -31000),
    ] {
        let answer = server.ask(&request(1, method, &params)).await;
        assert_eq!(
            refused(&answer, status).0,
            code,
            "{method} {params} {answer:?}"
        );
    }
    let missing = request(1, "resources/read", &json!({ "uri": "docs://nope" }));
    let (_, data) = refused(&server.ask(&missing).await, 400);
    assert_eq!(data, json!({ "uri": "docs://nope" }));
}

#[tokio::test]
async fn notifications_are_accepted_and_responses_are_not() {
    let server = local(http());
    for method in [
        "notifications/cancelled",
        "notifications/initialized",
        "nope",
    ] {
        let message = json!({
            "jsonrpc": "2.0", "method": method,
            "params": { "_meta": meta(&json!({})), "requestId": 1 },
        });
        let answer = server.ask(&bare(&message)).await;
        assert_eq!((answer.status, answer.body.as_str()), (202, ""), "{method}");
        assert_eq!(answer.header("mcp-session-id"), None);
    }
    for part in ["result", "error"] {
        let message = json!({ "jsonrpc": "2.0", "id": 1, part: { "code": 1, "message": "x" } });
        let answer = server.ask(&bare(&message)).await;
        assert_eq!(answer.error(400).0, -32600, "{part}");
    }
}

#[tokio::test]
async fn several_messages_at_once_are_refused() {
    let server = local(http());
    let one = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/list",
        "params": { "_meta": meta(&json!({})) },
    });
    for batch in [json!([one, one]), json!([one]), json!([])] {
        let ask = Ask::post(batch)
            .with("MCP-Protocol-Version", VERSION)
            .with("Mcp-Method", "tools/list");
        let answer = server.ask(&ask).await;
        assert_eq!(answer.error(400).0, -32600);
        assert_eq!(answer.header("mcp-session-id"), None);
        let (_, text) = answer.error(400);
        assert!(!text.contains("initialize"), "{text}");
    }
    // Of any size that this revision might have taken.
    for batch in [json!([one, one]), json!([one])] {
        let ask = Ask::post(batch).with("MCP-Protocol-Version", VERSION);
        let answer = server.ask(&ask).await;
        answer.refuses(400, &["this revision takes one message at a time"]);
    }
}

/// A server that knows a method of its own, and lists in pages.
struct Lender(ServerInfo);

impl Handler for Lender {
    fn info(&self) -> &ServerInfo {
        &self.0
    }

    fn handle(&self, request: Request<'_>) -> Reply {
        Reply::ready(match request.method {
            "books/lend" => Ok(Answered::Empty),
            "tools/list" => {
                let first = List::new(vec![Tool::new("first")]).with_next_cursor("2");
                Ok(Answered::ListTools(Arc::new(first)))
            }
            method => Err(Error::MethodNotFound {
                method: method.to_owned(),
            }),
        })
    }
}

#[tokio::test]
async fn a_method_of_an_extension_reaches_a_handler_written_by_hand() {
    let server = local(HttpServer::new(Lender(ServerInfo::new("lender", "1"))));
    let session = new_session(&server, &json!({})).await;
    let legacy = Ask::rpc("books/lend", &json!({})).session(&session);
    assert_eq!(server.ask(&legacy).await.result(), json!({}));
    let modern = request(1, "books/lend", &json!({}));
    assert_eq!(server.ask(&modern).await.result()["resultType"], "complete");
    let answer = server.ask(&request(1, "books/steal", &json!({}))).await;
    assert_eq!(refused(&answer, 404).0, -32601);
}

#[tokio::test]
async fn a_handler_written_by_hand_lists_in_pages() {
    let server = local(HttpServer::new(Lender(ServerInfo::new("lender", "1"))));
    let list = request(1, "tools/list", &json!({}));
    assert_eq!(server.ask(&list).await.result()["nextCursor"], "2");
}

#[tokio::test]
async fn what_a_client_names_is_cut_in_what_it_is_told() {
    let secret = Resource::builder("vault://{what}", "vault")
        .requires_auth()
        .handler(|_, _| async { Ok::<_, AskError>("gold") });
    let server = Server::new("it", "1").resources([secret]);
    let server = local(HttpServer::new(server));
    let uri = format!("vault://{}", "x".repeat(1000));
    let answer = server
        .ask(&request(1, "resources/read", &json!({ "uri": uri })))
        .await;
    let (_, text) = answer.error(401);
    assert!(text.len() < 200 && text.contains("vault://xxx"), "{text}");
}

#[tokio::test]
async fn what_a_request_says_twice_is_refused() {
    let server = local(http());
    let one = json!({ "_meta": meta(&json!({})) }).to_string();
    let inner = one.strip_prefix('{').unwrap().strip_suffix('}').unwrap();
    let version = format!("\"{VERSION_KEY}\":\"{VERSION}\"");
    for params in [
        format!("{{{inner},{inner}}}"),
        one.replace(
            &version,
            &format!("{version},\"{VERSION_KEY}\":\"2099-01-01\""),
        ),
        one.replace(
            &version,
            &format!("\"{VERSION_KEY}\":\"2099-01-01\",{version}"),
        ),
        format!("{{{inner},\"name\":\"echo\",\"name\":\"vault\"}}"),
    ] {
        let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{params}}}"#);
        let ask = Ask::post(body)
            .with("MCP-Protocol-Version", VERSION)
            .with("Mcp-Method", "tools/call")
            .with("Mcp-Name", "echo");
        assert_eq!(refused(&server.ask(&ask).await, 400).0, -32602, "{params}");
    }
}

#[tokio::test]
async fn params_are_an_object_or_nothing() {
    let server = local(http());
    for params in [
        json!([]),
        json!([meta(&json!({}))]),
        json!("text"),
        json!(7),
        json!(null),
    ] {
        let message = json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": params,
        });
        let (code, _) = server.ask(&bare(&message)).await.error(400);
        assert!([-32600, -32602].contains(&code), "{params}: {code}");
    }
}
