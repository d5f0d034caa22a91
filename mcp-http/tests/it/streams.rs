//! The adaptive reply, and what calls tell on the way: progress and log messages.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use mcp_core::{AskError, Ctx, Server, ServerBuilder, Tool, types::logging::LoggingLevel};
use mcp_http::HttpServer;
use serde_json::{Value, json, value::RawValue};
use tokio::{
    runtime::Handle,
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    client::{Ask, Local, connect, listen, local},
    events::{
        Shelf, Signal, call, code, get, initialize, new_session, notification, request, telling,
        text, tool, watched,
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

// ---- progress

#[tokio::test]
async fn progress_only_ever_increases() {
    let odd = tool("odd", |ctx: Ctx| async move {
        for progress in [
            1.0,
            1.0,
            0.5,
            -3.0,
            f64::NAN,
            f64::INFINITY,
            2.5,
            2.0,
            2.500_001,
        ] {
            ctx.progress(progress, Some(10.0));
        }
        ctx.progress_with(3.0, Some(f64::NAN), "three");
        ctx.progress_with(4.0, None, "four\nof\r\nmany");
        Ok("done")
    });
    let server = serving([odd]);
    let id = session(&server).await;
    let mut stream = server.stream(&watched(1, "odd", "t").session(&id)).await;
    let messages = stream.messages().await;
    let params = |n: usize| &messages[n]["params"];
    for (n, expected) in [
        json!({ "progressToken": "t", "progress": 1.0, "total": 10.0 }),
        json!({ "progressToken": "t", "progress": 2.5, "total": 10.0 }),
        json!({ "progressToken": "t", "progress": 2.500_001, "total": 10.0 }),
        json!({ "progressToken": "t", "progress": 3.0, "message": "three" }),
        json!({ "progressToken": "t", "progress": 4.0, "message": "four\nof\r\nmany" }),
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(messages[n]["method"], "notifications/progress");
        assert_eq!(params(n), expected);
    }
    assert_eq!(messages.len(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn progress_increases_even_if_several_tell_it_at_once() {
    let crowd = tool("crowd", |ctx: Ctx| async move {
        let threads = (0..4).map(|thread| {
            let ctx = ctx.clone();
            tokio::task::spawn_blocking(move || {
                for n in 0..500 {
                    ctx.progress(f64::from(4 * n + thread), None);
                }
            })
        });
        for thread in threads.collect::<Vec<_>>() {
            thread.await?;
        }
        Ok("done")
    });
    let server = serving([crowd]);
    let id = session(&server).await;
    for _ in 0..20 {
        let mut stream = server.stream(&watched(1, "crowd", 1).session(&id)).await;
        let mut messages = stream.messages().await;
        assert_eq!(text(&messages.pop().unwrap()), "done");
        let told: Vec<f64> = messages
            .iter()
            .map(|message| message["params"]["progress"].as_f64().unwrap())
            .collect();
        assert!(told.is_sorted_by(|a, b| a < b), "{told:?}");
    }
}

#[tokio::test]
async fn a_progress_token_comes_back_as_what_it_was() {
    let server = serving([tool("tells", |ctx: Ctx| async move {
        ctx.progress(1.0, None);
        Ok("done")
    })]);
    let id = session(&server).await;
    for token in [
        json!("abc"),
        json!("7"),
        json!(7),
        json!(0),
        json!(-1),
        json!(""),
        json!(9_007_199_254_740_993_u64),
        json!("ü\"\n"),
    ] {
        let ask = watched(1, "tells", token.clone()).session(&id);
        let mut stream = server.stream(&ask).await;
        assert_eq!(stream.message().await["params"]["progressToken"], token);
        stream.response().await;
    }
}

#[tokio::test]
async fn without_a_token_progress_is_silent() {
    let server = serving([tool("tells", |ctx: Ctx| async move {
        ctx.progress(1.0, None);
        tokio::task::yield_now().await;
        ctx.progress(2.0, None);
        Ok("done")
    })]);
    let id = session(&server).await;
    for meta in [
        json!({}),
        json!({ "progressToken": null }),
        json!({ "progressToken": 1.5 }),
        json!({ "progressToken": [] }),
    ] {
        let params = json!({ "name": "tells", "_meta": meta });
        let ask = request(1, "tools/call", &params).session(&id);
        // In one piece: nothing was sent on the way.
        assert_eq!(server.ask(&ask).await.said().0, "done");
    }
}

#[tokio::test]
async fn progress_is_told_of_resources_and_prompts_too() {
    let page =
        mcp_core::Resource::builder("docs://page", "page").handler(|_, ctx: Ctx| async move {
            ctx.progress(1.0, None);
            Ok::<_, AskError>("text")
        });
    let ask_for = mcp_core::Prompt::builder("ask_for").handler(|_, ctx: Ctx| async move {
        ctx.progress(1.0, None);
        Ok("text")
    });
    let server = Server::new("it", "1").resources([page]).prompts([ask_for]);
    let server = local(HttpServer::new(server));
    let id = session(&server).await;
    for (method, mut params) in [
        ("resources/read", json!({ "uri": "docs://page" })),
        ("prompts/get", json!({ "name": "ask_for" })),
    ] {
        params["_meta"] = json!({ "progressToken": 5 });
        let mut stream = server
            .stream(&request(1, method, &params).session(&id))
            .await;
        assert_eq!(stream.message().await["params"]["progressToken"], 5);
        assert!(stream.response().await.0.get("result").is_some());
    }
}

#[tokio::test]
async fn nothing_is_told_after_the_response() {
    let kept = Shelf::default();
    let keeps = kept.clone();
    let leaves = tool("leaves", move |ctx: Ctx| {
        let keeps = keeps.clone();
        async move {
            ctx.progress(1.0, None);
            keeps.put(ctx);
            Ok("done")
        }
    });
    let server = serving([leaves]);
    let id = session(&server).await;
    let mut listening = server.stream(&get(&id)).await;
    let mut stream = server.stream(&watched(1, "leaves", 1).session(&id)).await;
    stream.message().await;
    let (_, mut client) = stream.response().await;
    let ctx: Ctx = kept.take();
    ctx.progress(2.0, None);
    ctx.log(LoggingLevel::Emergency, "too late");
    // Neither on this connection nor on any other.
    client.ask(&Ask::ping().session(&id)).await.result();
    server.ask(&Ask::delete(&id)).await;
    assert_eq!(listening.messages().await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_never_stops_talking_does_not_hold_up_the_response() {
    let quiet = Arc::new(AtomicBool::new(false));
    let be_quiet = Arc::clone(&quiet);
    let babbles = tool("babbles", move |ctx: Ctx| {
        let quiet = Arc::clone(&quiet);
        async move {
            ctx.log(LoggingLevel::Info, "bla");
            std::thread::spawn(move || {
                while !quiet.load(Ordering::Relaxed) {
                    ctx.log(LoggingLevel::Info, "bla");
                }
            });
            tokio::task::yield_now().await;
            Ok("done")
        }
    });
    let server = serving([babbles]);
    let id = session(&server).await;
    let mut stream = server.stream(&call(1, "babbles").session(&id)).await;
    let messages = stream.messages().await;
    assert_eq!(text(messages.last().unwrap()), "done");
    be_quiet.store(true, Ordering::Relaxed);
}

#[tokio::test]
async fn a_flood_of_progress_is_bounded_and_its_end_is_told() {
    let floods = tool("floods", |ctx: Ctx| async move {
        for n in 0..100_000 {
            ctx.progress(f64::from(n), Some(100_000.0));
        }
        Ok("done")
    });
    let server = serving([floods]);
    let id = session(&server).await;
    let mut stream = server.stream(&watched(1, "floods", 1).session(&id)).await;
    let mut messages = stream.messages().await;
    assert_eq!(text(&messages.pop().unwrap()), "done");
    assert!((1..=64).contains(&messages.len()), "{}", messages.len());
    let last = &messages.last().unwrap()["params"]["progress"];
    assert_eq!(last, 99_999.0);
}

#[tokio::test]
async fn what_waits_to_be_sent_is_bounded_in_bytes_too() {
    let floods = tool("floods", |ctx: Ctx| async move {
        let large = "x".repeat(100_000);
        for n in 0..50 {
            ctx.log(LoggingLevel::Info, json!({ "n": n, "text": large }));
        }
        Ok("done")
    });
    let server = serving([floods]);
    let id = session(&server).await;
    let mut stream = server.stream(&call(1, "floods").session(&id)).await;
    let messages = stream.messages().await;
    let told: Vec<&Value> = messages.iter().map(|m| &m["params"]["data"]["n"]).collect();
    assert_eq!(told, [&json!(48), &json!(49), &Value::Null]);
}

// ---- log messages

/// Logs at every level.
fn logs() -> Tool {
    use LoggingLevel::{Alert, Critical, Debug, Emergency, Error, Info, Notice, Warning};

    tool("logs", |ctx: Ctx| async move {
        for level in [
            Debug, Info, Notice, Warning, Error, Critical, Alert, Emergency,
        ] {
            ctx.log(level, "x");
        }
        Ok("done")
    })
}

const LEVELS: [&str; 8] = [
    "debug",
    "info",
    "notice",
    "warning",
    "error",
    "critical",
    "alert",
    "emergency",
];

fn set_level(session: &str, level: &str) -> Ask {
    request(9, "logging/setLevel", &json!({ "level": level })).session(session)
}

/// At which levels that session is told.
async fn levels(server: &Local, session: &str) -> Vec<String> {
    let mut stream = server.stream(&call(1, "logs").session(session)).await;
    let mut messages = stream.messages().await;
    messages.pop();
    let level = |message: &Value| message["params"]["level"].as_str().unwrap().to_owned();
    messages.iter().map(level).collect()
}

#[tokio::test]
async fn log_messages_are_told_from_the_level_that_was_set() {
    let server = serving([logs()]);
    let id = session(&server).await;
    for (at, level) in LEVELS.iter().enumerate() {
        let answer = server.ask(&set_level(&id, level)).await;
        assert_eq!(answer.result(), json!({}));
        assert_eq!(levels(&server, &id).await, LEVELS[at..], "{level}");
    }
}

#[tokio::test]
async fn who_has_set_no_level_is_not_told_of_details() {
    let server = serving([logs()]);
    let id = session(&server).await;
    assert_eq!(levels(&server, &id).await, LEVELS[1..]);
}

#[tokio::test]
async fn each_session_has_a_level_of_its_own() {
    let server = serving([logs()]);
    let [one, two] = [session(&server).await, session(&server).await];
    server.ask(&set_level(&one, "alert")).await.result();
    server.ask(&set_level(&two, "critical")).await.result();
    assert_eq!(levels(&server, &one).await, LEVELS[6..]);
    assert_eq!(levels(&server, &two).await, LEVELS[5..]);
    assert_eq!(levels(&server, &session(&server).await).await, LEVELS[1..]);
}

#[tokio::test]
async fn a_level_that_there_is_not_is_refused_and_changes_nothing() {
    let server = serving([logs()]);
    let id = session(&server).await;
    server.ask(&set_level(&id, "alert")).await.result();
    for params in [
        json!({ "level": "loud" }),
        json!({ "level": "Error" }),
        json!({ "level": 3 }),
        json!({ "level": null }),
        json!({}),
    ] {
        let ask = request(1, "logging/setLevel", &params).session(&id);
        let answer = server.ask(&ask).await;
        assert_eq!(code(&answer.json()), -32602, "{params}");
    }
    assert_eq!(levels(&server, &id).await, LEVELS[6..]);
}

#[tokio::test]
async fn a_level_counts_for_calls_that_run_already() {
    let (told, mut hears) = telling();
    let signal = Signal::default();
    let goes_on = signal.clone();
    let chats = tool("chats", move |ctx: Ctx| {
        let (signal, told) = (goes_on.clone(), told.clone());
        async move {
            for n in 0..3 {
                ctx.log(LoggingLevel::Debug, format!("detail {n}"));
                ctx.log(LoggingLevel::Error, format!("fault {n}"));
                told.tell("logged");
                if n < 2 {
                    signal.wait().await;
                }
            }
            Ok("done")
        }
    });
    let server = serving([chats]);
    let id = session(&server).await;
    let mut stream = server.stream(&call(1, "chats").session(&id)).await;
    let told = |message: Value| message["params"]["data"].as_str().unwrap().to_owned();
    assert_eq!(told(stream.message().await), "fault 0");
    hears.hear("logged").await;
    server.ask(&set_level(&id, "debug")).await.result();
    signal.give();
    assert_eq!(told(stream.message().await), "detail 1");
    assert_eq!(told(stream.message().await), "fault 1");
    hears.hear("logged").await;
    server.ask(&set_level(&id, "emergency")).await.result();
    signal.give();
    assert_eq!(text(&stream.response().await.0), "done");
}

#[tokio::test]
async fn a_log_message_may_be_anything_and_is_one_line() {
    let odd = tool("odd", |ctx: Ctx| async move {
        let lines = "{\n \"a\":\r\n [1,\n2] }".to_owned();
        ctx.log(LoggingLevel::Info, RawValue::from_string(lines)?);
        ctx.log(LoggingLevel::Info, "a\nb\r\nc\rd\u{2028}\n\ndata: x");
        ctx.log_as("db", LoggingLevel::Warning, json!({ "rows": 3 }));
        ctx.log(LoggingLevel::Info, Option::<u8>::None);
        // Not JSON: it is told as what it is not, and the message is one nevertheless.
        let unspeakable = std::collections::HashMap::from([((1, 2), 3)]);
        ctx.log(LoggingLevel::Info, unspeakable);
        Ok("done")
    });
    let server = serving([odd]);
    let id = session(&server).await;
    let mut stream = server.stream(&call(1, "odd").session(&id)).await;
    let messages = stream.messages().await;
    let params = |n: usize| messages[n]["params"].clone();
    assert_eq!(params(0)["data"], json!({ "a": [1, 2] }));
    assert_eq!(params(1)["data"], "a\nb\r\nc\rd\u{2028}\n\ndata: x");
    assert_eq!(
        params(2),
        json!({ "level": "warning", "logger": "db", "data": { "rows": 3 } })
    );
    assert_eq!(params(3)["data"], Value::Null);
    assert_eq!(params(4)["level"], "info");
    assert!(
        params(4)["data"].as_str().unwrap().contains("serialise"),
        "{messages:?}"
    );
    assert_eq!(messages.len(), 6);
}

#[tokio::test]
async fn what_is_logged_may_itself_log() {
    struct Chatty(Ctx);
    impl serde::Serialize for Chatty {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.0.log(LoggingLevel::Info, "inner");
            serializer.serialize_str("outer")
        }
    }
    let server = serving([tool("chatty", |ctx: Ctx| async move {
        ctx.log(LoggingLevel::Info, Chatty(ctx.clone()));
        Ok("done")
    })]);
    let id = session(&server).await;
    let mut stream = server.stream(&call(1, "chatty").session(&id)).await;
    assert_eq!(stream.message().await["params"]["data"], "inner");
    assert_eq!(stream.message().await["params"]["data"], "outer");
    stream.response().await;
}

#[tokio::test(start_paused = true)]
async fn a_message_from_a_task_that_the_call_waits_for_is_sent_at_once() {
    let (told, mut hears) = telling();
    let signal = Signal::default();
    let goes_on = signal.clone();
    let spawns = tool("spawns", move |ctx: Ctx| {
        let (signal, told) = (goes_on.clone(), told.clone());
        async move {
            tokio::spawn(async move {
                for n in 0..3 {
                    signal.wait().await;
                    ctx.log(LoggingLevel::Info, n);
                }
                signal.wait().await;
            })
            .await?;
            told.tell("joined");
            Ok("done")
        }
    });
    let server = serving([spawns]);
    let id = session(&server).await;
    let mut client = server.connect();
    client.write(call(1, "spawns").session(&id).text()).await;
    // Once the call waits for its task and nothing else happens.
    sleep(100 * MS).await;
    let start = Instant::now();
    signal.give();
    let mut stream = client.stream_begins().await;
    assert_eq!(stream.message().await["params"]["data"], 0);
    for n in 1..3 {
        signal.give();
        assert_eq!(stream.message().await["params"]["data"], n);
    }
    assert!(start.elapsed() < 100 * MS);
    hears.nothing();
    signal.give();
    assert_eq!(text(&stream.response().await.0), "done");
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
