//! Prompts: their arguments travel as text, and are typed all the same.

use mcp_core::{Identity, Prompt, Server, prelude::*, types::prompt::PromptArgument};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::client::{Client, connect, connect_as};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Tone {
    Friendly,
    Stern,
}

/// Ask for a review
#[mcp_prompt(title = "Review")]
fn review(
    /// What to review
    #[arg(min_len = 2, max_len = 10)]
    title: String,
    /// How often
    #[arg(default = 1, min = 1, max = 3)]
    times: u32,
    tone: Option<Tone>,
    brief: Option<bool>,
    who: Option<Identity>,
) -> String {
    let who = who.map(|who| who.subject().to_owned());
    format!("{title} {times} {tone:?} {brief:?} {who:?}")
}

/// Two things to know
#[mcp_prompt]
fn compare(one: String, other: String) -> Vec<PromptMessage> {
    vec![
        PromptMessage::user(format!("Compare {one}")),
        PromptMessage::assistant(format!("with {other}.")),
    ]
}

/// A whole result
#[mcp_prompt]
async fn whole() -> GetPromptResult {
    tokio::task::yield_now().await;
    GetPromptResult::new([PromptMessage::user(Image::new(b"\x89PNG", "image/png"))])
        .description("A picture")
}

/// One message of the model's
#[mcp_prompt]
fn answer() -> PromptMessage {
    PromptMessage::assistant("42")
}

/// For known callers
#[mcp_prompt(requires_auth)]
fn secret() -> &'static str {
    "gold"
}

fn server() -> mcp_core::ServerBuilder {
    let by_hand = Prompt::builder("by_hand")
        .description("Made by hand")
        .argument(
            PromptArgument::new("topic")
                .required()
                .description("What about"),
        )
        .argument(PromptArgument::new("style"))
        .handler(|arguments, ctx| async move {
            let style = arguments.get("style").cloned().unwrap_or_default();
            Ok(format!(
                "{} {style} {}",
                arguments["topic"],
                ctx.request_id()
            ))
        });
    Server::new("prompts", "1")
        .prompts(prompts![review, compare, whole, answer, secret])
        .prompts([by_hand])
}

fn client() -> Client {
    connect(server())
}

async fn get(client: &Client, name: &str, arguments: Value) -> Value {
    let params = json!({ "name": name, "arguments": arguments });
    client.ask("prompts/get", params).await
}

async fn refused(client: &Client, name: &str, arguments: Value) -> (i64, String) {
    let params = json!({ "name": name, "arguments": arguments });
    client.refused("prompts/get", params).await
}

fn user(text: &str) -> Value {
    json!({ "role": "user", "content": { "type": "text", "text": text } })
}

#[tokio::test]
async fn arguments_are_text_and_become_what_the_function_takes() {
    let client = client();
    let all = json!({ "title": "Emma", "times": "2", "tone": "stern", "brief": "true" });
    assert_eq!(
        get(&client, "review", all).await,
        json!({ "messages": [user("Emma 2 Some(Stern) Some(true) None")] })
    );
    // Text stays text whatever it spells.
    let number = get(&client, "review", json!({ "title": "1984" })).await;
    assert_eq!(number["messages"][0], user("1984 1 None None None"));
}

#[tokio::test]
async fn everything_that_is_missing_is_named() {
    let client = client();
    for params in [
        json!({ "name": "compare" }),
        json!({ "name": "compare", "arguments": {} }),
    ] {
        let (code, message) = client.refused("prompts/get", params).await;
        assert_eq!(code, -32602);
        for line in [
            "`one`: required argument is missing",
            "`other`: required argument is missing",
        ] {
            assert!(message.contains(line), "{message}");
        }
    }
}

#[tokio::test]
async fn everything_that_does_not_fit_is_named() {
    let (code, message) = refused(
        &client(),
        "review",
        json!({ "title": "x", "times": "4", "tone": "rude", "brief": "perhaps", "titel": "y" }),
    )
    .await;
    assert_eq!(code, -32602);
    for part in [
        "`title`: has 1 characters, fewer than the minimum of 2",
        "`times`: 4 is greater than the maximum of 3",
        "`tone`: unknown variant `rude`, expected `friendly` or `stern`",
        "`brief`: ",
        "`titel`: unknown argument",
    ] {
        assert!(message.contains(part), "{part:?} is not in {message:?}");
    }
}

#[tokio::test]
async fn an_argument_that_is_no_text_is_refused() {
    let client = client();
    for arguments in [
        json!({ "title": 7 }),
        json!({ "title": null }),
        json!({ "title": ["Emma"] }),
        json!([]),
        json!("title"),
    ] {
        let (code, _) = refused(&client, "review", arguments.clone()).await;
        assert_eq!(code, -32602, "{arguments}");
    }
}

#[tokio::test]
async fn an_unknown_prompt_is_refused() {
    let (code, message) = refused(&client(), "Review", json!({})).await;
    assert_eq!((code, &*message), (-32602, "Unknown prompt: Review"));
}

#[tokio::test]
async fn what_a_prompt_returns_becomes_messages() {
    let client = client();
    assert_eq!(
        get(&client, "compare", json!({ "one": "a", "other": "b" })).await,
        json!({ "messages": [
            user("Compare a"),
            { "role": "assistant", "content": { "type": "text", "text": "with b." } },
        ] })
    );
    assert_eq!(
        get(&client, "whole", json!({})).await,
        json!({
            "description": "A picture",
            "messages": [{
                "role": "user",
                "content": { "type": "image", "data": "iVBORw==", "mimeType": "image/png" },
            }],
        })
    );
    assert_eq!(
        get(&client, "answer", json!({})).await["messages"][0]["role"],
        "assistant"
    );
}

#[tokio::test]
async fn a_prompt_for_known_callers_is_filled_in_for_nobody_else() {
    let (code, message) = refused(&client(), "secret", json!({})).await;
    assert_eq!(
        (code, &*message),
        (-32000, "Authentication required for prompt: secret")
    );
    let alice = connect_as(Some(Identity::new("alice")), "2025-11-25", server());
    assert_eq!(
        get(&alice, "secret", json!({})).await["messages"][0],
        user("gold")
    );
    let known = get(&alice, "review", json!({ "title": "Emma" })).await;
    assert_eq!(
        known["messages"][0],
        user(r#"Emma 1 None None Some("alice")"#)
    );
}

#[tokio::test]
async fn a_prompt_by_hand_is_checked_by_what_it_declares() {
    let client = client();
    let filled = get(
        &client,
        "by_hand",
        json!({ "topic": "tea", "style": "dry" }),
    )
    .await;
    assert_eq!(filled["messages"][0], user("tea dry 1"));
    let (code, message) = refused(&client, "by_hand", json!({ "styel": "dry" })).await;
    assert_eq!(code, -32602);
    for part in [
        "`topic`: required argument is missing",
        "`styel`: unknown argument",
    ] {
        assert!(message.contains(part), "{message}");
    }
}

#[tokio::test]
async fn prompts_are_listed_with_their_arguments_in_order() {
    let client = client();
    let prompts = client.list("prompts/list", "prompts").await;
    let names: Vec<_> = prompts
        .iter()
        .map(|prompt| prompt["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["review", "compare", "whole", "answer", "secret", "by_hand"]
    );
    assert_eq!(
        prompts[0],
        json!({
            "name": "review",
            "title": "Review",
            "description": "Ask for a review",
            "arguments": [
                { "name": "title", "description": "What to review", "required": true },
                { "name": "times", "description": "How often" },
                { "name": "tone" },
                { "name": "brief" },
            ],
        })
    );
    assert_eq!(
        prompts[5]["arguments"],
        json!([
            { "name": "topic", "description": "What about", "required": true },
            { "name": "style" },
        ])
    );
}

/// Ask for several
#[mcp_prompt]
fn several(
    #[arg(min_len = 2, max_len = 3)] numbers: Vec<u32>,
    #[arg(max = 0.5)] share: Option<f64>,
    #[arg(pattern = "^[0-9]+$")] code: Option<String>,
) -> String {
    format!("{numbers:?} {share:?} {code:?}")
}

#[tokio::test]
async fn what_text_spells_is_bounded_as_it_was_read() {
    let client = connect(Server::new("prompts", "1").prompts(prompts![several]));
    let said = get(
        &client,
        "several",
        json!({ "numbers": "[1, 2, 3]", "share": " 0.5 ", "code": "7" }),
    )
    .await;
    assert_eq!(
        said["messages"],
        json!([user("[1, 2, 3] Some(0.5) Some(\"7\")")])
    );
    for (arguments, problem) in [
        (
            json!({ "numbers": "[1]" }),
            "`numbers`: has 1 items, fewer than the minimum of 2",
        ),
        (
            json!({ "numbers": "[1,2,3,4]" }),
            "`numbers`: has 4 items, more than the maximum of 3",
        ),
        (
            json!({ "numbers": "[1,2]", "share": " 0.6" }),
            "`share`: 0.6 is greater than the maximum of 0.5",
        ),
        (
            json!({ "numbers": "[1,2]", "code": " 7" }),
            "`code`: does not match the pattern `^[0-9]+$`",
        ),
    ] {
        let (_, message) = refused(&client, "several", arguments.clone()).await;
        assert!(message.contains(problem), "{arguments}: {message}");
    }
}
