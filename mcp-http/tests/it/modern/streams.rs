//! One call while it runs: what is told on the way, in which form it is answered, and how it ends
//! when nobody waits for it any more.

use std::time::Duration;

use mcp_core::{Ctx, Server, Tool, types::logging::LoggingLevel};
use mcp_http::HttpServer;
use serde_json::{Value, json};

use super::{refused, request};
use crate::{
    client::{Ask, Local, listen, local},
    events::{Hears, Shelf, Signal, Told, code, telling, text, tool},
};

const FOREVER: Duration = Duration::from_secs(3600);

/// A tool that waits, and tells when it starts, finishes, or is dropped; with `logs`, it sends
/// something first.
fn runs(name: &'static str, told: &Told, go_on: &Signal, late: &Shelf<Ctx>) -> Tool {
    let (told, go_on, late) = (told.clone(), go_on.clone(), late.clone());
    tool(name, move |ctx: Ctx| {
        let (told, go_on, late) = (told.clone(), go_on.clone(), late.clone());
        async move {
            if name == "speaks" {
                ctx.progress(1.0, None);
            }
            let dropped = told.when_dropped("dropped");
            late.put(ctx);
            told.tell("started");
            go_on.wait().await;
            std::mem::forget(dropped);
            told.tell("finished");
            Ok("done")
        }
    })
}

struct Scene {
    http: HttpServer,
    hears: Hears,
    go_on: Signal,
    late: Shelf<Ctx>,
}

fn scene() -> Scene {
    let (told, hears) = telling();
    let (go_on, late) = (Signal::default(), Shelf::default());
    let server = Server::new("it", "1").tools([
        runs("runs", &told, &go_on, &late),
        runs("speaks", &told, &go_on, &late),
        tool("quick", |_| async { Ok("quick") }),
        tool("asks", |ctx: Ctx| async move {
            ctx.list_roots().await?;
            Ok("asked")
        }),
        tool("counts", |ctx: Ctx| async move {
            for done in [1.0, 2.0, 2.0, 1.0, 3.0] {
                ctx.progress_with(done, Some(3.0), "counting");
            }
            tokio::task::yield_now().await;
            Ok("done")
        }),
        tool("logs", |ctx: Ctx| async move {
            ctx.log(LoggingLevel::Debug, "debug");
            ctx.log_as("it", LoggingLevel::Info, json!({ "at": "info" }));
            ctx.log(LoggingLevel::Error, "error");
            tokio::task::yield_now().await;
            Ok("done")
        }),
    ]);
    let http = HttpServer::new(server).stream_after(FOREVER);
    Scene {
        http,
        hears,
        go_on,
        late,
    }
}

/// A call by a client that is told progress.
fn watched(tool: &str, token: impl Into<Value>) -> Ask {
    let token: Value = token.into();
    let params = json!({ "name": tool, "_meta": { "progressToken": token } });
    request(1, "tools/call", &params)
}

fn call(tool: &str) -> Ask {
    request(1, "tools/call", &json!({ "name": tool }))
}

/// A call by a client that wants log messages of this level.
fn logged(tool: &str, level: &Value) -> Ask {
    let params = json!({
        "name": tool,
        "_meta": { "io.modelcontextprotocol/logLevel": level },
    });
    request(1, "tools/call", &params)
}

/// What is told before the response, which must be the last.
async fn told(server: &Local, ask: &Ask) -> Vec<Value> {
    let mut messages = server.stream(ask).await.messages().await;
    let response = messages.pop().unwrap();
    assert_eq!(text(&response), "done");
    messages
}

// ---- nobody waits any more

#[tokio::test]
async fn a_lost_connection_cancels_a_call_that_has_sent_nothing() {
    let Scene {
        http,
        mut hears,
        late,
        ..
    } = scene();
    let server = local(http);
    let mut client = server.connect();
    client.write(call("runs").text()).await;
    hears.hear("started").await;
    let ctx = late.take();
    assert!(!ctx.is_cancelled());
    drop(client);
    hears.hear_soon("dropped").await;
    assert!(ctx.is_cancelled());
    server.ask(&call("quick")).await.result();
    hears.nothing();
}

#[tokio::test]
async fn a_lost_connection_cancels_a_call_of_a_json_client() {
    let Scene {
        http, mut hears, ..
    } = scene();
    let mut client = local(http).connect();
    let ask = call("runs").instead("Accept", "application/json");
    client.write(ask.text()).await;
    hears.hear("started").await;
    drop(client);
    hears.hear_soon("dropped").await;
}

#[tokio::test]
async fn a_lost_connection_cancels_a_call_that_has_become_a_stream() {
    let Scene {
        http,
        mut hears,
        late,
        ..
    } = scene();
    let server = local(http);
    let mut stream = server.stream(&watched("speaks", 7)).await;
    assert_eq!(stream.message().await["method"], "notifications/progress");
    hears.hear("started").await;
    let ctx = late.take();
    drop(stream);
    hears.hear_soon("dropped").await;
    assert!(ctx.is_cancelled());
    // Whoever still holds the context speaks to nobody.
    ctx.progress(2.0, None);
    ctx.log(LoggingLevel::Error, "hello?");
}

#[tokio::test]
async fn a_lost_connection_cancels_a_call_that_took_its_time() {
    let Scene {
        http, mut hears, ..
    } = scene();
    let server = local(http.stream_after(Duration::from_millis(1)));
    let mut stream = server.stream(&call("runs")).await;
    assert!(stream.block().await.unwrap().is_comment());
    hears.hear("started").await;
    drop(stream);
    hears.hear_soon("dropped").await;
}

#[tokio::test]
async fn a_socket_that_closes_cancels_its_call() {
    for tool in ["runs", "speaks"] {
        let Scene {
            http, mut hears, ..
        } = scene();
        let server = listen(http).await;
        let mut client = server.connect().await;
        client.write(watched(tool, "t").text()).await;
        hears.hear("started").await;
        drop(client);
        hears.hear_soon("dropped").await;
        server.stop().await;
    }
}

#[tokio::test]
async fn a_notification_over_http_cancels_nothing() {
    let Scene {
        http,
        mut hears,
        go_on,
        ..
    } = scene();
    let server = local(http);
    let mut client = server.connect();
    client.write(call("runs").text()).await;
    hears.hear("started").await;
    let message = json!({
        "jsonrpc": "2.0", "method": "notifications/cancelled",
        "params": { "requestId": 1, "_meta": super::meta(&json!({})) },
    });
    server.tell(&super::bare(&message)).await;
    go_on.give();
    assert_eq!(client.read().await.said().0, "done");
    hears.hear("finished").await;
}

#[tokio::test]
async fn requests_with_the_same_id_know_nothing_of_each_other() {
    let Scene {
        http,
        mut hears,
        go_on,
        ..
    } = scene();
    let server = local(http);
    let mut clients = [server.connect(), server.connect()];
    for client in &mut clients {
        client.write(call("runs").text()).await;
        hears.hear("started").await;
    }
    let [one, mut other] = clients;
    drop(one);
    hears.hear_soon("dropped").await;
    hears.nothing();
    go_on.give();
    assert_eq!(other.read().await.said().0, "done");
}

// ---- the form of an answer

#[tokio::test]
async fn a_call_that_says_nothing_on_the_way_is_one_json_body() {
    let server = local(scene().http);
    let answer = server.ask(&call("quick")).await;
    assert_eq!(answer.said().0, "quick");
    // Nobody asked to be told.
    for tool in ["counts", "logs"] {
        assert_eq!(server.ask(&call(tool)).await.said().0, "done");
    }
}

#[tokio::test]
async fn a_call_that_takes_its_time_becomes_a_stream() {
    let Scene { http, go_on, .. } = scene();
    let server = local(http.stream_after(Duration::from_millis(1)));
    let mut stream = server.stream(&call("runs")).await;
    assert!(stream.block().await.unwrap().is_comment());
    go_on.give();
    let (response, mut client) = stream.response().await;
    assert_eq!(text(&response), "done");
    assert_eq!(response["result"]["resultType"], "complete");
    // The stream has ended, the connection has not.
    assert_eq!(client.ask(&call("quick")).await.said().0, "quick");
}

#[tokio::test]
async fn events_of_this_era_cannot_be_resumed_and_have_no_ids() {
    let Scene { http, go_on, .. } = scene();
    let server = local(http.resumable(mcp_core::era::legacy::Resumption::default()));
    let mut stream = server.stream(&watched("speaks", 1)).await;
    go_on.give();
    while let Some(event) = stream.event().await {
        assert_eq!(
            (event.id.as_deref(), event.retry),
            (None, None),
            "{event:?}"
        );
    }
}

#[tokio::test]
async fn who_takes_only_events_gets_events() {
    let server = local(scene().http);
    for (ask, method_is_known) in [
        (call("quick"), true),
        (request(1, "nope", &json!({})), false),
    ] {
        let ask = ask.instead("Accept", "text/event-stream");
        if method_is_known {
            let (response, _) = server.stream(&ask).await.response().await;
            assert_eq!(text(&response), "quick");
        } else {
            // Refusals have a status to be told by.
            assert_eq!(refused(&server.ask(&ask).await, 404).0, -32601);
        }
    }
    for params in [json!({ "name": "nope" }), json!({ "name": "asks" })] {
        let ask = request(1, "tools/call", &params).instead("Accept", "text/event-stream");
        let (code, _) = refused(&server.ask(&ask).await, 400);
        assert!([-32602, -32021].contains(&code), "{params}: {code}");
    }
}

#[tokio::test]
async fn who_takes_only_json_gets_json_and_nothing_on_the_way() {
    let server = local(scene().http.stream_after(Duration::ZERO));
    for ask in [watched("counts", 1), logged("logs", &json!("debug"))] {
        let answer = server.ask(&ask.instead("Accept", "application/json")).await;
        assert_eq!(answer.said().0, "done");
    }
}

// ---- progress and log

#[tokio::test]
async fn progress_carries_its_token_and_only_grows() {
    let server = local(scene().http);
    for token in [json!(7), json!("7"), json!("a/b")] {
        let told = told(&server, &watched("counts", token.clone())).await;
        let progress: Vec<_> = told
            .iter()
            .map(|it| {
                assert_eq!(it["method"], "notifications/progress");
                assert_eq!(it["params"]["progressToken"], token);
                assert_eq!(it["params"]["total"], 3.0);
                assert_eq!(it["params"]["message"], "counting");
                it["params"]["progress"].as_f64().unwrap()
            })
            .collect();
        assert_eq!(progress, [1.0, 2.0, 3.0]);
    }
}

#[tokio::test]
async fn two_calls_are_told_their_own_progress_only() {
    let server = local(scene().http);
    let (a, b) = (watched("counts", "a"), watched("counts", "b"));
    let (a, b) = tokio::join!(told(&server, &a), told(&server, &b));
    for (told, token) in [(a, "a"), (b, "b")] {
        assert_eq!(told.len(), 3);
        assert!(told.iter().all(|it| it["params"]["progressToken"] == token));
    }
}

#[tokio::test]
async fn log_messages_are_of_the_level_that_each_request_asks_for() {
    let server = local(scene().http);
    for (level, expected) in [
        ("debug", vec!["debug", "info", "error"]),
        ("info", vec!["info", "error"]),
        ("notice", vec!["error"]),
        ("error", vec!["error"]),
    ] {
        let told = told(&server, &logged("logs", &json!(level))).await;
        let levels: Vec<_> = told
            .iter()
            .map(|it| {
                assert_eq!(it["method"], "notifications/message");
                it["params"]["level"].as_str().unwrap()
            })
            .collect();
        assert_eq!(levels, expected, "{level}");
    }
    let answer = server.ask(&logged("logs", &json!("emergency"))).await;
    assert_eq!(answer.said().0, "done");
    // And the next request of the same client, without a level, gets none.
    let answer = server.ask(&call("logs")).await;
    assert_eq!(answer.said().0, "done");
}

#[tokio::test]
async fn a_log_level_that_is_none_is_refused() {
    let server = local(scene().http);
    for level in [
        json!("verbose"),
        json!("Debug"),
        json!(""),
        json!(7),
        json!({}),
    ] {
        let answer = server.ask(&logged("logs", &level)).await;
        assert_eq!(refused(&answer, 400).0, -32602, "{level}");
    }
}

#[tokio::test]
async fn a_legacy_log_level_is_no_level_here() {
    let server = local(scene().http);
    let mut client = server.connect();
    let session = client.initialize().await;
    let set = Ask::rpc("logging/setLevel", &json!({ "level": "debug" }));
    client.ask(&set.session(&session)).await.result();
    let answer = client.ask(&call("logs").session(&session)).await;
    assert_eq!(answer.said().0, "done");
}

#[tokio::test]
async fn an_error_after_the_first_message_ends_the_stream_as_a_response() {
    let fails = tool("fails", |ctx: Ctx| async move {
        ctx.progress(1.0, None);
        tokio::task::yield_now().await;
        ctx.list_roots().await?;
        Ok("done")
    });
    let server = local(HttpServer::new(Server::new("it", "1").tools([fails])));
    let mut stream = server.stream(&watched("fails", 1)).await;
    assert_eq!(stream.message().await["method"], "notifications/progress");
    let (response, _) = stream.response().await;
    assert_eq!(code(&response), -32021);
}
