//! Questions to the client: who can be asked what, where, and what is sent.

mod forms;
mod model;
mod several;
mod unanswered;

use std::time::Duration;

use mcp_core::{
    AskError, Ctx, Prompt, Resource, Server, Tool, ToolError,
    types::{
        logging::LoggingLevel,
        sampling::{CreateMessage, ToolChoice},
    },
};
use mcp_http::HttpServer;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{io::DuplexStream, time::Instant};

use crate::{
    client::{Local, local},
    events::{
        Signal, Stream, answer, call, cancelled, code, initialize, new_session, request, telling,
        text, tool,
    },
};

const MINUTE: Duration = Duration::from_secs(60);

/// A client that can be asked anything.
fn everything() -> Value {
    json!({
        "elicitation": { "form": {}, "url": {} },
        "sampling": { "tools": {} },
        "roots": {},
    })
}

fn http(tools: impl IntoIterator<Item = Tool>) -> HttpServer {
    HttpServer::new(Server::new("it", "1").tools(tools))
}

#[derive(Deserialize, JsonSchema)]
struct Name {
    name: String,
}

/// Asks for a name, and says what came of it.
fn asks() -> Tool {
    tool("asks", |ctx: Ctx| async move {
        Ok(match ctx.elicit::<Name>("Your name?").await {
            Ok(Name { name }) => format!("Hello, {name}!"),
            Err(error) => format!("{error:?}"),
        })
    })
}

/// A server, a session of it, and what is answered there.
struct Scene {
    server: Local,
    session: String,
}

impl Scene {
    async fn new(tools: impl IntoIterator<Item = Tool>) -> Self {
        Self::over(http(tools), &everything()).await
    }

    async fn over(http: HttpServer, capabilities: &Value) -> Self {
        let server = local(http);
        let session = new_session(&server, capabilities).await;
        Self { server, session }
    }

    /// Calls a tool that asks.
    async fn call(&self, id: impl Into<Value>, tool: &str) -> Stream<DuplexStream> {
        let ask = call(id, tool).session(&self.session);
        self.server.stream(&ask).await
    }

    /// Answers a question.
    async fn answer(&self, question: &Value, result: &Value) {
        let ask = answer(question, result).session(&self.session);
        self.server.tell(&ask).await;
    }

    /// Fills in a form.
    async fn accept(&self, question: &Value, content: Value) {
        let result = json!({ "action": "accept", "content": content });
        self.answer(question, &result).await;
    }
}

/// What a tool said in the end.
async fn said(stream: Stream<DuplexStream>) -> String {
    text(&stream.response().await.0).to_owned()
}

// ---- who can be asked what

#[tokio::test]
async fn whoever_cannot_be_asked_is_not_and_the_tool_is_told_what_is_missing() {
    fn tells<T>(answer: Result<T, AskError>) -> Result<String, ToolError> {
        match answer {
            Err(AskError::Unsupported(needed)) => Ok(format!("needs {needed}")),
            Err(error) => Ok(format!("{error:?}")),
            Ok(_) => Ok("answered".to_owned()),
        }
    }
    let form = tool("form", |ctx: Ctx| async move {
        tells(ctx.elicit::<Name>("?").await)
    });
    let url = tool("url", |ctx: Ctx| async move {
        tells(ctx.elicit_url("?", "https://example.com", "1").await)
    });
    let model = tool("model", |ctx: Ctx| async move {
        tells(ctx.create_message(CreateMessage::new("?", 1)).await)
    });
    let tools = tool("tools", |ctx: Ctx| async move {
        let mut message = CreateMessage::new("?", 1);
        message.tool_choice = Some(ToolChoice::Auto);
        tells(ctx.create_message(message).await)
    });
    let roots = tool(
        "roots",
        |ctx: Ctx| async move { tells(ctx.list_roots().await) },
    );
    let server = local(http([form, url, model, tools, roots]));
    let asked = "asked";
    for (capabilities, expected) in [
        (
            json!({}),
            [
                "needs elicitation",
                "needs elicitation.url",
                "needs sampling",
                "needs sampling.tools",
                "needs roots",
            ],
        ),
        (
            json!({ "elicitation": {}, "sampling": {}, "roots": {} }),
            [
                asked,
                "needs elicitation.url",
                asked,
                "needs sampling.tools",
                asked,
            ],
        ),
        (
            json!({ "elicitation": { "url": {} } }),
            [
                "needs elicitation",
                asked,
                "needs sampling",
                "needs sampling.tools",
                "needs roots",
            ],
        ),
        (
            json!({ "elicitation": { "form": {} }, "sampling": { "context": {} } }),
            [
                asked,
                "needs elicitation.url",
                asked,
                "needs sampling.tools",
                "needs roots",
            ],
        ),
        (everything(), [asked; 5]),
    ] {
        let session = new_session(&server, &capabilities).await;
        for (id, tool) in ["form", "url", "model", "tools", "roots"]
            .iter()
            .enumerate()
        {
            let ask = call(id, tool).session(&session);
            if expected[id] == asked {
                let mut stream = server.stream(&ask).await;
                assert!(stream.message().await["id"].is_string());
                server.tell(&cancelled(id).session(&session)).await;
            } else {
                // In one piece: nothing was sent before.
                let answer = server.ask(&ask).await;
                assert_eq!(answer.said().0, expected[id], "{capabilities} {tool}");
            }
        }
    }
}

#[tokio::test]
async fn whoever_takes_one_response_only_is_not_asked() {
    let scene = Scene::new([asks()]).await;
    let ask = call(1, "asks")
        .session(&scene.session)
        .instead("Accept", "application/json");
    assert_eq!(scene.server.ask(&ask).await.said().0, "Gone");
}

#[tokio::test]
async fn whoever_takes_streams_only_is_asked() {
    let scene = Scene::new([asks()]).await;
    let ask = call(1, "asks")
        .session(&scene.session)
        .instead("Accept", "text/event-stream");
    let mut stream = scene.server.stream(&ask).await;
    let question = stream.message().await;
    scene.accept(&question, json!({ "name": "Ada" })).await;
    assert_eq!(said(stream).await, "Hello, Ada!");
}

#[tokio::test]
async fn clients_of_older_revisions_are_asked_the_same() {
    let server = local(http([asks()]));
    for version in ["2024-11-05", "2025-03-26", "2025-06-18"] {
        let hello = initialize(version, &json!({ "elicitation": {} }));
        let session = crate::client::session(&server.ask(&hello).await);
        let mut stream = server.stream(&call(1, "asks").session(&session)).await;
        let question = stream.message().await;
        let result = json!({ "action": "accept", "content": { "name": "Ada" } });
        server
            .tell(&answer(&question, &result).session(&session))
            .await;
        assert_eq!(said(stream).await, "Hello, Ada!");
    }
}

// ---- elsewhere than in tools

#[tokio::test]
async fn resources_and_prompts_may_ask_too() {
    let page = Resource::builder("docs://{name}", "page").handler(|request, ctx: Ctx| async move {
        let whose = request.uri().to_owned();
        let Name { name } = ctx.elicit::<Name>(format!("Who reads {whose}?")).await?;
        Ok::<_, AskError>(format!("For {name}"))
    });
    let review = Prompt::builder("review").handler(|_, ctx: Ctx| async move {
        let Name { name } = ctx.elicit::<Name>("Who reviews?").await?;
        Ok(format!("For {name}"))
    });
    let server = Server::new("it", "1").resources([page]).prompts([review]);
    let scene = Scene::over(HttpServer::new(server), &everything()).await;
    for (method, params, message, place) in [
        (
            "resources/read",
            json!({ "uri": "docs://a" }),
            "Who reads docs://a?",
            "/result/contents/0/text",
        ),
        (
            "prompts/get",
            json!({ "name": "review" }),
            "Who reviews?",
            "/result/messages/0/content/text",
        ),
    ] {
        let ask = request(1, method, &params).session(&scene.session);
        let mut stream = scene.server.stream(&ask).await;
        let question = stream.message().await;
        assert_eq!(question["params"]["message"], message);
        scene.accept(&question, json!({ "name": "Ada" })).await;
        let (response, _) = stream.response().await;
        assert_eq!(response.pointer(place).unwrap(), "For Ada");
        // Declined, it is an error that says so.
        let mut stream = scene.server.stream(&ask).await;
        let question = stream.message().await;
        scene
            .answer(&question, &json!({ "action": "decline" }))
            .await;
        let (response, _) = stream.response().await;
        assert_eq!(code(&response), -32603);
        let message = response["error"]["message"].as_str().unwrap();
        assert!(message.contains("declined"), "{response}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_question_from_a_task_of_its_own_is_asked_and_the_task_is_let_go() {
    let (told, mut hears) = telling();
    let ready = Signal::default();
    let go = ready.clone();
    let spawns = tool("spawns", move |ctx: Ctx| {
        let (told, ready) = (told.clone(), ready.clone());
        async move {
            let task = tokio::spawn(async move {
                ready.wait().await;
                let answer = ctx.elicit::<Name>("?").await;
                if matches!(answer, Err(AskError::Gone)) {
                    told.tell("let go");
                }
                answer
            });
            Ok(task.await??.name)
        }
    });
    let scene = Scene::new([spawns]).await;
    let mut client = scene.server.connect();
    let ask = call(1, "spawns").session(&scene.session);
    client.write(ask.text()).await;
    // Once the call waits for its task and nothing else happens.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let start = Instant::now();
    go.give();
    let mut stream = client.stream_begins().await;
    let question = stream.message().await;
    assert!(start.elapsed() < Duration::from_millis(100), "at once");
    // That run is over; the next one asks, and is answered.
    hears.hear("let go").await;
    scene.accept(&question, json!({ "name": "Ada" })).await;
    go.give();
    assert_eq!(said(stream).await, "Ada");
}

#[tokio::test(start_paused = true)]
async fn a_task_that_asks_after_the_end_is_told_that_nobody_is_there() {
    let (told, mut hears) = telling();
    let leaves = tool("leaves", move |ctx: Ctx| {
        let told = told.clone();
        async move {
            ctx.log(LoggingLevel::Info, "hello");
            tokio::spawn(async move {
                tokio::time::sleep(MINUTE).await;
                if matches!(ctx.elicit::<Name>("?").await, Err(AskError::Gone)) {
                    told.tell("gone");
                }
            });
            Ok("done")
        }
    });
    let scene = Scene::new([leaves]).await;
    let mut stream = scene.call(1, "leaves").await;
    stream.message().await;
    assert_eq!(said(stream).await, "done");
    hears.hear("gone").await;
}
