//! What all sessions together may make a server keep.

use std::time::Duration;

use mcp_core::{Ctx, Server, Tool, era::legacy::Resumption, types::logging::LoggingLevel};
use mcp_http::HttpServer;
use serde_json::{Value, json};

use crate::{
    client::{Ask, Local, local},
    events::{call, get, new_session, request, resume, text, tool},
};

fn server(tools: impl IntoIterator<Item = Tool>) -> HttpServer {
    HttpServer::new(Server::new("it", "1").tools(tools).offers_resources())
}

async fn subscribe(server: &Local, session: &str, uri: &str) -> Value {
    let ask = request(1, "resources/subscribe", &json!({ "uri": uri })).session(session);
    server.ask(&ask).await.json()
}

async fn set_level(server: &Local, session: &str, level: &str) -> Value {
    let ask = request(1, "logging/setLevel", &json!({ "level": level })).session(session);
    server.ask(&ask).await.json()
}

#[track_caller]
fn is_refused(answer: &Value) {
    let message = answer["error"]["message"].as_str().expect("an error");
    for word in ["4096 bytes", "used up", "`session_memory`"] {
        assert!(message.contains(word), "{word:?} is not in {message:?}");
    }
}

#[track_caller]
fn is_taken(answer: &Value) {
    assert_eq!(answer["result"], json!({}), "{answer}");
}

// ---- subscriptions and log levels

#[tokio::test]
async fn subscriptions_of_all_sessions_share_a_memory() {
    let server = local(server([]).session_memory(4096));
    let one = new_session(&server, &json!({})).await;
    let two = new_session(&server, &json!({})).await;
    let uri = |at: usize| format!("docs://{}", "x".repeat(1000 + at));
    for at in 0..3 {
        is_taken(&subscribe(&server, &one, &uri(at)).await);
    }
    is_refused(&subscribe(&server, &one, &uri(3)).await);
    is_refused(&subscribe(&server, &two, &uri(0)).await);
    // What is there already costs nothing.
    is_taken(&subscribe(&server, &one, &uri(2)).await);
    // What one gives up another may have.
    let ask = request(1, "resources/unsubscribe", &json!({ "uri": uri(0) })).session(&one);
    is_taken(&server.ask(&ask).await.json());
    is_taken(&subscribe(&server, &two, "docs://x").await);
    is_refused(&subscribe(&server, &two, &uri(0)).await);
    // And what was refused is not remembered: all of it is there again after the end.
    for session in [one, two] {
        assert_eq!(server.ask(&Ask::delete(&session)).await.status, 204);
    }
    let three = new_session(&server, &json!({})).await;
    for at in 0..3 {
        is_taken(&subscribe(&server, &three, &uri(at)).await);
    }
}

#[tokio::test]
async fn log_levels_of_all_sessions_share_a_memory_and_the_usual_one_takes_none() {
    let server = local(server([]).session_memory(4096));
    let mut sessions = Vec::new();
    loop {
        let session = new_session(&server, &json!({})).await;
        let answer = set_level(&server, &session, "error").await;
        if answer.get("error").is_some() {
            is_refused(&answer);
            is_taken(&set_level(&server, &session, "info").await);
            break;
        }
        is_taken(&answer);
        sessions.push(session);
        assert!(sessions.len() < 100, "they take nothing");
    }
    // A level that is there already can be changed, and given up.
    let first = &sessions[0];
    is_taken(&set_level(&server, first, "debug").await);
    is_taken(&set_level(&server, first, "info").await);
    let other = new_session(&server, &json!({})).await;
    is_taken(&set_level(&server, &other, "error").await);
    is_refused(&set_level(&server, first, "error").await);
}

#[tokio::test]
async fn what_a_session_kept_that_is_over_is_free_for_others() {
    // Each request is the last of its session.
    let server = local(server([]).session_memory(4096).session_idle(Duration::ZERO));
    let uri = format!("docs://{}", "x".repeat(1000));
    for _ in 0..4 {
        let session = new_session(&server, &json!({})).await;
        is_taken(&subscribe(&server, &session, &uri).await);
        let late = server.ask(&Ask::ping().session(&session)).await;
        assert_eq!(late.status, 404);
    }
}

// ---- streams

fn kept(total_bytes: usize) -> Resumption {
    let mut kept = Resumption::default();
    kept.total_bytes = total_bytes;
    kept
}

fn large() -> Tool {
    tool("large", |ctx: Ctx| async move {
        for n in 0..3 {
            ctx.log(LoggingLevel::Info, json!([n, "x".repeat(1000)]));
            tokio::task::yield_now().await;
        }
        Ok("done")
    })
}

#[tokio::test]
async fn streams_of_all_sessions_share_what_is_kept() {
    let server = local(server([large()]).resumable(kept(4400)));
    let one = new_session(&server, &json!({})).await;
    let two = new_session(&server, &json!({})).await;
    // All of the first is kept.
    let mut stream = server.stream(&call(1, "large").session(&one)).await;
    let origin = stream.block().await.unwrap().id.unwrap();
    assert_eq!(stream.messages().await.len(), 4);
    let mut again = server.stream(&resume(&one, &origin)).await;
    assert_eq!(again.messages().await.len(), 4);
    // There is no room for a second one: it works, and cannot be resumed.
    let mut stream = server.stream(&call(2, "large").session(&two)).await;
    let mut messages = stream.messages().await;
    assert_eq!(messages.len(), 4);
    assert_eq!(text(&messages.pop().unwrap()), "done");
    let mut listening = server.stream(&get(&two)).await;
    assert!(listening.block().await.unwrap().is_comment());
    // The end of the first session makes room.
    assert_eq!(server.ask(&Ask::delete(&one)).await.status, 204);
    let mut stream = server.stream(&call(3, "large").session(&two)).await;
    assert!(stream.block().await.unwrap().id.is_some());
}

#[tokio::test]
async fn what_was_kept_for_a_session_that_is_over_is_free_for_others() {
    let server = server([large()]).resumable(kept(4400));
    let server = local(server.session_idle(Duration::ZERO));
    for _ in 0..2 {
        let session = new_session(&server, &json!({})).await;
        let mut stream = server.stream(&call(1, "large").session(&session)).await;
        assert!(stream.block().await.unwrap().id.is_some(), "it is kept");
        assert_eq!(stream.messages().await.len(), 4);
    }
}

#[tokio::test]
async fn a_stream_keeps_what_came_last_where_there_is_no_room_for_more() {
    let server = local(server([large()]).resumable(kept(2500)));
    let session = new_session(&server, &json!({})).await;
    let mut stream = server.stream(&call(1, "large").session(&session)).await;
    let origin = stream.block().await.unwrap().id.unwrap();
    // Whoever reads along misses nothing.
    assert_eq!(stream.messages().await.len(), 4);
    let mut again = server.stream(&resume(&session, &origin)).await;
    let kept = again.messages().await;
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert_eq!(text(&kept[1]), "done");
}
