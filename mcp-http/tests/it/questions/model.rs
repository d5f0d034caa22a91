//! The client's model and folders.

use mcp_core::{
    Ctx,
    types::sampling::{CreateMessage, ModelHint, ModelPreferences, SamplingMessage, ToolChoice},
};
use serde_json::json;

use super::{Scene, asks, http, said};
use crate::events::tool;

#[tokio::test]
async fn the_clients_model_is_asked_and_its_answer_read() {
    let samples = tool("samples", |ctx: Ctx| async move {
        let mut message = CreateMessage::new("Name a color", 50);
        message.system_prompt = Some("Be brief.".to_owned());
        message.temperature = Some(0.5);
        message.stop_sequences = vec![".".to_owned()];
        let mut preferences = ModelPreferences::default();
        preferences.hints = vec![ModelHint::new("small")];
        preferences.speed_priority = Some(1.0);
        message.model_preferences = Some(preferences);
        message.messages.push(SamplingMessage::user("Any."));
        let answer = ctx.create_message(message).await?;
        let stop = answer.stop_reason.as_deref().unwrap_or("-");
        Ok(format!("{} {} {stop}", answer.model, answer.text()))
    });
    // Whoever needs no tools can be asked without them.
    let scene = Scene::over(http([samples]), &json!({ "sampling": {} })).await;
    let mut stream = scene.call(1, "samples").await;
    let question = stream.message().await;
    assert_eq!(question["method"], "sampling/createMessage");
    assert_eq!(
        question["params"],
        json!({
            "messages": [
                { "role": "user", "content": { "type": "text", "text": "Name a color" } },
                { "role": "user", "content": { "type": "text", "text": "Any." } },
            ],
            "maxTokens": 50,
            "systemPrompt": "Be brief.",
            "temperature": 0.5,
            "stopSequences": ["."],
            "modelPreferences": { "hints": [{ "name": "small" }], "speedPriority": 1.0 },
        })
    );
    let result = json!({
        "role": "assistant", "content": { "type": "text", "text": "Blue" },
        "model": "m-1", "stopReason": "endTurn",
    });
    scene.answer(&question, &result).await;
    assert_eq!(said(stream).await, "m-1 Blue endTurn");
}

#[tokio::test]
async fn the_clients_model_may_be_given_tools() {
    let samples = tool("samples", |ctx: Ctx| async move {
        let mut message = CreateMessage::new("Weather?", 50);
        message.tools = vec![asks().definition().clone()];
        message.tool_choice = Some(ToolChoice::Required);
        let answer = ctx.create_message(message).await?;
        Ok(format!("{:?}", answer.content))
    });
    let scene = Scene::new([samples]).await;
    let mut stream = scene.call(1, "samples").await;
    let question = stream.message().await;
    let params = &question["params"];
    assert_eq!(params["toolChoice"], json!({ "mode": "required" }));
    assert_eq!(params["tools"][0]["name"], "asks");
    assert_eq!(params["tools"][0]["inputSchema"]["type"], "object");
    let result = json!({
        "role": "assistant", "model": "m-1", "stopReason": "toolUse",
        "content": [
            { "type": "text", "text": "Let me see" },
            { "type": "tool_use", "id": "u1", "name": "asks", "input": { "city": "Ulm" } },
        ],
    });
    scene.answer(&question, &result).await;
    let said = said(stream).await;
    assert!(said.contains("ToolUse") && said.contains("Ulm"), "{said}");
}

#[tokio::test]
async fn the_clients_folders_are_asked_for() {
    let roots = tool("roots", |ctx: Ctx| async move {
        let roots = ctx.list_roots().await?;
        let name = |root: &mcp_core::types::roots::Root| {
            format!("{} {}", root.uri, root.name.as_deref().unwrap_or("-"))
        };
        Ok(roots.iter().map(name).collect::<Vec<_>>().join(", "))
    });
    let scene = Scene::over(http([roots]), &json!({ "roots": {} })).await;
    let mut stream = scene.call(1, "roots").await;
    let question = stream.message().await;
    assert_eq!(question["method"], "roots/list");
    assert_eq!(question["params"], json!({}));
    let result = json!({ "roots": [{ "uri": "file:///a", "name": "A" }, { "uri": "file:///b" }] });
    scene.answer(&question, &result).await;
    assert_eq!(said(stream).await, "file:///a A, file:///b -");
}
