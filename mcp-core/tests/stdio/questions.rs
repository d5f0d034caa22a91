//! What a client is asked, and what it answers.

use std::{num::NonZeroUsize, sync::Arc};

use mcp_core::{Tool, prelude::*};
use serde_json::{Map, Value, json};
use tokio::sync::{Semaphore, mpsc};

use crate::{
    peer::{legacy, legacy_call, modern, modern_call, start, text},
    tools::{Name, Told, hear, server},
};

#[tokio::test]
async fn a_legacy_question_is_a_request_and_its_answer_a_response() {
    let mut peer = start(server());
    peer.initialize().await;
    peer.send(&legacy_call(&json!(1), "asks")).await;
    let question = peer.read().await;
    assert_eq!(question["method"], "elicitation/create");
    let result = json!({ "action": "accept", "content": { "name": "Ann" } });
    let answer = json!({ "jsonrpc": "2.0", "id": question["id"], "result": result });
    assert_eq!(text(&peer.ask(&answer).await), "Hello, Ann!");
}

#[tokio::test]
async fn a_modern_question_is_a_result() {
    let mut peer = start(server());
    let response = peer.ask(&modern_call(&json!(1), "asks")).await;
    let result = &response["result"];
    assert_eq!(result["resultType"], "input_required");
    assert_eq!(
        result["inputRequests"]["q0"]["method"],
        "elicitation/create"
    );
    let answer = json!({ "action": "accept", "content": { "name": "Ann" } });
    let params = json!({
        "name": "asks",
        "requestState": result["requestState"],
        "inputResponses": { "q0": answer },
    });
    let response = peer.ask(&modern(&json!(2), "tools/call", params)).await;
    assert_eq!(text(&response), "Hello, Ann!");
}

/// Asks for a name, one at a time; if it is given none, it waits for the gate.
fn alone(told: &Told, gate: &Arc<Semaphore>) -> Tool {
    let (told, gate) = (told.clone(), Arc::clone(gate));
    let alone = Tool::builder("alone")
        .description("A tool of this test")
        .concurrency(NonZeroUsize::MIN);
    alone.handler(move |arguments: Map<String, Value>, ctx: Ctx| {
        let (told, gate) = (told.clone(), Arc::clone(&gate));
        async move {
            if arguments.contains_key("asks") {
                let Name { name } = ctx.elicit("Your name?").await?;
                return Ok::<_, ToolError>(name);
            }
            let _ = told.send("started");
            gate.acquire().await?.forget();
            Ok("through".to_owned())
        }
    })
}

#[tokio::test]
async fn who_has_answered_waits_for_a_place_and_is_not_sent_away() {
    for request in [legacy, modern] {
        let (told, mut hears) = mpsc::unbounded_channel();
        let gate = Arc::new(Semaphore::new(0));
        let mut peer = start(Server::new("it", "1").tools([alone(&told, &gate)]));
        peer.initialize().await;
        let arguments = json!({ "asks": true });
        let params = json!({ "name": "alone", "arguments": arguments });
        let asked = peer.ask(&request(&json!(1), "tools/call", params)).await;
        // Another has the place while the question is open.
        let other = json!({ "name": "alone", "arguments": {} });
        peer.send(&request(&json!("other"), "tools/call", other))
            .await;
        hear(&mut hears, "started").await;
        let answer = json!({ "action": "accept", "content": { "name": "Ann" } });
        let (id, answer) = match asked["result"]["requestState"].as_str() {
            None => (
                1,
                json!({ "jsonrpc": "2.0", "id": asked["id"], "result": answer }),
            ),
            Some(state) => {
                let params = json!({
                    "name": "alone",
                    "arguments": arguments,
                    "requestState": state,
                    "inputResponses": { "q0": answer },
                });
                (2, modern(&json!(2), "tools/call", params))
            }
        };
        peer.send(&answer).await;
        peer.nothing().await;
        gate.add_permits(1);
        assert_eq!(peer.read().await["id"], "other");
        let response = peer.read().await;
        assert_eq!(response["id"], id);
        assert_eq!(text(&response), "Ann");
    }
}

#[tokio::test]
async fn an_answer_that_never_fits_is_asked_for_three_times_again_and_no_more() {
    let wrong = json!({ "action": "accept", "content": { "name": 7 } });
    let mut peer = start(server());
    peer.initialize().await;
    let mut said = peer.ask(&legacy_call(&json!(1), "asks")).await;
    let mut asked = 0;
    while said["method"] == "elicitation/create" {
        asked += 1;
        let answer = json!({ "jsonrpc": "2.0", "id": said["id"], "result": wrong });
        said = peer.ask(&answer).await;
    }
    assert_eq!(
        (asked, &said["result"]["isError"]),
        (4, &json!(true)),
        "{said}"
    );

    let mut said = peer.ask(&modern_call(&json!(1), "asks")).await;
    let mut asked = 0;
    while said["result"]["resultType"] == "input_required" && asked < 10 {
        asked += 1;
        let params = json!({
            "name": "asks",
            "requestState": said["result"]["requestState"],
            "inputResponses": { "q0": wrong },
        });
        said = peer.ask(&modern(&json!(1), "tools/call", params)).await;
    }
    assert_eq!(
        (asked, &said["result"]["isError"]),
        (4, &json!(true)),
        "{said}"
    );
}
