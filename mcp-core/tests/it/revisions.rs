//! Sessions of older revisions are told nothing that those do not know.

use mcp_core::{
    Completion, Ctx, Prompt, Resource, Server, ServerBuilder, Tool,
    handler::{Structured, ToolOutput},
    prelude::*,
    types::{Annotations, Icon, Meta, Role, prompt::PromptArgument, resource::ResourceContents},
};
use serde_json::{Value, json};

use crate::client::{Client, connect_at};

fn meta() -> Meta {
    Meta::from_iter([("example.com/x".to_owned(), json!(1))])
}

fn icon() -> Icon {
    Icon::new("https://example.com/i.png")
}

fn annotations() -> Annotations {
    let mut annotations = Annotations::default();
    annotations.audience = vec![Role::User];
    annotations.priority = Some(1.0);
    annotations.last_modified = Some("2025-01-12T15:00:58Z".to_owned());
    annotations
}

/// Every kind of content there is, with everything that it can carry.
fn content() -> Vec<Content> {
    let mut text = Text::new("text");
    (text.annotations, text.meta) = (Some(annotations()), Some(meta()));
    let mut image = Image::new([1], "image/png");
    (image.annotations, image.meta) = (Some(annotations()), Some(meta()));
    let mut audio = Audio::new([1], "audio/wav");
    (audio.annotations, audio.meta) = (Some(annotations()), Some(meta()));
    let mut contents = ResourceContents::text("docs://x", "text");
    contents.meta = Some(meta());
    let mut embedded = Embedded::new(contents);
    (embedded.annotations, embedded.meta) = (Some(annotations()), Some(meta()));
    let mut link = ResourceLink::new("docs://x", "x");
    (link.title, link.icons) = (Some("X".to_owned()), vec![icon()]);
    (link.annotations, link.meta) = (Some(annotations()), Some(meta()));
    vec![
        text.into(),
        image.into(),
        audio.into(),
        embedded.into(),
        link.into(),
    ]
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Nothing {}

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Number {
    number: u32,
}

/// A server that uses everything that a revision can know.
fn server() -> ServerBuilder {
    let structured = Tool::builder("structured")
        .title("Structured")
        .description("Answers a number")
        .icon(icon())
        .meta(meta())
        .read_only(true)
        .handler(|Nothing {}, _: Ctx| async { Ok(Number { number: 7 }) });
    let all = Tool::builder("all").handler(|Nothing {}, _: Ctx| async {
        let mut output = ToolOutput::from(content());
        output.structured = Some(Structured::new(&Number { number: 7 }).unwrap());
        output.meta = Some(meta());
        Ok(output)
    });
    let resource = |uri: &str, name: &str| {
        let mut resource = Resource::builder(uri, name)
            .title("Titled")
            .description("Described")
            .icon(icon())
            .annotations(annotations());
        // A template has none.
        if !uri.contains('{') {
            resource = resource.size(4);
        }
        resource.handler(|request, _| async move {
            let mut contents = ResourceContents::text(request.uri(), "text");
            contents.meta = Some(meta());
            Ok::<_, ResourceError>(contents)
        })
    };
    let prompt = Prompt::builder("prompt")
        .title("Titled")
        .icon(icon())
        .argument({
            let mut argument = PromptArgument::new("a");
            argument.title = Some("A".to_owned());
            argument
        })
        .handler(|_, _| async {
            let messages = content().into_iter().map(PromptMessage::user);
            let mut result = GetPromptResult::new(messages);
            result.meta = Some(meta());
            Ok(result)
        });
    Server::new("revisions", "1")
        .title("Revisions")
        .description("Knows them all")
        .website_url("https://example.com")
        .icon(icon())
        .tools([structured, all])
        .resources([resource("docs://x", "x"), resource("docs://{page}/y", "y")])
        .prompts([prompt])
        .completions([Completion::of_prompt("prompt", "a", |_, _| async {
            Ok(vec!["one"])
        })])
}

fn completed() -> Value {
    let of = json!({ "type": "ref/prompt", "name": "prompt" });
    json!({ "ref": of, "argument": { "name": "a", "value": "o" } })
}

/// Everything the server can be asked.
async fn everything(client: &Client) -> Vec<(&'static str, Value)> {
    let mut all = vec![("initialize", client.greeting.clone())];
    for (method, params) in [
        ("tools/list", json!({})),
        ("tools/call", json!({ "name": "structured" })),
        ("tools/call", json!({ "name": "all" })),
        ("resources/list", json!({})),
        ("resources/templates/list", json!({})),
        ("resources/read", json!({ "uri": "docs://x" })),
        ("prompts/list", json!({})),
        ("prompts/get", json!({ "name": "prompt" })),
        ("completion/complete", completed()),
    ] {
        all.push((method, client.ask(method, params).await));
    }
    all
}

fn has(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(members) => {
            members.contains_key(name) || members.values().any(|value| has(value, name))
        }
        Value::Array(items) => items.iter().any(|item| has(item, name)),
        _ => false,
    }
}

async fn assert_never(version: &str, newer: &[&str]) {
    let client = connect_at(version, server());
    for (method, result) in everything(&client).await {
        for name in newer {
            assert!(
                !has(&result, name),
                "`{name}` in {method} of {version}: {result}"
            );
        }
    }
}

/// Read off the schemas: `schema/2024-11-05/schema.ts` has none of these. It knows annotations of
/// content and resources, and none of tools.
#[tokio::test]
async fn a_session_of_2024_11_05_is_told_nothing_newer() {
    let newer = [
        "icons",
        "title",
        "websiteUrl",
        "outputSchema",
        "structuredContent",
        "lastModified",
        "readOnlyHint",
        "completions",
    ];
    assert_never("2024-11-05", &newer).await;
    let client = connect_at("2024-11-05", server());
    assert_eq!(client.greeting["protocolVersion"], "2024-11-05");
    assert_eq!(
        client.greeting["serverInfo"],
        json!({ "name": "revisions", "version": "1" })
    );
    let tool = client.tool("structured").await;
    let members: Vec<_> = tool.as_object().unwrap().keys().collect();
    assert_eq!(members, ["name", "description", "inputSchema"]);
    for (method, mut result) in everything(&client).await {
        if let Some(result) = result.as_object_mut() {
            result.remove("_meta");
        }
        assert!(!has(&result, "_meta"), "`_meta` in {method}: {result}");
        let text = result.to_string();
        for kind in ["resource_link", r#""audio""#] {
            assert!(!text.contains(kind), "{method}: {text}");
        }
    }
}

#[tokio::test]
async fn a_session_of_2024_11_05_reads_that_there_is_a_recording() {
    let client = connect_at("2024-11-05", server());
    let kept = json!({ "audience": ["user"], "priority": 1.0 });
    let recording = json!({
        "type": "text",
        "text": "[a recording (audio/wav), which this client cannot take]",
        "annotations": kept,
    });
    let all = client.call("all", json!({})).await;
    let kinds: Vec<_> = all["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| &c["type"])
        .collect();
    assert_eq!(kinds, ["text", "image", "text", "resource", "text"]);
    assert_eq!(all["content"][2], recording);
    assert_eq!(all["content"][0]["annotations"], kept);
    let prompt = client.ask("prompts/get", json!({ "name": "prompt" })).await;
    assert_eq!(prompt["messages"][2]["content"], recording);
}

#[tokio::test]
async fn what_2024_11_05_has_no_capability_for_is_served_all_the_same() {
    let client = connect_at("2024-11-05", server());
    let completed = client.ask("completion/complete", completed()).await;
    assert_eq!(completed["completion"]["values"], json!(["one"]));
}

/// Read off the schemas: `schema/2025-03-26/schema.ts` has none of these, but `_meta` on results.
#[tokio::test]
async fn a_session_of_2025_03_26_is_told_nothing_newer() {
    let newer = [
        "icons",
        "title",
        "websiteUrl",
        "outputSchema",
        "structuredContent",
        "lastModified",
    ];
    assert_never("2025-03-26", &newer).await;
    let client = connect_at("2025-03-26", server());
    assert_eq!(
        client.greeting["serverInfo"],
        json!({ "name": "revisions", "version": "1" })
    );
    for (method, mut result) in everything(&client).await {
        if let Some(result) = result.as_object_mut() {
            result.remove("_meta");
        }
        assert!(!has(&result, "_meta"), "`_meta` in {method}: {result}");
        let text = result.to_string();
        assert!(!text.contains("resource_link"), "{method}: {text}");
    }
}

#[tokio::test]
async fn a_session_of_2025_03_26_reads_links_and_structured_output_as_text() {
    let client = connect_at("2025-03-26", server());
    let all = client.call("all", json!({})).await;
    let kinds: Vec<_> = all["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| &c["type"])
        .collect();
    assert_eq!(kinds, ["text", "image", "audio", "resource", "text"]);
    assert_eq!(all["content"][4]["text"], "x: docs://x");
    let kept = json!({ "audience": ["user"], "priority": 1.0 });
    assert_eq!(all["content"][0]["annotations"], kept);
    let structured = client.call("structured", json!({})).await;
    assert_eq!(
        structured,
        json!({ "content": [{ "type": "text", "text": r#"{"number":7}"# }] })
    );
}

/// Read off the schemas: `schema/2025-06-18/schema.ts` has none of these.
#[tokio::test]
async fn a_session_of_2025_06_18_is_told_nothing_newer() {
    assert_never("2025-06-18", &["icons", "websiteUrl"]).await;
    let client = connect_at("2025-06-18", server());
    assert_eq!(
        client.greeting["serverInfo"],
        json!({ "name": "revisions", "title": "Revisions", "version": "1" })
    );
}

#[tokio::test]
async fn a_session_of_2025_06_18_is_told_everything_that_it_knows() {
    let client = connect_at("2025-06-18", server());
    let tool = client.tool("structured").await;
    assert_eq!(tool["title"], "Structured");
    assert_eq!(tool["outputSchema"]["type"], "object");
    assert_eq!(tool["_meta"], json!({ "example.com/x": 1 }));
    let all = client.call("all", json!({})).await;
    assert_eq!(all["structuredContent"], json!({ "number": 7 }));
    let link = &all["content"][4];
    assert_eq!(
        (&link["type"], &link["title"]),
        (&json!("resource_link"), &json!("X"))
    );
    assert_eq!(link["annotations"]["lastModified"], "2025-01-12T15:00:58Z");
    assert_eq!(all["content"][0]["_meta"], json!({ "example.com/x": 1 }));
    let resources = client.list("resources/list", "resources").await;
    assert_eq!(
        resources[0]["annotations"]["lastModified"],
        "2025-01-12T15:00:58Z"
    );
    let prompts = client.list("prompts/list", "prompts").await;
    assert_eq!(
        prompts[0]["arguments"],
        json!([{ "name": "a", "title": "A" }])
    );
}

#[tokio::test]
async fn a_session_of_2025_11_25_is_told_everything() {
    let client = connect_at("2025-11-25", server());
    assert_eq!(
        client.greeting["serverInfo"],
        json!({
            "name": "revisions",
            "title": "Revisions",
            "version": "1",
            "description": "Knows them all",
            "websiteUrl": "https://example.com",
            "icons": [{ "src": "https://example.com/i.png" }],
        })
    );
    for (method, result) in everything(&client).await {
        if method.ends_with("/list") {
            assert!(
                has(&result, "icons") && has(&result, "title"),
                "{method}: {result}"
            );
        }
    }
    let all = client.call("all", json!({})).await;
    assert!(has(&all["content"][4], "icons"), "{all}");
}

#[tokio::test]
async fn what_one_session_is_told_does_not_change_what_another_is() {
    for _ in 0..2 {
        for version in ["2025-11-25", "2025-03-26", "2024-11-05", "2025-06-18"] {
            let fresh = connect_at(version, server());
            let shared = std::sync::Arc::new(server().build().unwrap())
                as std::sync::Arc<dyn mcp_core::handler::Handler>;
            let older = connect_at("2025-03-26", shared.clone());
            everything(&older).await;
            let after = connect_at(version, shared);
            assert_eq!(everything(&fresh).await, everything(&after).await);
        }
    }
}
