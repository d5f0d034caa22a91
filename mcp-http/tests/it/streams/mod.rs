//! The adaptive reply: JSON or a stream, whatever the client accepts, for many at once.

mod log_messages;
mod progress;

use std::time::Duration;

use mcp_core::{Ctx, Server, ServerBuilder, Tool, types::logging::LoggingLevel};
use mcp_http::HttpServer;
use serde_json::{Value, json};
use tokio::{
    runtime::Handle,
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    client::{Ask, Local, connect, listen, local},
    events::{
        Signal, call, get, initialize, new_session, notification, request, text, tool, watched,
    },
    fixture::{self, ALICE},
};

const SECOND: Duration = Duration::from_secs(1);
const MS: Duration = Duration::from_millis(1);

fn server(tools: impl IntoIterator<Item = Tool>) -> ServerBuilder {
    Server::new("it", "1").tools(tools)
}

fn http(tools: impl IntoIterator<Item = Tool>) -> HttpServer {
    HttpServer::new(server(tools))
}

fn serving(tools: impl IntoIterator<Item = Tool>) -> Local {
    local(http(tools))
}

/// Answers at once.
fn quick() -> Tool {
    tool("quick", |_| async { Ok("quick") })
}

/// Logs once, then answers.
fn logs_once() -> Tool {
    tool("logs_once", |ctx: Ctx| async move {
        ctx.log(LoggingLevel::Info, "on my way");
        Ok("there")
    })
}

/// Takes this long.
fn takes(time: Duration) -> Tool {
    tool("takes", move |_| async move {
        sleep(time).await;
        Ok("took my time")
    })
}

/// Answers when it is let.
fn waits(signal: &Signal) -> Tool {
    let signal = signal.clone();
    tool("waits", move |_| {
        let signal = signal.clone();
        async move {
            signal.wait().await;
            Ok("done")
        }
    })
}

async fn session(server: &Local) -> String {
    new_session(server, &json!({})).await
}

// ---- JSON or a stream

#[tokio::test]
async fn a_call_that_answers_at_once_is_answered_in_json() {
    let server = serving([quick()]);
    let id = session(&server).await;
    let answer = server.ask(&call(1, "quick").session(&id)).await;
    assert_eq!(answer.said().0, "quick");
    assert_eq!(answer.header("x-accel-buffering"), None);
}

#[tokio::test]
async fn a_call_that_answers_at_once_costs_no_task() {
    use http::Request;
    use http_body_util::{BodyExt, Full};
    use hyper::service::Service;

    let tasks = || Handle::current().metrics().num_alive_tasks();
    let counts = tool("counts", move |_| async move { Ok(tasks().to_string()) });
    let service = http([counts]).into_service().unwrap();
    let post = |body: Value, session: Option<&str>| {
        let mut request = Request::post("/mcp")
            .header("Host", "localhost")
            .header("Content-Type", "application/json");
        if let Some(session) = session {
            request = request.header("Mcp-Session-Id", session);
        }
        request
            .body(Full::<bytes::Bytes>::from(body.to_string()))
            .unwrap()
    };
    let hello = json!({
        "jsonrpc": "2.0", "id": 0, "method": "initialize",
        "params": { "protocolVersion": "2025-11-25" },
    });
    let response = service.call(post(hello, None)).await.unwrap();
    let session = response.headers()["mcp-session-id"]
        .to_str()
        .unwrap()
        .to_owned();
    let before = tasks();
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "counts" } });
    let response = service.call(post(body, Some(&session))).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(text(&body), before.to_string());
    assert_eq!(tasks(), before);
}

#[tokio::test]
async fn the_first_notification_turns_the_answer_into_a_stream() {
    let signal = Signal::default();
    let goes_on = signal.clone();
    let speaks = tool("speaks", move |ctx: Ctx| {
        let signal = goes_on.clone();
        async move {
            ctx.log(LoggingLevel::Info, "first");
            signal.wait().await;
            ctx.log(LoggingLevel::Info, "second");
            Ok("done")
        }
    });
    let server = serving([speaks]);
    let id = session(&server).await;
    let mut stream = server.stream(&call(1, "speaks").session(&id)).await;
    let first = stream.block().await.unwrap();
    assert_eq!(
        first.message(),
        json!({
            "jsonrpc": "2.0", "method": "notifications/message",
            "params": { "level": "info", "data": "first" },
        })
    );
    signal.give();
    assert_eq!(stream.message().await["params"]["data"], "second");
    let (response, _) = stream.response().await;
    assert_eq!((&response["id"], text(&response)), (&json!(1), "done"));
}

#[tokio::test]
async fn what_was_told_before_an_immediate_answer_is_not_lost() {
    let server = serving([logs_once()]);
    let id = session(&server).await;
    let mut stream = server.stream(&call(1, "logs_once").session(&id)).await;
    assert_eq!(stream.message().await["params"]["data"], "on my way");
    assert_eq!(text(&stream.response().await.0), "there");
}

#[tokio::test]
async fn a_connection_can_be_used_again_after_a_stream() {
    let server = serving([logs_once(), quick()]);
    let id = session(&server).await;
    let mut client = server.connect();
    for _ in 0..3 {
        let mut stream = client.stream(&call(1, "logs_once").session(&id)).await;
        stream.message().await;
        (_, client) = stream.response().await;
        let answer = client.ask(&call(1, "quick").session(&id)).await;
        assert_eq!(answer.said().0, "quick");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_outlasts_stream_after_becomes_a_stream_whose_first_byte_comes_at_once() {
    let server = local(http([takes(5 * SECOND)]).stream_after(2 * SECOND));
    let id = session(&server).await;
    let start = Instant::now();
    let mut stream = server.stream(&call(1, "takes").session(&id)).await;
    assert!(start.elapsed() - 2 * SECOND < 2 * MS);
    assert!(stream.block().await.unwrap().is_comment());
    assert!(start.elapsed() - 2 * SECOND < 2 * MS, "the first byte");
    assert_eq!(text(&stream.response().await.0), "took my time");
    assert!(start.elapsed() - 5 * SECOND < 2 * MS);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_ends_before_stream_after_is_answered_in_json() {
    let server = serving([takes(SECOND - 5 * MS)]);
    let id = session(&server).await;
    let answer = server.ask(&call(1, "takes").session(&id)).await;
    assert_eq!(answer.said().0, "took my time");
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_shows_that_it_lives_every_keep_alive() {
    let signal = Signal::default();
    let goes_on = signal.clone();
    let speaks = tool("speaks", move |ctx: Ctx| {
        let signal = goes_on.clone();
        async move {
            ctx.log(LoggingLevel::Info, "hello");
            signal.wait().await;
            sleep(4 * SECOND).await;
            ctx.log(LoggingLevel::Info, "still here");
            signal.wait().await;
            Ok("done")
        }
    });
    let server = local(http([speaks]).keep_alive(10 * SECOND));
    let id = session(&server).await;
    let mut stream = server.stream(&call(1, "speaks").session(&id)).await;
    stream.message().await;
    let mut last = Instant::now();
    for _ in 0..3 {
        assert!(stream.block().await.unwrap().is_comment());
        assert!(last.elapsed() - 10 * SECOND < 2 * MS);
        last = Instant::now();
    }
    signal.give();
    assert_eq!(stream.message().await["params"]["data"], "still here");
    assert!(
        last.elapsed() - 4 * SECOND < 2 * MS,
        "no comment in between"
    );
    last = Instant::now();
    assert!(stream.block().await.unwrap().is_comment());
    assert!(
        last.elapsed() - 10 * SECOND < 2 * MS,
        "a message shows it, too"
    );
    signal.give();
    assert_eq!(text(&stream.response().await.0), "done");
}

#[tokio::test(start_paused = true)]
async fn a_listening_stream_begins_at_once_and_shows_that_it_lives() {
    let server = local(http([quick()]).keep_alive(7 * SECOND));
    let id = session(&server).await;
    let start = Instant::now();
    let mut stream = server.stream(&get(&id)).await;
    assert!(stream.block().await.unwrap().is_comment());
    assert!(start.elapsed() < MS);
    for n in 1..=20 {
        assert!(stream.block().await.unwrap().is_comment());
        assert!(start.elapsed() - n * 7 * SECOND < 2 * MS * n);
    }
}

#[tokio::test(start_paused = true)]
async fn a_keep_alive_that_no_clock_can_count_is_none() {
    let server = local(http([takes(5 * SECOND)]).keep_alive(Duration::MAX));
    let id = session(&server).await;
    let mut stream = server.stream(&call(1, "takes").session(&id)).await;
    assert!(stream.block().await.unwrap().is_comment());
    assert_eq!(stream.messages().await.len(), 1);
}

#[tokio::test]
async fn a_keep_alive_of_nothing_is_no_setting() {
    let refused = http([quick()]).keep_alive(Duration::ZERO).into_service();
    let error = refused.expect_err("comments without end").to_string();
    assert!(error.contains("`keep_alive`"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_stream_after_of_nothing_streams_what_does_not_answer_at_once() {
    let server = local(http([quick(), takes(5 * SECOND)]).stream_after(Duration::ZERO));
    let id = session(&server).await;
    let answer = server.ask(&call(1, "quick").session(&id)).await;
    assert_eq!(answer.said().0, "quick");
    let start = Instant::now();
    let mut stream = server.stream(&call(1, "takes").session(&id)).await;
    assert!(stream.block().await.unwrap().is_comment());
    assert!(start.elapsed() < 2 * MS);
    stream.response().await;
}

// ---- what the client accepts

#[tokio::test(start_paused = true)]
async fn who_takes_json_only_is_answered_in_json_however_long_it_takes() {
    let slow = tool("slow", |ctx: Ctx| async move {
        for n in 0..100 {
            ctx.log(LoggingLevel::Info, n);
            ctx.progress(f64::from(n), None);
            sleep(SECOND).await;
        }
        Ok("done")
    });
    let server = serving([slow]);
    let id = session(&server).await;
    let ask = watched(1, "slow", "t")
        .session(&id)
        .instead("Accept", "application/json");
    let answer = server.ask(&ask).await;
    assert_eq!(answer.said().0, "done");
}

#[tokio::test]
async fn who_takes_streams_only_is_answered_with_a_stream_of_one_event() {
    let server = serving([quick()]);
    let id = session(&server).await;
    for ask in [
        call(1, "quick"),
        call(2, "no such tool"),
        request(3, "ping", &json!({})),
        request(4, "tools/list", &json!({})),
        request(5, "no/such", &json!({})),
    ] {
        let both = server.ask(&ask.clone().session(&id)).await;
        let ask = ask.session(&id).instead("Accept", "text/event-stream");
        let stream = server.stream(&ask).await;
        let (response, mut client) = stream.response().await;
        assert_eq!(response, both.json());
        client.ask(&Ask::ping().session(&id)).await.result();
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_not_known_is_told_so_before_there_is_a_stream() {
    let server = local(fixture::http_with_keys());
    let id = session(&server).await;
    for accept in [
        "application/json, text/event-stream",
        "application/json",
        "text/event-stream",
    ] {
        for tool in ["vault", "mine"] {
            let ask = call(7, tool).session(&id).instead("Accept", accept);
            let answer = server.ask(&ask).await;
            answer.error(401);
            assert_eq!(answer.json()["id"], 7);
            assert!(answer.header("www-authenticate").is_some());
        }
    }
    // The session is nobody's, so nobody's key opens it.
    let answer = server.ask(&call(7, "vault").session(&id).key(ALICE)).await;
    assert_eq!(answer.status, 404);
}

// ---- many at once

#[tokio::test]
async fn calls_that_run_at_once_get_their_own_messages_only() {
    let chats = tool("chats", |ctx: Ctx| async move {
        for n in 1..=50 {
            ctx.progress(f64::from(n), Some(50.0));
            ctx.log(LoggingLevel::Info, ctx.request_id().to_string());
            tokio::task::yield_now().await;
        }
        Ok(ctx.request_id().to_string())
    });
    let server = serving([chats]);
    let id = session(&server).await;
    let mut streams = JoinSet::new();
    for call in 0..8 {
        let ask = watched(call, "chats", format!("token {call}")).session(&id);
        let client = server.connect();
        streams.spawn(async move { (call, client.stream(&ask).await.messages().await) });
    }
    while let Some(done) = streams.join_next().await {
        let (call, messages) = done.unwrap();
        let (response, before) = messages.split_last().unwrap();
        assert_eq!(
            (&response["id"], text(response)),
            (&json!(call), &*call.to_string())
        );
        assert_eq!(before.len(), 100);
        for message in before {
            let params = &message["params"];
            match message["method"].as_str().unwrap() {
                "notifications/progress" => {
                    assert_eq!(params["progressToken"], format!("token {call}"));
                }
                "notifications/message" => assert_eq!(params["data"], call.to_string()),
                other => panic!("{other}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_use_the_same_ids_get_their_own_answers() {
    let echo = Tool::builder("echo").description("Repeats a text").handler(
        |arguments: serde_json::Map<String, Value>, ctx: Ctx| async move {
            let text = arguments["text"].as_str().unwrap_or_default().to_owned();
            if text.ends_with('3') {
                ctx.log(LoggingLevel::Info, &text);
            }
            if text.ends_with(['5', '7']) {
                tokio::task::yield_now().await;
            }
            Ok(text)
        },
    );
    let server = listen(http([echo])).await;
    let mut clients = JoinSet::new();
    for client in 0..64 {
        let mut connection = server.connect().await;
        clients.spawn(async move {
            let id = connection.initialize().await;
            for number in 0..50 {
                let mine = format!("{client} {number}");
                let params = json!({ "name": "echo", "arguments": { "text": mine } });
                let ask = request(1, "tools/call", &params).session(&id);
                if mine.ends_with('3') {
                    let mut stream = connection.stream(&ask).await;
                    assert_eq!(stream.message().await["params"]["data"], mine);
                    let response;
                    (response, connection) = stream.response().await;
                    assert_eq!(text(&response), mine);
                } else {
                    assert_eq!(connection.ask(&ask).await.said().0, mine);
                }
            }
        });
    }
    while let Some(done) = clients.join_next().await {
        done.unwrap();
    }
}

#[tokio::test]
async fn one_wait_serves_another() {
    // A call that waits holds up nobody, not even on the same session.
    let signal = Signal::default();
    let server = serving([waits(&signal), quick()]);
    let id = session(&server).await;
    let mut waiting = server.connect();
    waiting.write(call(1, "waits").session(&id).text()).await;
    for n in 2..50 {
        server.ask(&call(n, "quick").session(&id)).await.result();
    }
    signal.give();
    assert_eq!(waiting.read().await.said().0, "done");
}

#[tokio::test]
async fn capabilities_are_exactly_what_is_served() {
    let mut client = connect(http([quick()]));
    let offered = client.ask(&initialize("2025-11-25", &json!({}))).await;
    assert_eq!(
        offered.result()["capabilities"],
        json!({ "logging": {}, "tools": { "listChanged": true } })
    );
    let id = crate::client::session(&offered);
    for (method, served) in [
        ("tools/list", true),
        ("logging/setLevel", true),
        ("resources/list", false),
        ("resources/templates/list", false),
        ("resources/read", false),
        ("resources/subscribe", false),
        ("resources/unsubscribe", false),
        ("prompts/list", false),
        ("prompts/get", false),
        ("completion/complete", false),
    ] {
        let answer = client
            .ask(&request(1, method, &json!({})).session(&id))
            .await;
        let unknown = answer.json()["error"]["code"] == -32601;
        assert_eq!(unknown, !served, "{method}: {answer:?}");
    }
    // That it is ready is nothing to be answered.
    let ready = notification("notifications/initialized", &json!({}));
    assert_eq!(client.ask(&ready.session(&id)).await.status, 202);
}
