//! What a `requestState` is bound to: the caller, the method, what it names, and the arguments.

use mcp_core::{AskError, Ctx, Prompt, Resource, SealKey, Tool};
use mcp_http::HttpServer;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Conversation, Name, ann, asks, serve, server};
use crate::{
    client::{Ask, local},
    fixture::{ALICE, BOB, keys},
    modern::VERSION,
};

#[tokio::test]
async fn a_state_is_good_for_its_own_request_only() {
    let key = SealKey::random().unwrap();
    let prompt = Prompt::builder("asks").handler(|_, ctx: Ctx| async move {
        let Name { name } = ctx.elicit("Your name?").await?;
        Ok(name)
    });
    let server = server([asks("asks"), asks("asks2")]).prompts([prompt]);
    let server = local(HttpServer::new(server).seal_key(key).auth(keys()));
    let arguments = json!({ "b": 1, "a": [1, 2] });
    let call = Conversation::call("asks")
        .with("arguments", arguments)
        .by(ALICE);
    let (next, _) = call.is_asked(&server, &["q0"]).await;
    let next = next.answered(json!({ "q0": ann() }));
    let another = Conversation {
        method: "prompts/get",
        ..next.clone().with("arguments", json!({}))
    };
    let mut anonymous = next.clone();
    anonymous.key = None;
    for other in [
        next.clone().with("name", json!("asks2")),
        next.clone().with("arguments", json!({})),
        next.clone()
            .with("arguments", json!({ "a": [2, 1], "b": 1 })),
        next.clone()
            .with("arguments", json!({ "a": [1, 2], "b": 1, "c": null })),
        next.clone()
            .with("arguments", json!({ "a": [1, 2], "b": "1" })),
        next.clone().by(BOB),
        anonymous,
        another,
    ] {
        Conversation::is_refused(&other.send(&server).await);
    }
    // The same with its members in another order is the same.
    let same = next.with("arguments", json!({ "a": [1, 2], "b": 1 }));
    same.says(&server, "Hello, Ann!").await;
}

#[tokio::test]
async fn a_state_of_one_resource_is_none_of_another() {
    let asks = Resource::builder("docs://{id}", "docs").handler(|request, ctx: Ctx| async move {
        let Name { name } = ctx.elicit("Your name?").await?;
        Ok::<_, AskError>(format!("{} of {name}", request.uri()))
    });
    let server = local(HttpServer::new(server([]).resources([asks])));
    let first = Conversation::of("resources/read", json!({ "uri": "docs://a" }));
    let (next, _) = first.is_asked(&server, &["q0"]).await;
    let next = next.answered(json!({ "q0": ann() }));
    let other = next.clone().with("uri", json!("docs://b"));
    Conversation::is_refused(&other.send(&server).await);
    let result = next.send(&server).await.result();
    assert_eq!(result["contents"][0]["text"], "docs://a of Ann");
}

#[tokio::test]
async fn a_conversation_is_of_whoever_began_it_and_of_nobody_else() {
    // Everybody without a key is one and the same caller, and none who has one.
    let server = local(HttpServer::new(server([asks("asks")])).auth(keys()));
    let call = Conversation::call("asks");
    let (next, _) = call.is_asked(&server, &["q0"]).await;
    let next = next.answered(json!({ "q0": ann() }));
    for key in [ALICE, BOB] {
        Conversation::is_refused(&next.clone().by(key).send(&server).await);
    }
    next.says(&server, "Hello, Ann!").await;
}

#[tokio::test]
async fn a_state_is_bound_to_what_its_method_names_whatever_else_is_named() {
    let asks = Resource::builder("docs://{id}", "docs").handler(|request, ctx: Ctx| async move {
        let Name { name } = ctx.elicit("Your name?").await?;
        Ok::<_, AskError>(format!("{} of {name}", request.uri()))
    });
    let server = local(HttpServer::new(server([]).resources([asks])));
    let params = json!({ "name": "x", "uri": "docs://cheap" });
    let first = Conversation::of("resources/read", params);
    let (next, _) = first.is_asked(&server, &["q0"]).await;
    let next = next.answered(json!({ "q0": ann() }));
    let other = next.clone().with("uri", json!("docs://dear"));
    Conversation::is_refused(&other.send(&server).await);
    let result = next.send(&server).await.result();
    assert_eq!(result["contents"][0]["text"], "docs://cheap of Ann");
}

#[derive(Deserialize, JsonSchema)]
struct Order {
    amount: u32,
}

#[derive(Deserialize, JsonSchema)]
struct Payment {
    order: Order,
}

/// Asks before it pays; what else an order says is nothing to it.
fn pays() -> Tool {
    Tool::builder("pays")
        .description("Pay for an order")
        .handler(|Payment { order }, ctx: Ctx| async move {
            let Name { name } = ctx.elicit("Your name?").await?;
            Ok(format!("{name} pays {}", order.amount))
        })
}

/// The call with its order as it is written here.
fn ordering(call: &Conversation, order: &str) -> Ask {
    let call = call.clone().with("arguments", json!({ "order": "@" }));
    Ask::post(call.ask().body().replace(r#""@""#, order))
        .with("MCP-Protocol-Version", VERSION)
        .with("Mcp-Method", "tools/call")
        .with("Mcp-Name", "pays")
}

#[tokio::test]
async fn arguments_are_told_apart_by_all_that_is_written_in_them() {
    let server = serve([pays()]);
    for (asked, other) in [
        // No `f64` holds it, and nobody reads it.
        (
            r#"{"amount":1,"x":1e999}"#,
            r#"{"amount":1000000,"x":1e999}"#,
        ),
        // The nearest `f64` is the same.
        (
            r#"{"amount":1,"x":18446744073709551616}"#,
            r#"{"amount":1,"x":18446744073709551617}"#,
        ),
        (
            r#"{"amount":1,"x":0.1}"#,
            r#"{"amount":1,"x":0.10000000000000000001}"#,
        ),
        // The last one of them is.
        (
            r#"{"amount":1,"x":[{"y":1,"y":2}]}"#,
            r#"{"amount":1,"x":[{"y":3,"y":2}]}"#,
        ),
        (r#"{"amount":1,"x":"1"}"#, r#"{"amount":1,"x":1}"#),
        (r#"{"amount":1,"x":[]}"#, r#"{"amount":1,"x":{}}"#),
        (
            r#"{"amount":1,"x":["a","b"]}"#,
            r#"{"amount":1,"x":["a,b"]}"#,
        ),
    ] {
        let call = Conversation::call("pays");
        let result = server.ask(&ordering(&call, asked)).await.result();
        assert_eq!(result["resultType"], "input_required", "{result}");
        let next = call.with("requestState", result["requestState"].clone());
        let next = next.answered(json!({ "q0": ann() }));
        Conversation::is_refused(&server.ask(&ordering(&next, other)).await);
        let said = server.ask(&ordering(&next, asked)).await.said();
        assert_eq!(said.0, "Ann pays 1", "{asked}");
    }
}

#[tokio::test]
async fn arguments_are_the_same_in_any_order_spacing_and_spelling() {
    let server = serve([pays()]);
    let call = Conversation::call("pays");
    let asked = r#"{"amount":1,"x":{"ä":1e999,"b":["é\n"]}}"#;
    let result = server.ask(&ordering(&call, asked)).await.result();
    let next = call.with("requestState", result["requestState"].clone());
    let next = next.answered(json!({ "q0": ann() }));
    for same in [
        asked,
        r#"{"x":{"b":["é\n"],"ä":1e999},"amount":1}"#,
        r#" { "amount" : 1 , "x" : { "\u00e4" : 1e999 , "b" : [ "\u00e9\u000a" ] } } "#,
    ] {
        let said = server.ask(&ordering(&next, same)).await.said();
        assert_eq!(said.0, "Ann pays 1", "{same}");
    }
}
