//! Questions and their answers, round by round.

use std::sync::{Arc, atomic::Ordering};

use mcp_core::{AskError, Ctx, Prompt, Resource};
use mcp_http::HttpServer;
use serde_json::json;

use super::{Age, Conversation, Name, accept, ann, asks, joins, refused, serve, server, works};
use crate::{client::local, events::tool};

#[tokio::test]
async fn a_question_ends_a_request_and_its_answer_the_next() {
    let server = serve([asks("asks")]);
    let (mut next, questions) = Conversation::call("asks").is_asked(&server, &["q0"]).await;
    assert_eq!(questions["q0"]["method"], "elicitation/create");
    let params = &questions["q0"]["params"];
    assert_eq!(params["message"], "Your name?");
    assert_eq!(
        params["requestedSchema"]["properties"]["name"]["type"],
        "string"
    );
    next.id = 2;
    let next = next.answered(json!({ "q0": ann() }));
    let answer = next.send(&server).await;
    assert_eq!(answer.json()["id"], 2);
    assert_eq!(answer.said().0, "Hello, Ann!");
}

#[tokio::test]
async fn every_connection_goes_on_with_a_conversation() {
    // `Local::ask` opens one for each request.
    let server = serve([asks("asks")]);
    let (next, _) = Conversation::call("asks").is_asked(&server, &["q0"]).await;
    let next = next.answered(json!({ "q0": ann() }));
    for _ in 0..2 {
        next.says(&server, "Hello, Ann!").await;
    }
}

#[tokio::test]
async fn questions_that_are_awaited_together_travel_together() {
    let server = serve([joins()]);
    let first = Conversation::call("joins");
    let (next, questions) = first.is_asked(&server, &["name", "roots"]).await;
    assert_eq!(questions["roots"]["method"], "roots/list");
    let roots = json!({ "roots": [{ "uri": "file:///a" }] });
    let both = next.answered(json!({ "name": ann(), "roots": roots }));
    both.says(&server, "Ann has 1 folders").await;
}

#[tokio::test]
async fn an_answer_that_is_missing_is_asked_for_again_and_the_others_stay() {
    let server = serve([joins()]);
    let roots = json!({ "roots": [] });
    for (given, answer, missing, rest) in [
        ("name", ann(), "roots", roots.clone()),
        ("roots", roots, "name", ann()),
    ] {
        let first = Conversation::call("joins");
        let (next, _) = first.is_asked(&server, &["name", "roots"]).await;
        let half = next.answered(json!({ given: answer }));
        let (next, _) = half.is_asked(&server, &[missing]).await;
        // Nothing at all, and then what was missing.
        let (next, _) = next.is_asked(&server, &[missing]).await;
        let (next, _) = next.answered(json!({})).is_asked(&server, &[missing]).await;
        let whole = next.answered(json!({ missing: rest }));
        whole.says(&server, "Ann has 0 folders").await;
    }
}

#[tokio::test]
async fn a_step_is_taken_once_over_all_rounds() {
    let done = Arc::default();
    let server = serve([works(&done)]);
    let (next, _) = Conversation::call("works").is_asked(&server, &["q0"]).await;
    assert_eq!(done.load(Ordering::SeqCst), 1);
    let (next, questions) = next
        .answered(json!({ "q0": ann() }))
        .is_asked(&server, &["q1"])
        .await;
    assert_eq!(questions["q1"]["params"]["message"], "How old is Ann?");
    let last = next.answered(json!({ "q1": accept(&json!({ "age": 7 })) }));
    last.says(&server, "Ann is 7: 0 1 2").await;
    assert_eq!(done.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn an_answer_once_given_cannot_be_changed_in_a_later_round() {
    let done = Arc::default();
    let server = serve([works(&done)]);
    let (next, _) = Conversation::call("works").is_asked(&server, &["q0"]).await;
    let (next, _) = next
        .answered(json!({ "q0": ann() }))
        .is_asked(&server, &["q1"])
        .await;
    let last = next.answered(json!({
        "q0": accept(&json!({ "name": "Eve" })),
        "q1": accept(&json!({ "age": 7 })),
    }));
    last.says(&server, "Ann is 7: 0 1 2").await;
}

#[tokio::test]
async fn answers_to_nothing_are_ignored() {
    let server = serve([asks("asks")]);
    let (next, _) = Conversation::call("asks").is_asked(&server, &["q0"]).await;
    let extra = json!({ "q0": ann(), "q7": ann(), "": null, "other": [1] });
    next.answered(extra).says(&server, "Hello, Ann!").await;
    let (next, _) = Conversation::call("asks").is_asked(&server, &["q0"]).await;
    let extra = json!({ "other": ann() });
    next.answered(extra).is_asked(&server, &["q0"]).await;
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_asked_for_again_with_the_reason() {
    let server = serve([asks("asks")]);
    for wrong in [
        accept(&json!({ "name": 7 })),
        accept(&json!({})),
        json!({ "action": "accept" }),
        json!({ "action": "perhaps" }),
        json!({}),
        json!("Ann"),
        json!(null),
    ] {
        let (next, before) = Conversation::call("asks").is_asked(&server, &["q0"]).await;
        let again = next.answered(json!({ "q0": wrong }));
        let (next, after) = again.is_asked(&server, &["q0"]).await;
        let [before, after] =
            [before, after].map(|it| it["q0"]["params"]["message"].as_str().unwrap().to_owned());
        assert!(
            after.starts_with(&before) && after.len() > before.len(),
            "{after}"
        );
        next.answered(json!({ "q0": ann() }))
            .says(&server, "Hello, Ann!")
            .await;
    }
}

#[tokio::test]
async fn that_a_person_declines_or_goes_away_reaches_the_tool() {
    let tells = tool("tells", |ctx: Ctx| async move {
        let error = ctx.elicit::<Name>("Your name?").await.err();
        Ok(format!("{error:?}"))
    });
    let server = serve([tells]);
    for (action, said) in [("decline", "Some(Declined)"), ("cancel", "Some(Cancelled)")] {
        let (next, _) = Conversation::call("tells").is_asked(&server, &["q0"]).await;
        let next = next.answered(json!({ "q0": { "action": action } }));
        next.says(&server, said).await;
    }
}

#[tokio::test]
async fn two_questions_never_share_a_key() {
    let twins = tool("twins", |ctx: Ctx| async move {
        let one = ctx.elicit::<Name>("Your name?").key("x");
        let other = ctx.elicit::<Age>("Your age?").key("x");
        let (one, other) = tokio::join!(one, other);
        Ok(format!("{} is {}", one?.name, other?.age))
    });
    let server = serve([twins]);
    let answer = Conversation::call("twins").send(&server).await;
    assert_eq!(answer.body.matches(r#""x":{"#).count(), 1, "{answer:?}");
    let first = Conversation::call("twins");
    let (next, questions) = first.is_asked(&server, &["x", "x-1"]).await;
    assert_eq!(questions["x-1"]["params"]["message"], "Your age?");
    let age = accept(&json!({ "age": 7 }));
    let (half, _) = next
        .answered(json!({ "x-1": age }))
        .is_asked(&server, &["x"])
        .await;
    half.answered(json!({ "x": ann() }))
        .says(&server, "Ann is 7")
        .await;
    let both = json!({ "x": ann(), "x-1": age });
    next.answered(both).says(&server, "Ann is 7").await;
}

#[tokio::test]
async fn questions_that_follow_each_other_may_share_a_key() {
    let twice = tool("twice", |ctx: Ctx| async move {
        let one = ctx.elicit::<Name>("Your name?").key("q1").await?;
        let other = ctx.elicit::<Name>("And hers?").await?;
        Ok(format!("{} and {}", one.name, other.name))
    });
    let server = serve([twice]);
    let (next, _) = Conversation::call("twice").is_asked(&server, &["q1"]).await;
    let next = next.answered(json!({ "q1": ann() }));
    let (next, _) = next.is_asked(&server, &["q1-1"]).await;
    let bea = accept(&json!({ "name": "Bea" }));
    next.answered(json!({ "q1-1": bea }))
        .says(&server, "Ann and Bea")
        .await;
}

#[tokio::test]
async fn what_comes_before_a_question_is_streamed_and_the_question_is_no_request() {
    let speaks = tool("speaks", |ctx: Ctx| async move {
        ctx.progress(1.0, None);
        tokio::task::yield_now().await;
        let Name { name } = ctx.elicit("Your name?").await?;
        Ok(name)
    });
    let server = serve([speaks]);
    let watched = Conversation::call("speaks").with("_meta", json!({ "progressToken": "t" }));
    let messages = server.stream(&watched.ask()).await.messages().await;
    let [progress, result] = messages.as_slice() else {
        panic!("{messages:?}")
    };
    assert_eq!(progress["method"], "notifications/progress");
    assert_eq!(result["id"], 1);
    assert_eq!(result["result"]["resultType"], "input_required");
}

#[tokio::test]
async fn a_client_that_takes_only_json_can_be_asked_too() {
    let server = serve([asks("asks")]);
    let first = Conversation::call("asks");
    let json = |it: &Conversation| it.ask().instead("Accept", "application/json");
    let result = server.ask(&json(&first)).await.result();
    assert_eq!(result["resultType"], "input_required");
    let next = first.with("requestState", result["requestState"].clone());
    let next = next.answered(json!({ "q0": ann() }));
    assert_eq!(server.ask(&json(&next)).await.said().0, "Hello, Ann!");
}

#[tokio::test]
async fn resources_and_prompts_ask_as_tools_do() {
    let server = server([])
        .resources([
            Resource::builder("docs://mine", "mine").handler(|_, ctx: Ctx| async move {
                let Name { name } = ctx.elicit("Your name?").await?;
                Ok::<_, AskError>(format!("Of {name}"))
            }),
        ])
        .prompts([Prompt::builder("greet").handler(|_, ctx: Ctx| async move {
            let Name { name } = ctx.elicit("Your name?").await?;
            Ok(format!("Greet {name}"))
        })]);
    let server = local(HttpServer::new(server));
    for (method, params, said) in [
        ("resources/read", json!({ "uri": "docs://mine" }), "Of Ann"),
        ("prompts/get", json!({ "name": "greet" }), "Greet Ann"),
    ] {
        let first = Conversation::of(method, params);
        let (next, _) = first.is_asked(&server, &["q0"]).await;
        let answer = next.answered(json!({ "q0": ann() })).send(&server).await;
        assert_eq!(answer.result()["resultType"], "complete");
        assert!(answer.body.contains(said), "{answer:?}");
        let mut unable = first;
        unable.capabilities = json!({});
        let (code, data) = refused(&unable.send(&server).await, 400);
        assert_eq!(code, -32021, "{method}");
        assert_eq!(data["requiredCapabilities"], json!({ "elicitation": {} }));
    }
}
