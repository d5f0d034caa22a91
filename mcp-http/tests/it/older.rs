//! Sessions of revisions before 2025-11-25: what they are asked, and how their streams go.

use std::time::Duration;

use mcp_core::{
    Ctx, Server, Tool,
    era::legacy::Resumption,
    schema::Schema,
    types::{
        Meta, Role,
        content::{Audio, Text},
        sampling::{
            CreateMessage, OneOrMany, SamplingContent, SamplingMessage, ToolChoice, ToolUse,
        },
    },
};
use mcp_http::HttpServer;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::io::DuplexStream;

use crate::{
    client::{Ask, Local, local},
    events::{Signal, Stream, answer, call, get, initialize, resume, text, tool, watched},
};

/// All of them, oldest first.
const OLDER: [&str; 3] = ["2024-11-05", "2025-03-26", "2025-06-18"];

/// A server, and a session of it in some revision.
struct Scene {
    server: Local,
    session: String,
}

impl Scene {
    async fn new(version: &str, tool: Tool, capabilities: Value) -> Self {
        Self::over(version, HttpServer::new(server(tool)), capabilities).await
    }

    async fn over(version: &str, http: HttpServer, capabilities: Value) -> Self {
        let server = local(http);
        let hello = server.ask(&initialize(version, &capabilities)).await;
        assert_eq!(hello.result()["protocolVersion"], version);
        let session = crate::client::session(&hello);
        Self { server, session }
    }

    async fn stream(&self, ask: Ask) -> Stream<DuplexStream> {
        self.server.stream(&ask.session(&self.session)).await
    }

    /// What a call of this tool says that is not sent anything on the way.
    async fn said(&self, tool: &str) -> String {
        let ask = call(1, tool).session(&self.session);
        self.server.ask(&ask).await.said().0
    }
}

fn server(tool: Tool) -> mcp_core::ServerBuilder {
    Server::new("it", "1").tools([tool])
}

// ---- forms

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Size {
    /// Up to 40
    Small,
    /// From 41
    Large,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Color {
    Red,
    Blue,
}

fn one() -> u32 {
    1
}

#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only shown")]
struct Order {
    /// How large
    size: Size,
    color: Color,
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 9))]
    count: u32,
    #[serde(default)]
    gift: bool,
}

#[tokio::test]
async fn a_form_has_the_words_that_its_client_knows() {
    let orders = tool("orders", |ctx: Ctx| async move {
        Ok(format!("{:?}", ctx.elicit::<Order>("Which?").await?.size))
    });
    for version in OLDER {
        let scene = Scene::new(version, orders.clone(), json!({ "elicitation": {} })).await;
        let mut stream = scene.stream(call(1, "orders")).await;
        let question = stream.message().await;
        assert_eq!(
            question["params"],
            json!({
                "message": "Which?",
                "requestedSchema": {
                    "type": "object",
                    "properties": {
                        "size": {
                            "type": "string",
                            "description": "How large",
                            "enum": ["small", "large"],
                            "enumNames": ["Up to 40", "From 41"],
                        },
                        "color": { "type": "string", "enum": ["red", "blue"] },
                        "count": { "type": "integer", "minimum": 1, "maximum": 9 },
                        "gift": { "type": "boolean", "default": false },
                    },
                    "required": ["size", "color"],
                },
            }),
            "{version}"
        );
        let content = json!({ "size": "large", "color": "red" });
        let result = json!({ "action": "accept", "content": content });
        let answer = answer(&question, &result).session(&scene.session);
        scene.server.tell(&answer).await;
        assert_eq!(text(&stream.response().await.0), "Large");
    }
}

#[tokio::test]
async fn a_form_by_hand_loses_what_its_client_does_not_know() {
    let asks = tool("asks", |ctx: Ctx| async move {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {
                "mail": { "type": "string", "format": "email", "pattern": "@", "default": "a@b" },
                // One without a title: there is nothing to show for it but itself.
                "way": { "type": "string", "oneOf": [{ "const": "a", "title": "A" }, { "const": "b" }] },
            },
        });
        let schema = Schema::parse(&schema.to_string()).unwrap();
        Ok(format!(
            "{:?}",
            ctx.elicit_with("Where to?", schema).await.is_ok()
        ))
    });
    let scene = Scene::new("2025-06-18", asks, json!({ "elicitation": {} })).await;
    let mut stream = scene.stream(call(1, "asks")).await;
    assert_eq!(
        stream.message().await["params"]["requestedSchema"],
        json!({
            "type": "object",
            "properties": {
                "mail": { "type": "string", "format": "email" },
                "way": { "type": "string", "enum": ["a", "b"] },
            },
        })
    );
}

#[tokio::test]
async fn who_asks_for_several_choices_is_told_that_the_client_has_none() {
    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "never answered")]
    struct Sizes {
        sizes: Vec<Size>,
    }

    let asks = tool("asks", |ctx: Ctx| async move {
        Ok(match ctx.elicit::<Sizes>("Which?").await {
            Ok(_) => "answered".to_owned(),
            Err(error) => error.to_string(),
        })
    });
    for version in OLDER {
        let scene = Scene::new(version, asks.clone(), json!({ "elicitation": {} })).await;
        let said = scene.said("asks").await;
        for word in ["not a form", "`sizes`", version, "one choice"] {
            assert!(said.contains(word), "{word:?} is not in {said:?}");
        }
    }
    // Whoever knows them is asked.
    let scene = Scene::new("2025-11-25", asks, json!({ "elicitation": {} })).await;
    let mut stream = scene.stream(call(1, "asks")).await;
    let question = stream.message().await;
    let fields = &question["params"]["requestedSchema"]["properties"];
    assert_eq!(fields["sizes"]["type"], "array");
}

#[tokio::test]
async fn what_can_be_asked_is_asked_beside_what_cannot() {
    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "never answered")]
    struct Sizes {
        sizes: Vec<Size>,
    }

    let asks = tool("asks", |ctx: Ctx| async move {
        let (sizes, roots) = tokio::join!(ctx.elicit::<Sizes>("Which?"), ctx.list_roots());
        Ok(format!("{} {}", sizes.is_ok(), roots?.len()))
    });
    let capabilities = json!({ "elicitation": {}, "roots": {} });
    let scene = Scene::new("2025-06-18", asks, capabilities).await;
    let mut stream = scene.stream(call(1, "asks")).await;
    let question = stream.message().await;
    assert_eq!(question["method"], "roots/list");
    let roots = json!({ "roots": [{ "uri": "file:///a" }] });
    let answer = answer(&question, &roots).session(&scene.session);
    scene.server.tell(&answer).await;
    assert_eq!(text(&stream.response().await.0), "false 1");
}

// ---- what their clients can be asked

#[tokio::test]
async fn pages_and_tools_of_the_model_are_not_asked_for_before_there_were_any() {
    let asks = tool("asks", |ctx: Ctx| async move {
        let url = ctx.elicit_url("Pay", "https://example.com", "1").await;
        let mut with_tools = CreateMessage::new("Hello", 10);
        with_tools.tool_choice = Some(ToolChoice::Auto);
        let model = ctx.create_message(with_tools).await;
        let mut used = CreateMessage::new("Hello", 10);
        let piece = SamplingContent::ToolUse(ToolUse::new("1", "add", Map::new()));
        used.messages
            .push(SamplingMessage::new(Role::Assistant, piece));
        let past = ctx.create_message(used).await;
        Ok(format!("{url:?} {:?} {:?}", model.err(), past.err()))
    });
    let capabilities =
        json!({ "elicitation": { "form": {}, "url": {} }, "sampling": { "tools": {} } });
    for version in OLDER {
        let scene = Scene::new(version, asks.clone(), capabilities.clone()).await;
        assert_eq!(
            scene.said("asks").await,
            "Err(Unsupported(ElicitationByUrl)) Some(Unsupported(SamplingWithTools)) \
             Some(Unsupported(SamplingWithTools))",
            "{version}"
        );
    }
}

#[tokio::test]
async fn who_can_only_visit_pages_is_shown_no_form() {
    let asks = tool("asks", |ctx: Ctx| async move {
        Ok(format!("{:?}", ctx.elicit::<Order>("Which?").await.err()))
    });
    let pages = json!({ "elicitation": { "url": {} } });
    for version in OLDER {
        let scene = Scene::new(version, asks.clone(), pages.clone()).await;
        let said = scene.said("asks").await;
        assert_eq!(said, "Some(Unsupported(Elicitation))", "{version}");
    }
}

#[tokio::test]
async fn the_clients_model_is_told_one_piece_at_a_time() {
    let samples = tool("samples", |ctx: Ctx| async move {
        let mut noted = Text::new("What is it?");
        noted.meta = Some(Meta::from_iter([("example.com/x".to_owned(), json!(1))]));
        let mut message = SamplingMessage::user("");
        message.content = OneOrMany::Many(vec![
            SamplingContent::Text(noted),
            SamplingContent::Audio(Audio::new([1], "audio/wav")),
        ]);
        message.meta = Some(Meta::from_iter([("example.com/y".to_owned(), json!(2))]));
        let mut request = CreateMessage::new("Listen", 10);
        request.messages.push(message);
        Ok(ctx.create_message(request).await?.text())
    });
    let audio = json!({ "type": "audio", "data": "AQ==", "mimeType": "audio/wav" });
    for (version, heard) in [
        ("2025-06-18", audio.clone()),
        ("2025-03-26", audio),
        (
            "2024-11-05",
            json!({
                "type": "text",
                "text": "[a recording (audio/wav), which this client cannot take]",
            }),
        ),
    ] {
        let scene = Scene::new(version, samples.clone(), json!({ "sampling": {} })).await;
        let mut stream = scene.stream(call(1, "samples")).await;
        let mut question = json!({ "type": "text", "text": "What is it?" });
        if version == "2025-06-18" {
            question["_meta"] = json!({ "example.com/x": 1 });
        }
        assert_eq!(
            stream.message().await["params"]["messages"],
            json!([
                { "role": "user", "content": { "type": "text", "text": "Listen" } },
                { "role": "user", "content": question },
                { "role": "user", "content": heard },
            ]),
            "{version}"
        );
    }
}

#[tokio::test]
async fn progress_is_told_in_words_to_clients_that_know_them() {
    let works = tool("works", |ctx: Ctx| async move {
        ctx.progress_with(1.0, None, "halfway");
        Ok("done")
    });
    for version in OLDER {
        let scene = Scene::new(version, works.clone(), json!({})).await;
        let mut stream = scene.stream(watched(1, "works", "p")).await;
        let mut expected = json!({ "progressToken": "p", "progress": 1.0 });
        if version != "2024-11-05" {
            expected["message"] = json!("halfway");
        }
        assert_eq!(stream.message().await["params"], expected, "{version}");
    }
}

// ---- streams

fn resumable(tool: Tool) -> HttpServer {
    HttpServer::new(server(tool)).resumable(Resumption::default())
}

#[tokio::test]
async fn a_stream_is_resumed_that_did_not_begin_with_an_event_without_data() {
    let counts = tool("counts", |ctx: Ctx| async move {
        ctx.log(mcp_core::types::logging::LoggingLevel::Info, 1);
        tokio::task::yield_now().await;
        Ok("counted")
    });
    for version in OLDER {
        let scene = Scene::over(version, resumable(counts.clone()), json!({})).await;
        let mut stream = scene.stream(call(1, "counts")).await;
        // The first byte is there all the same.
        assert!(stream.block().await.unwrap().is_comment(), "{version}");
        let told = stream.event().await.unwrap();
        let id = told.id.clone().expect("an id");
        assert_eq!(told.message()["params"]["data"], 1);
        drop(stream);
        let rest = scene.server.stream(&resume(&scene.session, &id)).await;
        assert_eq!(text(&rest.response().await.0), "counted");

        let mut listening = scene.server.stream(&get(&scene.session)).await;
        assert!(listening.block().await.unwrap().is_comment(), "{version}");
    }
}

#[tokio::test]
async fn a_stream_is_not_closed_before_the_answer_for_clients_that_would_not_come_back() {
    for version in OLDER {
        let (asked, go) = (Signal::default(), Signal::default());
        let (closes, goes) = (asked.clone(), go.clone());
        let polls = tool("polls", move |ctx: Ctx| {
            let (closes, goes) = (closes.clone(), goes.clone());
            async move {
                ctx.close_stream(Duration::ZERO);
                ctx.log(mcp_core::types::logging::LoggingLevel::Info, "open");
                closes.give();
                goes.wait().await;
                Ok("done")
            }
        });
        let scene = Scene::over(version, resumable(polls), json!({})).await;
        let mut stream = scene.stream(call(1, "polls")).await;
        asked.wait().await;
        assert_eq!(stream.message().await["params"]["data"], "open");
        go.give();
        assert_eq!(text(&stream.response().await.0), "done", "{version}");
    }
}

// ---- 2024-11-05

#[tokio::test]
async fn a_session_of_2024_11_05_takes_no_batches() {
    let quick = tool("quick", |_| async { Ok("quick") });
    let scene = Scene::new("2024-11-05", quick, json!({})).await;
    let batch = json!([{ "jsonrpc": "2.0", "id": 1, "method": "ping" }]);
    let ask = Ask::post(batch).session(&scene.session);
    let (code, _) = scene.server.ask(&ask).await.error(400);
    assert_eq!(code, -32600);
}

#[tokio::test]
async fn a_session_of_2024_11_05_may_name_its_revision_or_not() {
    let quick = tool("quick", |_| async { Ok("quick") });
    let scene = Scene::new("2024-11-05", quick, json!({})).await;
    assert_eq!(scene.said("quick").await, "quick");
    let ask = call(1, "quick")
        .session(&scene.session)
        .with("MCP-Protocol-Version", "2024-11-05");
    assert_eq!(scene.server.ask(&ask).await.said().0, "quick");
}
