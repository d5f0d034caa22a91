//! The modern era over HTTP (2026-07-28): the fork, what a request must carry, and what every
//! answer has.

mod listen;
mod mirror;
mod rounds;
mod streams;

use std::time::Duration;

use mcp_core::{AskError, Cache, CacheScope, Completion, Prompt, Resource, Server, ServerBuilder};
use mcp_http::HttpServer;
use serde_json::{Value, json};

use crate::{
    client::{Answer, Ask, Local, listen as listening, local},
    events::{get, new_session, tool},
    fixture::{ALICE, http, http_with_keys},
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
    let name = params.get("name").or(params.get("uri"));
    match name.and_then(Value::as_str) {
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

/// All pages of a list.
async fn pages(server: &Local, method: &str) -> Vec<Value> {
    let mut pages = Vec::new();
    let mut params = json!({});
    loop {
        let page = server.ask(&request(1, method, &params)).await.result();
        let cursor = page.get("nextCursor").cloned();
        pages.push(page);
        match cursor {
            Some(cursor) => params = json!({ "cursor": cursor }),
            None => return pages,
        }
    }
}

// ---- the fork

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

// ---- what a request must carry

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
    }
}

// ---- what every answer has

#[tokio::test]
async fn discovery_says_all_there_is_to_know() {
    let server = local(HttpServer::new(everything()));
    let answer = server.ask(&request(1, "server/discover", &json!({}))).await;
    let result = answer.result();
    assert_eq!(result["resultType"], "complete");
    assert_eq!(result["instructions"], "Ask away.");
    let versions = result["supportedVersions"].as_array().unwrap();
    assert_eq!(versions[0], VERSION, "newest first");
    for part in ["tools", "resources", "prompts", "completions"] {
        assert!(result["capabilities"][part].is_object(), "{part}: {result}");
    }
    assert_eq!(result["_meta"][SERVER_KEY]["name"], "it");
    assert_eq!(result["_meta"][SERVER_KEY]["version"], "1.2.3");
}

#[tokio::test]
async fn every_result_says_its_type_and_its_server() {
    let server = local(HttpServer::new(everything()));
    for (method, params, _) in all_methods() {
        let result = server.ask(&request(1, method, &params)).await.result();
        assert_eq!(result["resultType"], "complete", "{method}");
        assert_eq!(result["_meta"][SERVER_KEY]["name"], "it", "{method}");
    }
}

#[tokio::test]
async fn a_server_can_keep_its_name_to_itself() {
    let server = local(HttpServer::new(everything()).hide_server_info());
    for (method, params, _) in all_methods() {
        let answer = server.ask(&request(1, method, &params)).await;
        assert_eq!(answer.result()["resultType"], "complete", "{method}");
        assert!(!answer.body.contains(SERVER_KEY), "{method}: {answer:?}");
        assert!(!answer.body.contains("1.2.3"), "{method}: {answer:?}");
    }
}

#[tokio::test]
async fn only_what_may_be_kept_says_for_how_long() {
    let server = local(HttpServer::new(everything()));
    for (method, params, kept) in all_methods() {
        let result = server.ask(&request(1, method, &params)).await.result();
        let hints = (result.get("ttlMs"), result.get("cacheScope"));
        if !kept {
            assert_eq!(hints, (None, None), "{method}");
            continue;
        }
        let (Some(ttl), Some(scope)) = hints else {
            panic!("{method}: {result}")
        };
        assert!(ttl.as_u64().is_some(), "{method}: {ttl}");
        assert!(scope == "public" || scope == "private", "{method}: {scope}");
    }
}

#[tokio::test]
async fn every_page_of_a_list_has_the_same_scope() {
    let minute = Cache {
        ttl: Duration::from_millis(61_500),
        scope: CacheScope::Private,
    };
    for (http, ttl, scope) in [
        (HttpServer::new(everything()), 60_000, "public"),
        (
            HttpServer::new(everything().list_cache(minute)),
            61_500,
            "private",
        ),
    ] {
        let server = local(http);
        for (method, count) in [
            ("tools/list", 3),
            ("resources/list", 2),
            ("resources/templates/list", 2),
            ("prompts/list", 2),
        ] {
            let pages = pages(&server, method).await;
            assert_eq!(pages.len(), count, "{method}");
            for page in pages {
                assert_eq!(page["resultType"], "complete", "{method}");
                assert_eq!(page["ttlMs"], ttl, "{method}");
                assert_eq!(page["cacheScope"], scope, "{method}");
                assert_eq!(page["_meta"][SERVER_KEY]["name"], "it", "{method}");
            }
        }
    }
}

#[tokio::test]
async fn a_resource_says_how_long_it_may_be_kept() {
    let hour = Cache {
        ttl: Duration::from_secs(3600),
        scope: CacheScope::Public,
    };
    let page = |uri: &str| Resource::builder(uri, "page");
    let server = local(HttpServer::new(Server::new("it", "1").resources([
        page("kept://a").cache(hour).handler(|_, _| text()),
        page("kept://a/{b}").cache(hour).handler(|_, _| text()),
        page("fresh://a").handler(|_, _| text()),
        page("fresh://a/{b}").handler(|_, _| text()),
    ])));
    for (uri, ttl, scope) in [
        ("kept://a", 3_600_000, "public"),
        ("kept://a/1", 3_600_000, "public"),
        ("fresh://a", 0, "private"),
        ("fresh://a/1", 0, "private"),
    ] {
        let ask = request(1, "resources/read", &json!({ "uri": uri }));
        let result = server.ask(&ask).await.result();
        assert_eq!(result["ttlMs"], ttl, "{uri}");
        assert_eq!(result["cacheScope"], scope, "{uri}");
    }
}

#[tokio::test]
async fn what_was_asked_before_changes_no_list() {
    let server = listening(http()).await;
    let ask = request(1, "tools/list", &json!({}));
    let first = server.connect().await.ask(&ask).await;
    let mut other = server.connect().await;
    other
        .ask(&call(1, "echo", &json!({ "text": "hi" })))
        .await
        .result();
    other.initialize().await;
    assert_eq!(other.ask(&ask).await.body, first.body);
    assert_eq!(server.connect().await.ask(&ask).await.body, first.body);
    drop(other);
    server.stop().await;
}

#[tokio::test]
async fn the_id_keeps_its_type() {
    let server = local(http());
    for id in [json!(7), json!("7"), json!(""), json!(-1), json!(i64::MAX)] {
        let ask = call(id.clone(), "echo", &json!({ "text": "hi" }));
        assert_eq!(server.ask(&ask).await.json()["id"], id);
        let ask = request(id.clone(), "nope", &json!({}));
        assert_eq!(server.ask(&ask).await.json()["id"], id);
    }
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
