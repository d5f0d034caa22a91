//! Answers that are none, and what ends while a question waits.

use std::time::Duration;

use mcp_core::{AskError, Ctx, Tool, era::legacy::Resumption};
use serde_json::json;
use tokio::time::Instant;

use super::{MINUTE, Name, Scene, asks, everything, http, said};
use crate::{
    client::Ask,
    events::{answer, cancelled, new_session, telling, tool},
};

// ---- answers that are none

#[tokio::test]
async fn a_client_that_answers_with_an_error_is_told_to_the_tool() {
    let scene = Scene::new([asks()]).await;
    for error in [
        json!({ "code": -1, "message": "User is asleep" }),
        json!({ "code": -32602, "message": "User is asleep", "data": { "mode": "url" } }),
    ] {
        let mut stream = scene.call(1, "asks").await;
        let question = stream.message().await;
        let body = json!({ "jsonrpc": "2.0", "id": question["id"], "error": error });
        scene
            .server
            .tell(&Ask::post(body).session(&scene.session))
            .await;
        assert_eq!(said(stream).await, r#"Refused("User is asleep")"#);
    }
    let mut stream = scene.call(1, "asks").await;
    let question = stream.message().await;
    let body = json!({ "jsonrpc": "2.0", "id": question["id"], "error": "what?" });
    scene
        .server
        .tell(&Ask::post(body).session(&scene.session))
        .await;
    let said = said(stream).await;
    assert!(said.starts_with("Refused("), "{said}");
}

#[tokio::test]
async fn answers_that_nobody_waits_for_are_accepted_and_ignored() {
    let scene = Scene::new([asks()]).await;
    let mut stream = scene.call(1, "asks").await;
    let question = stream.message().await;
    let id = question["id"].as_str().unwrap();
    let (letter, digits) = id.split_at(1);
    let stray = json!({ "action": "accept", "content": { "name": "Mallory" } });
    for id in [
        json!("q0"),
        json!("no such id"),
        json!(7),
        json!(1),
        json!(""),
        // The same number, written otherwise.
        json!(format!("{letter}0{digits}")),
        json!(format!("{letter}+{digits}")),
        json!(id.to_uppercase()),
        json!(digits),
    ] {
        scene.answer(&json!({ "id": id }), &stray).await;
    }
    // An error without an id concerns nobody.
    let nobodys = json!({ "jsonrpc": "2.0", "error": { "code": -1, "message": "?" } });
    scene
        .server
        .tell(&Ask::post(nobodys).session(&scene.session))
        .await;
    scene.accept(&question, json!({ "name": "Ada" })).await;
    // The first answer counts.
    scene.accept(&question, json!({ "name": "Mallory" })).await;
    assert_eq!(said(stream).await, "Hello, Ada!");
    scene.accept(&question, json!({ "name": "Mallory" })).await;
}

#[tokio::test]
async fn an_answer_from_another_session_is_none() {
    let scene = Scene::new([asks()]).await;
    let other = new_session(&scene.server, &everything()).await;
    let mut stream = scene.call(1, "asks").await;
    let question = stream.message().await;
    let stray = json!({ "action": "accept", "content": { "name": "Mallory" } });
    scene
        .server
        .tell(&answer(&question, &stray).session(&other))
        .await;
    // It did not even take the place of the true one.
    scene.accept(&question, json!({ "name": "Ada" })).await;
    assert_eq!(said(stream).await, "Hello, Ada!");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_answer_is_not_waited_for_longer_than_answer_timeout() {
    let server = http([asks()]).answer_timeout(3 * MINUTE);
    let scene = Scene::over(server, &everything()).await;
    let mut stream = scene.call(1, "asks").await;
    let question = stream.message().await;
    let start = Instant::now();
    let cancelled = stream.message().await;
    assert!(start.elapsed() - 3 * MINUTE < Duration::from_millis(5));
    assert_eq!(cancelled["method"], "notifications/cancelled");
    assert_eq!(cancelled["params"]["requestId"], question["id"]);
    assert_eq!(said(stream).await, "TimedOut");
    // Too late.
    scene.accept(&question, json!({ "name": "Ada" })).await;
}

#[tokio::test(start_paused = true)]
async fn only_the_questions_without_an_answer_time_out() {
    let both = tool("both", |ctx: Ctx| async move {
        let (one, two) = tokio::join!(ctx.elicit::<Name>("1"), ctx.elicit::<Name>("2"));
        Ok(format!("{:?} {:?}", one.map(|one| one.name), two.err()))
    });
    let scene = Scene::new([both]).await;
    let mut stream = scene.call(1, "both").await;
    let questions = [stream.message().await, stream.message().await];
    scene.accept(&questions[0], json!({ "name": "Ada" })).await;
    let cancelled = stream.message().await;
    assert_eq!(cancelled["params"]["requestId"], questions[1]["id"]);
    assert_eq!(said(stream).await, r#"Ok("Ada") Some(TimedOut)"#);
}

#[tokio::test(start_paused = true)]
async fn every_round_of_questions_has_a_time_of_its_own() {
    let walks = tool("walks", |ctx: Ctx| async move {
        for n in 0..4 {
            ctx.elicit::<Name>(n.to_string()).await?;
        }
        Ok("done")
    });
    let scene = Scene::over(http([walks]).answer_timeout(5 * MINUTE), &everything()).await;
    let mut stream = scene.call(1, "walks").await;
    for _ in 0..4 {
        let question = stream.message().await;
        // Somebody who thinks, and answers in time.
        tokio::time::sleep(4 * MINUTE).await;
        scene.accept(&question, json!({ "name": "x" })).await;
    }
    assert_eq!(said(stream).await, "done");
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_may_ask_again() {
    let patient = tool("patient", |ctx: Ctx| async move {
        let first = ctx.elicit::<Name>("Are you there?").await;
        assert!(matches!(first, Err(AskError::TimedOut)));
        Ok(ctx.elicit::<Name>("And now?").await?.name)
    });
    let scene = Scene::new([patient]).await;
    let mut stream = scene.call(1, "patient").await;
    let first = stream.message().await;
    let cancelled = stream.message().await;
    assert_eq!(cancelled["params"]["requestId"], first["id"]);
    let second = stream.message().await;
    assert_eq!(second["params"]["message"], "And now?");
    // An answer to the first is not one to the second.
    scene.accept(&first, json!({ "name": "Mallory" })).await;
    scene.accept(&second, json!({ "name": "Ada" })).await;
    assert_eq!(said(stream).await, "Ada");
}

// ---- the end amid a question

/// Asks twice, and tells what comes of it.
fn asks_and_tells(told: &crate::events::Told) -> Tool {
    let told = told.clone();
    tool("asks", move |ctx: Ctx| {
        let told = told.clone();
        async move {
            let _dropped = told.when_dropped("dropped");
            told.tell("runs");
            match ctx.elicit::<Name>("?").await {
                Err(AskError::Gone) => told.tell("gone"),
                _ => told.tell("answered"),
            }
            Ok("done")
        }
    })
}

#[tokio::test(start_paused = true)]
async fn whoever_is_lost_while_asked_is_not_waited_for() {
    let (told, mut hears) = telling();
    let scene = Scene::new([asks_and_tells(&told)]).await;
    let mut stream = scene.call(1, "asks").await;
    stream.message().await;
    hears.hear("runs").await;
    // Put away until there is an answer.
    hears.hear("dropped").await;
    drop(stream);
    hears.hear_soon("runs").await;
    hears.hear_soon("gone").await;
    hears.hear_soon("dropped").await;
    // Its id is free, and nothing is left to be answered.
    let stream = scene.call(1, "asks").await;
    drop(stream);
}

#[tokio::test(start_paused = true)]
async fn whoever_may_come_back_is_waited_for() {
    let (told, mut hears) = telling();
    let server = http([asks_and_tells(&told)]).resumable(Resumption::default());
    let scene = Scene::over(server, &everything()).await;
    let mut stream = scene.call(1, "asks").await;
    let question = stream.message().await;
    hears.hear("runs").await;
    hears.hear("dropped").await;
    drop(stream);
    tokio::time::sleep(MINUTE).await;
    hears.nothing();
    scene.accept(&question, json!({ "name": "Ada" })).await;
    hears.hear("runs").await;
    hears.hear("answered").await;
    hears.hear("dropped").await;
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_cancelled_while_it_asks_ends() {
    let (told, mut hears) = telling();
    let scene = Scene::new([asks_and_tells(&told)]).await;
    let mut stream = scene.call(1, "asks").await;
    let question = stream.message().await;
    hears.hear("runs").await;
    hears.hear("dropped").await;
    scene
        .server
        .tell(&cancelled(1).session(&scene.session))
        .await;
    stream.ended().await;
    scene.accept(&question, json!({ "name": "Ada" })).await;
    hears.nothing();
    scene.call(1, "asks").await.message().await;
}

#[tokio::test(start_paused = true)]
async fn a_session_that_ends_while_it_is_asked_ends_the_call() {
    let (told, mut hears) = telling();
    let scene = Scene::new([asks_and_tells(&told)]).await;
    let mut stream = scene.call(1, "asks").await;
    stream.message().await;
    hears.hear("runs").await;
    hears.hear("dropped").await;
    scene.server.ask(&Ask::delete(&scene.session)).await;
    stream.ended().await;
    hears.nothing();
}
