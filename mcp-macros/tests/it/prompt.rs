use mcp_core::{Server, prelude::*};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::get;

#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Tone {
    Friendly,
    Dry,
}

/// Ask for a review
#[mcp_prompt(title = "Review")]
fn review(
    /// Title of the book
    title: String,
    #[arg(default = Tone::Friendly)] tone: Tone,
    #[arg(min = 1)] words: Option<u32>,
) -> String {
    format!("{title} {tone:?} {words:?}")
}

/// Ask a question
#[mcp_prompt(name = "ask-it", meta = json!({ "example.com/kind": "question" }))]
async fn ask(question: String, _ctx: Ctx) -> Result<Vec<PromptMessage>, ToolError> {
    if question.is_empty() {
        return Err(ToolError::user("nothing is asked"));
    }
    Ok(vec![
        PromptMessage::user(question),
        PromptMessage::assistant("Well…"),
    ])
}

fn server() -> Server {
    Server::new("test", "1")
        .prompts(prompts![review, ask])
        .build()
        .unwrap()
}

#[test]
fn the_definition_says_what_the_function_says() {
    let definition = serde_json::to_value(prompts![review][0].definition()).unwrap();
    let expected = json!({
        "name": "review",
        "title": "Review",
        "description": "Ask for a review",
        "arguments": [
            { "name": "title", "description": "Title of the book", "required": true },
            { "name": "tone" },
            { "name": "words" },
        ],
    });
    assert_eq!(definition, expected);
}

#[tokio::test]
async fn arguments_are_typed_and_defaults_stand_in() {
    let server = server();
    let text = async |arguments| {
        get(&server, "review", arguments)
            .await
            .map(|messages| messages[0]["content"]["text"].clone())
    };
    let said = text(json!({ "title": "5" })).await.unwrap();
    assert_eq!(said, "5 Friendly None");
    let said = text(json!({ "title": "Emma", "tone": "dry", "words": "80" }))
        .await
        .unwrap();
    assert_eq!(said, "Emma Dry Some(80)");

    let error = text(json!({ "tone": "loud", "words": "0" }))
        .await
        .unwrap_err();
    for name in ["`title`", "`tone`", "`words`"] {
        assert!(error.contains(name), "{name} in {error}");
    }
}

#[tokio::test]
async fn several_messages_or_a_failure() {
    let server = server();
    let messages = get(&server, "ask-it", json!({ "question": "Why?" }))
        .await
        .unwrap();
    assert_eq!(messages[0]["role"], "user");
    assert_eq!(messages[1]["role"], "assistant");
    let error = get(&server, "ask-it", json!({ "question": "" }))
        .await
        .unwrap_err();
    assert!(error.contains("nothing is asked"), "{error}");
}

#[test]
fn the_function_is_still_a_function() {
    assert_eq!(review("a".into(), Tone::Dry, Some(1)), "a Dry Some(1)");
}

/// Ask for a review of code
#[mcp_prompt(name = "Code review")]
fn code_review(#[arg(default)] language: String) -> String {
    language
}

#[test]
fn what_travels_along_is_told() {
    let definition = serde_json::to_value(prompts![ask][0].definition()).unwrap();
    assert_eq!(
        definition["_meta"],
        json!({ "example.com/kind": "question" })
    );
}

#[tokio::test]
async fn a_prompt_is_called_what_people_call_it() {
    let server = Server::new("test", "1").prompts(prompts![code_review]);
    let server = server.build().unwrap();
    let messages = get(&server, "Code review", json!({})).await.unwrap();
    assert_eq!(messages[0]["content"]["text"], "");
}
