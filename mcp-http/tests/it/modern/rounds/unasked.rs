//! What is not asked.

use mcp_core::{AskError, Completion, Ctx, Resource, types::sampling::CreateMessage};
use mcp_http::HttpServer;
use serde_json::json;

use super::{Conversation, Name, ann, asks, refused, serve, server};
use crate::{client::local, events::tool};

#[tokio::test]
async fn a_client_is_asked_nothing_that_it_has_not_declared() {
    let by_url = tool("url", |ctx: Ctx| async move {
        ctx.elicit_url("Go", "https://example.com", "1").await?;
        Ok("went")
    });
    let sampling = tool("sampling", |ctx: Ctx| async move {
        let answer = ctx.create_message(CreateMessage::new("Hi", 10)).await?;
        Ok(answer.text())
    });
    let roots = tool("roots", |ctx: Ctx| async move {
        let roots = ctx.list_roots().await?;
        Ok(roots.len().to_string())
    });
    let server = serve([asks("asks"), by_url, sampling, roots]);
    for (tool, declared, needed) in [
        ("asks", json!({}), json!({ "elicitation": {} })),
        (
            "asks",
            json!({ "elicitation": { "url": {} } }),
            json!({ "elicitation": {} }),
        ),
        (
            "url",
            json!({ "elicitation": {} }),
            json!({ "elicitation": { "url": {} } }),
        ),
        (
            "url",
            json!({ "elicitation": { "form": {} } }),
            json!({ "elicitation": { "url": {} } }),
        ),
        (
            "sampling",
            json!({ "elicitation": {} }),
            json!({ "sampling": {} }),
        ),
        ("roots", json!({ "sampling": {} }), json!({ "roots": {} })),
    ] {
        let mut call = Conversation::call(tool);
        call.capabilities = declared;
        let answer = call.send(&server).await;
        let (code, data) = refused(&answer, 400);
        assert_eq!(code, -32021, "{answer:?}");
        assert_eq!(data["requiredCapabilities"], needed, "{answer:?}");
        // Nor with an answer at the ready.
        let answer = call.answered(json!({ "q0": ann() })).send(&server).await;
        assert_eq!(refused(&answer, 400).0, -32021, "{answer:?}");
    }
    // Forms are what naming no mode means.
    let mut call = Conversation::call("asks");
    call.capabilities = json!({ "elicitation": {} });
    call.is_asked(&server, &["q0"]).await;
}

#[tokio::test]
async fn of_questions_asked_together_only_those_declared_are_sent() {
    let both = tool("both", |ctx: Ctx| async move {
        let name = ctx.elicit::<Name>("Your name?").key("name");
        let (name, roots) = tokio::join!(name, ctx.list_roots().key("roots"));
        Ok(format!("{} {:?}", name?.name, roots.err()))
    });
    let server = serve([both]);
    let mut call = Conversation::call("both");
    call.capabilities = json!({ "elicitation": {} });
    let (next, _) = call.is_asked(&server, &["name"]).await;
    next.answered(json!({ "name": ann() }))
        .says(&server, "Ann Some(Unsupported(Roots))")
        .await;
}

#[tokio::test]
async fn methods_that_may_not_ask_never_do() {
    let server = server([asks("asks")])
        .resources([Resource::builder("one://{id}", "one")
            .handler(|_, _| async { Ok::<_, AskError>("text") })])
        .completions([Completion::of_resource(
            "one://{id}",
            "id",
            |_, ctx: Ctx| async move {
                let asked = ctx.elicit::<Name>("Your name?").await;
                Ok(vec![format!("{:?}", asked.err())])
            },
        )]);
    let server = local(HttpServer::new(server));
    let complete = json!({
        "ref": { "type": "ref/resource", "uri": "one://{id}" },
        "argument": { "name": "id", "value": "o" },
    });
    let complete = Conversation::of("completion/complete", complete);
    let result = complete.send(&server).await.result();
    assert_eq!(result["resultType"], "complete");
    assert_eq!(result["completion"]["values"], json!(["Some(Gone)"]));
    // What such a method is answered with says nothing to it.
    for method in ["tools/list", "server/discover", "resources/list"] {
        let ask = Conversation::of(method, json!({}));
        let plain = ask.send(&server).await.body;
        let answered = ask
            .with("requestState", json!("garbage"))
            .answered(json!({ "q0": ann() }));
        assert_eq!(answered.send(&server).await.body, plain, "{method}");
    }
}
