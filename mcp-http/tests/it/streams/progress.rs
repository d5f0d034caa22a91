//! Progress, as calls tell it on the way.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use mcp_core::{AskError, Ctx, Server, types::logging::LoggingLevel};
use mcp_http::HttpServer;
use serde_json::{Value, json};

use super::{serving, session};
use crate::{
    client::{Ask, local},
    events::{Shelf, call, get, request, text, tool, watched},
};

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
