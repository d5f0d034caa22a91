//! Several messages in one body, which only sessions of 2025-03-26 may send.

use mcp_core::{Ctx, Server, Tool, types::logging::LoggingLevel};
use mcp_http::HttpServer;
use serde_json::{Value, json};

use crate::{
    client::{Ask, Local, local, session},
    events::{Signal, call, code, initialize, tool},
    fixture::http_with_keys,
};

const FIRST: &str = "2025-03-26";

fn tools() -> [Tool; 3] {
    [
        tool("quick", |_| async { Ok("quick") }),
        tool("slow", |ctx: Ctx| async move {
            for n in 0..5 {
                ctx.log(LoggingLevel::Info, n);
                tokio::task::yield_now().await;
            }
            Ok("slow")
        }),
        tool("asks", |ctx: Ctx| async move {
            Ok(format!("{:?}", ctx.list_roots().await))
        }),
    ]
}

async fn begin(server: &Local, version: &str) -> String {
    let hello = initialize(version, &json!({ "roots": {} }));
    session(&server.ask(&hello).await)
}

fn request(id: impl Into<Value>, method: &str) -> Value {
    let id: Value = id.into();
    json!({ "jsonrpc": "2.0", "id": id, "method": method })
}

fn calls(id: impl Into<Value>, tool: &str) -> Value {
    let mut request = request(id, "tools/call");
    request["params"] = json!({ "name": tool });
    request
}

fn notification(method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}

/// The responses in the array that a batch was answered with.
async fn answers(server: &Local, session: &str, batch: &Value) -> Vec<Value> {
    let answer = server.ask(&Ask::post(batch).session(session)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let answers: Vec<Value> = serde_json::from_str(&answer.body).expect("an array");
    for answer in &answers {
        assert_eq!(answer["jsonrpc"], "2.0");
        assert!(answer.get("result").is_some() != answer.get("error").is_some());
    }
    answers
}

#[tokio::test]
async fn each_request_of_a_batch_is_answered_in_one_array() {
    let server = local(HttpServer::new(Server::new("it", "1").tools(tools())));
    let id = begin(&server, FIRST).await;
    let batch = json!([
        request(1, "ping"),
        notification("notifications/initialized", &json!({})),
        calls("two", "quick"),
        { "jsonrpc": "2.0", "id": "q1", "result": {} },
        calls(3, "slow"),
        request(4, "no/such"),
        calls(5, "no such tool"),
        calls(1, "quick"),
    ]);
    let answers = answers(&server, &id, &batch).await;
    let ids: Vec<&Value> = answers.iter().map(|answer| &answer["id"]).collect();
    assert_eq!(
        json!(ids),
        json!([1, "two", 3, 4, 5, 1]),
        "as they were sent"
    );
    let text = |n: usize| &answers[n]["result"]["content"][0]["text"];
    assert_eq!(answers[0]["result"], json!({}));
    assert_eq!([text(1), text(2), text(5)], ["quick", "slow", "quick"]);
    assert_eq!(code(&answers[3]), -32601);
    assert_eq!(code(&answers[4]), -32602);
}

#[tokio::test]
async fn a_batch_that_wants_no_answer_is_accepted_without_a_body() {
    let server = local(HttpServer::new(Server::new("it", "1").tools(tools())));
    let id = begin(&server, FIRST).await;
    for batch in [
        json!([notification("notifications/initialized", &json!({}))]),
        json!([
            notification("notifications/of/no/kind", &json!({})),
            { "jsonrpc": "2.0", "id": 7, "result": {} },
            { "jsonrpc": "2.0", "id": "x", "error": { "code": 1, "message": "no" } },
        ]),
    ] {
        server.tell(&Ask::post(batch).session(&id)).await;
    }
}

#[tokio::test]
async fn newer_sessions_take_one_message_at_a_time() {
    let server = local(HttpServer::new(Server::new("it", "1").tools(tools())));
    for version in ["2025-06-18", "2025-11-25"] {
        let id = begin(&server, version).await;
        for batch in [
            json!([request(1, "ping")]),
            json!([notification("notifications/initialized", &json!({}))]),
        ] {
            let ask = Ask::post(batch).session(&id);
            let answer = server
                .ask(&ask.clone().with("MCP-Protocol-Version", FIRST))
                .await;
            assert_eq!(answer.error(400).0, -32600, "the session decides");
            let answer = server.ask(&ask).await;
            let (code, text) = answer.error(400);
            assert_eq!(code, -32600);
            assert!(text.contains("batch"), "{text}");
        }
    }
    let ask = Ask::post(json!([request(1, "ping")]));
    assert_eq!(server.ask(&ask).await.status, 400, "without a session");
    let ask = ask.session("no session");
    assert_eq!(server.ask(&ask).await.status, 404);
}

#[tokio::test]
async fn initialize_is_no_part_of_a_batch() {
    let server = local(HttpServer::new(Server::new("it", "1").tools(tools())));
    let id = begin(&server, FIRST).await;
    let mut hello = request(1, "initialize");
    hello["params"] = json!({ "protocolVersion": FIRST, "capabilities": {} });
    let batch = json!([hello, request(2, "ping")]);
    let ask = Ask::post(&batch).session(&id);
    let answer = server.ask(&ask).await;
    assert_eq!(answer.header("mcp-session-id"), None);
    let answers = answers(&server, &id, &batch).await;
    assert_eq!(code(&answers[0]), -32600);
    assert_eq!(answers[1]["result"], json!({}));
    let answer = server.ask(&Ask::post(json!([hello]))).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.header("mcp-session-id"), None);
}

#[tokio::test]
async fn what_is_no_message_is_answered_so_and_the_others_as_ever() {
    let server = local(HttpServer::new(Server::new("it", "1").tools(tools())));
    let id = begin(&server, FIRST).await;
    let batch = json!([
        1,
        request(1, "ping"),
        { "jsonrpc": "1.0", "id": 2, "method": "ping" },
        [request(3, "ping")],
        { "jsonrpc": "2.0", "id": null, "method": "ping" },
        {},
    ]);
    let answers = answers(&server, &id, &batch).await;
    assert_eq!(answers.len(), 6);
    assert_eq!(answers[1]["result"], json!({}));
    for (at, answer) in answers.iter().enumerate().filter(|(at, _)| *at != 1) {
        assert_eq!(code(answer), -32600, "{at}");
        let id = (at == 2).then_some(&json!(2)).cloned();
        assert_eq!(answer.get("id").cloned(), id, "{at}");
    }
}

#[tokio::test]
async fn how_much_a_batch_holds_is_bounded() {
    let server = local(HttpServer::new(Server::new("it", "1").tools(tools())));
    let id = begin(&server, FIRST).await;
    let batch = |count: usize| Value::from_iter((0..count).map(|n| request(n, "ping")));
    assert_eq!(answers(&server, &id, &batch(100)).await.len(), 100);
    for count in [0, 101] {
        let answer = server.ask(&Ask::post(batch(count)).session(&id)).await;
        assert_eq!(answer.error(400).0, -32600, "{count}");
    }
}

#[tokio::test]
async fn who_is_in_a_batch_is_told_and_asked_nothing() {
    let server = local(HttpServer::new(Server::new("it", "1").tools(tools())));
    let id = begin(&server, FIRST).await;
    let answers = answers(&server, &id, &json!([calls(1, "asks"), calls(2, "slow")])).await;
    let text = |n: usize| &answers[n]["result"]["content"][0]["text"];
    assert_eq!([text(0), text(1)], ["Err(Gone)", "slow"]);
}

#[tokio::test]
async fn who_takes_streams_only_gets_each_answer_as_an_event() {
    let server = local(HttpServer::new(Server::new("it", "1").tools(tools())));
    let id = begin(&server, FIRST).await;
    let batch = json!([request(1, "ping"), calls(2, "slow")]);
    let ask = Ask::post(&batch)
        .session(&id)
        .instead("Accept", "text/event-stream");
    let messages = server.stream(&ask).await.messages().await;
    assert_eq!(messages, answers(&server, &id, &batch).await);
    // Nothing to say is nothing to stream.
    let batch = json!([notification("notifications/initialized", &json!({}))]);
    let ask = Ask::post(batch)
        .session(&id)
        .instead("Accept", "text/event-stream");
    server.tell(&ask).await;
}

#[tokio::test]
async fn an_id_that_is_in_flight_is_refused_in_a_batch_too() {
    let signal = Signal::default();
    let go_on = signal.clone();
    let waits = tool("waits", move |_| {
        let signal = go_on.clone();
        async move {
            signal.wait().await;
            Ok("done")
        }
    });
    let server = local(HttpServer::new(Server::new("it", "1").tools([waits])));
    let id = begin(&server, FIRST).await;
    let mut waiting = server.connect();
    waiting.write(call(7, "waits").session(&id).text()).await;
    let batch = json!([request(7, "ping"), request(8, "ping")]);
    // It may take a moment until it waits.
    let refused = loop {
        let mut answers = answers(&server, &id, &batch).await;
        assert_eq!(answers[1]["result"], json!({}));
        if answers[0].get("error").is_some() {
            break answers.swap_remove(0);
        }
    };
    assert_eq!((code(&refused), &refused["id"]), (-32600, &json!(7)));
    signal.give();
    assert_eq!(waiting.read().await.said().0, "done");
}

#[tokio::test]
async fn who_is_not_known_is_told_so_for_each_request() {
    let server = local(http_with_keys());
    let id = session(&server.ask(&Ask::initialize(FIRST)).await);
    let batch = json!([calls(1, "vault"), request(2, "ping")]);
    let answers = answers(&server, &id, &batch).await;
    assert!(answers[0].get("error").is_some());
    assert_eq!(answers[1]["result"], json!({}));
}

#[tokio::test]
async fn the_version_header_may_be_missing() {
    let server = local(HttpServer::new(Server::new("it", "1").tools(tools())));
    for version in [FIRST, "2025-06-18", "2025-11-25"] {
        let id = begin(&server, version).await;
        let ask = call(1, "quick").session(&id);
        let without = server.ask(&ask).await;
        let with = server.ask(&ask.with("MCP-Protocol-Version", version)).await;
        assert_eq!(without.said(), with.said());
    }
}
