//! Several questions of one call, together and one after another.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use mcp_core::{Ctx, ToolError, types::logging::LoggingLevel};
use serde_json::json;

use super::{Name, Scene, asks, said};
use crate::events::{text, tool, watched};

#[tokio::test]
async fn questions_that_are_asked_together_travel_together() {
    let both = tool("both", |ctx: Ctx| async move {
        let (name, roots) = tokio::join!(ctx.elicit::<Name>("Name?"), ctx.list_roots());
        Ok(format!("{} {}", name?.name, roots?.len()))
    });
    for backwards in [false, true] {
        let scene = Scene::new([both.clone()]).await;
        let mut stream = scene.call(1, "both").await;
        // Both are there before any answer.
        let mut questions = [stream.message().await, stream.message().await];
        assert_eq!(questions[0]["method"], "elicitation/create");
        assert_eq!(questions[1]["method"], "roots/list");
        if backwards {
            questions.reverse();
        }
        for question in &questions {
            let result = match question["method"].as_str() {
                Some("roots/list") => json!({ "roots": [{ "uri": "file:///a" }] }),
                _ => json!({ "action": "accept", "content": { "name": "Ada" } }),
            };
            scene.answer(question, &result).await;
        }
        assert_eq!(said(stream).await, "Ada 1");
    }
}

#[tokio::test]
async fn however_many_are_asked_together_none_is_lost() {
    const MANY: usize = 200;
    let many = tool("many", |ctx: Ctx| async move {
        // What is merely told may be lost; what is asked may not.
        for n in 0..100 {
            ctx.log(LoggingLevel::Info, n);
        }
        let mut asks: Vec<_> = (0..MANY)
            .map(|n| Box::pin(ctx.elicit::<Name>(n.to_string())))
            .collect();
        let mut names = Vec::new();
        // All at once, as `join_all` would.
        std::future::poll_fn(|cx| {
            asks.retain_mut(|ask| match ask.as_mut().poll(cx) {
                std::task::Poll::Ready(name) => {
                    names.push(name.map(|name| name.name));
                    false
                }
                std::task::Poll::Pending => true,
            });
            match asks.is_empty() {
                true => std::task::Poll::Ready(()),
                false => std::task::Poll::Pending,
            }
        })
        .await;
        let names: Vec<String> = names.into_iter().collect::<Result<_, _>>()?;
        Ok(names.join(" "))
    });
    use std::future::Future;
    let scene = Scene::new([many]).await;
    let mut stream = scene.call(1, "many").await;
    let mut ids = HashSet::new();
    let mut questions = Vec::new();
    while questions.len() < MANY {
        let message = stream.message().await;
        if message["method"] == "elicitation/create" {
            assert_eq!(message["params"]["message"], questions.len().to_string());
            assert!(ids.insert(message["id"].to_string()), "{message}");
            questions.push(message);
        }
    }
    for question in &questions {
        let name = json!({ "name": question["params"]["message"] });
        scene.accept(question, name).await;
    }
    let mut messages = stream.messages().await;
    let expected: Vec<String> = (0..MANY).map(|n| n.to_string()).collect();
    assert_eq!(text(&messages.pop().unwrap()), expected.join(" "));
}

#[tokio::test]
async fn a_function_that_asks_runs_again_from_the_top_and_its_steps_do_not() {
    #[derive(Default)]
    struct Counts {
        runs: AtomicUsize,
        charges: AtomicUsize,
        failures: AtomicUsize,
        loops: AtomicUsize,
    }
    let counts = Arc::new(Counts::default());
    let counted = Arc::clone(&counts);
    let count = |counter: &AtomicUsize| counter.fetch_add(1, Ordering::SeqCst) + 1;
    let books = tool("books", move |ctx: Ctx| {
        let counts = Arc::clone(&counted);
        async move {
            count(&counts.runs);
            let receipt: usize = ctx
                .step("charge", async || {
                    Ok::<_, ToolError>(count(&counts.charges) * 100)
                })
                .await?;
            let first = ctx.elicit::<Name>(format!("Receipt {receipt}")).await?;
            // A step that fails is not done.
            let failed: Result<(), _> = ctx
                .step("fail", async || {
                    count(&counts.failures);
                    Err(ToolError::user("no"))
                })
                .await;
            let mut squares = Vec::new();
            for n in 0..3_u32 {
                let square = ctx.step("square", async || {
                    count(&counts.loops);
                    Ok::<_, ToolError>(n * n)
                });
                squares.push(square.await?);
            }
            let second = ctx.elicit::<Name>(format!("Hello {}", first.name)).await?;
            let third = ctx.elicit::<Name>(format!("Hello {}", second.name)).await?;
            Ok(format!(
                "{receipt} {} {squares:?} {}",
                third.name,
                failed.unwrap_err()
            ))
        }
    });
    let scene = Scene::new([books]).await;
    let mut stream = scene.call(1, "books").await;
    for (message, name) in [("Receipt 100", "a"), ("Hello a", "b"), ("Hello b", "c")] {
        let question = stream.message().await;
        assert_eq!(question["params"]["message"], message);
        scene.accept(&question, json!({ "name": name })).await;
    }
    assert_eq!(said(stream).await, "100 c [0, 1, 4] no");
    let counted = [
        &counts.runs,
        &counts.charges,
        &counts.failures,
        &counts.loops,
    ];
    assert_eq!(
        counted.map(|counter| counter.load(Ordering::SeqCst)),
        [4, 1, 3, 3]
    );
}

#[tokio::test]
async fn what_one_call_was_answered_no_other_call_knows() {
    let scene = Scene::new([asks()]).await;
    let mut streams = Vec::new();
    for id in 0..10 {
        let mut stream = scene.call(id, "asks").await;
        streams.push((id, stream.message().await, stream));
    }
    // Answered in another order than asked.
    for (id, question, _) in streams.iter().rev() {
        scene
            .accept(question, json!({ "name": id.to_string() }))
            .await;
    }
    for (id, _, stream) in streams {
        assert_eq!(said(stream).await, format!("Hello, {id}!"));
    }
    let mut stream = scene.call(0, "asks").await;
    let question = stream.message().await;
    scene.accept(&question, json!({ "name": "anew" })).await;
    assert_eq!(said(stream).await, "Hello, anew!");
}

#[tokio::test]
async fn a_function_that_asks_something_else_when_run_again_is_stopped() {
    let runs = Arc::new(AtomicUsize::new(0));
    let fickle = tool("fickle", move |ctx: Ctx| {
        let run = runs.fetch_add(1, Ordering::SeqCst);
        async move {
            let name = ctx.elicit::<Name>(format!("Question {run}")).await?;
            Ok(name.name)
        }
    });
    let scene = Scene::new([fickle]).await;
    let mut stream = scene.call(1, "fickle").await;
    let question = stream.message().await;
    scene.accept(&question, json!({ "name": "Ada" })).await;
    let (response, _) = stream.response().await;
    assert_eq!(response["result"]["isError"], true);
    assert!(text(&response).contains("different question"), "{response}");
    assert!(!response.to_string().contains("Ada"), "{response}");
}

#[tokio::test]
async fn progress_goes_on_where_it_was_when_a_function_runs_again() {
    let walks = tool("walks", |ctx: Ctx| async move {
        ctx.progress(1.0, Some(3.0));
        ctx.elicit::<Name>("?").await?;
        ctx.progress(2.0, Some(3.0));
        ctx.elicit::<Name>("??").await?;
        ctx.progress(3.0, Some(3.0));
        Ok("done")
    });
    let scene = Scene::new([walks]).await;
    let ask = watched(1, "walks", "t").session(&scene.session);
    let mut stream = scene.server.stream(&ask).await;
    for n in 1..=2 {
        assert_eq!(stream.message().await["params"]["progress"], f64::from(n));
        let question = stream.message().await;
        scene.accept(&question, json!({ "name": "x" })).await;
    }
    assert_eq!(stream.message().await["params"]["progress"], 3.0);
    assert_eq!(said(stream).await, "done");
}

#[tokio::test]
async fn no_id_of_ours_is_ever_used_twice_in_a_session() {
    let asks_often = tool("asks_often", |ctx: Ctx| async move {
        for n in 0..50 {
            ctx.elicit::<Name>(n.to_string()).await?;
        }
        Ok("done")
    });
    let scene = Scene::new([asks_often]).await;
    let mut ids = HashSet::new();
    for call in 0..4 {
        let mut stream = scene.call(call, "asks_often").await;
        for _ in 0..50 {
            let question = stream.message().await;
            assert!(question["id"].is_string(), "no client rounds it");
            assert!(ids.insert(question["id"].to_string()), "{question}");
            scene.accept(&question, json!({ "name": "x" })).await;
        }
        assert_eq!(said(stream).await, "done");
    }
    assert_eq!(ids.len(), 200);
}
