//! Questions to the client: what is sent, what comes of the answers, and what of none.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use mcp_core::{
    AskError, Ctx, Prompt, Resource, Server, Tool, ToolError,
    era::legacy::Resumption,
    schema::Schema,
    types::{
        logging::LoggingLevel,
        sampling::{CreateMessage, ModelHint, ModelPreferences, SamplingMessage, ToolChoice},
    },
};
use mcp_http::HttpServer;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{io::DuplexStream, time::Instant};

use crate::{
    client::{Ask, Local, local},
    events::{
        Signal, Stream, answer, call, cancelled, code, initialize, new_session, request, telling,
        text, tool, watched,
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

// ---- forms

#[tokio::test]
async fn a_form_asks_for_the_fields_of_its_type() {
    #[derive(Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Size {
        /// Up to 40
        Small,
        /// From 41
        Large,
    }

    #[derive(Deserialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Color {
        Red,
        Blue,
    }

    fn two() -> u32 {
        2
    }

    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only its schema is of interest")]
    struct Order {
        /// What to write on it
        name: String,
        #[serde(default = "two")]
        count: u32,
        weight: Option<f64>,
        #[serde(default)]
        gift: bool,
        color: Color,
        size: Size,
        colors: Vec<Color>,
        sizes: Vec<Size>,
        /// Where to send the bill
        #[schemars(extend("format" = "email"))]
        email: String,
    }

    let orders = tool("orders", |ctx: Ctx| async move {
        let order = ctx.elicit::<Order>("Your order?").await?;
        Ok(format!("{} × {}", order.count, order.name))
    });
    let server = Server::new("it", "1").tools([orders]).elicits::<Order>();
    let scene = Scene::over(HttpServer::new(server), &everything()).await;
    let mut stream = scene.call(1, "orders").await;
    // The very first event: no notification came before.
    let question = stream.block().await.unwrap().message();
    let sizes = json!([
        { "const": "small", "title": "Up to 40" },
        { "const": "large", "title": "From 41" },
    ]);
    assert_eq!(question["method"], "elicitation/create");
    assert_eq!(
        question["params"],
        json!({
            "message": "Your order?",
            "requestedSchema": {
                "type": "object",
                "properties": {
                    "name": { "type": "string", "description": "What to write on it" },
                    "count": { "type": "integer", "minimum": 0, "default": 2 },
                    "weight": { "type": "number" },
                    "gift": { "type": "boolean", "default": false },
                    "color": { "type": "string", "enum": ["red", "blue"] },
                    "size": { "type": "string", "oneOf": sizes },
                    "colors": {
                        "type": "array", "items": { "type": "string", "enum": ["red", "blue"] },
                    },
                    "sizes": { "type": "array", "items": { "anyOf": sizes } },
                    "email": {
                        "type": "string", "format": "email", "description": "Where to send the bill",
                    },
                },
                "required": ["name", "color", "size", "colors", "sizes", "email"],
            },
        })
    );
    let content = json!({
        "name": "Ada", "color": "red", "size": "large", "colors": [], "sizes": ["small"],
        "email": "ada@example.com",
    });
    scene.accept(&question, content).await;
    assert_eq!(said(stream).await, "2 × Ada");
}

#[tokio::test]
async fn a_form_of_ones_own_is_sent_as_it_is_and_its_fields_come_as_they_are() {
    let form = "{ \"type\": \"object\",\n \"properties\": {\r\n \"b\": { \"type\": \"string\", \
                \"enum\": [\"x\"], \"enumNames\": [\"X\"] }, \"a\": { \"type\": \"integer\" } } }";
    let own = tool("own", move |ctx: Ctx| async move {
        let fields = ctx.elicit_with("?", Schema::parse(form)?).await?;
        Ok(Value::from(fields).to_string())
    });
    let scene = Scene::new([own]).await;
    let mut stream = scene.call(1, "own").await;
    let question = stream.message().await;
    let schema = &question["params"]["requestedSchema"];
    assert_eq!(*schema, serde_json::from_str::<Value>(form).unwrap());
    scene.accept(&question, json!({ "a": 1, "c": [] })).await;
    assert_eq!(said(stream).await, r#"{"a":1,"c":[]}"#);
}

#[tokio::test]
async fn a_form_that_no_client_can_show_is_an_error_when_the_server_is_built() {
    #[derive(Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only its schema is of interest")]
    struct Nested {
        inner: Name,
    }
    let nested = Server::new("it", "1").elicits::<Name>().elicits::<Nested>();
    let error = HttpServer::new(nested).into_service().unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("Nested") && text.contains("`inner`"),
        "{text}"
    );
    // And, if nobody has said so before, when it is asked for; nothing is sent.
    let asks = tool("asks", |ctx: Ctx| async move {
        let answer = ctx.elicit::<Nested>("?").await;
        Ok(format!("{:?}", answer.err()))
    });
    let scene = Scene::new([asks]).await;
    let ask = call(1, "asks").session(&scene.session);
    let said = scene.server.ask(&ask).await.said().0;
    assert!(said.contains("Form") && said.contains("`inner`"), "{said}");
}

#[tokio::test]
async fn what_the_person_did_is_a_value() {
    let scene = Scene::new([asks()]).await;
    for (result, expected) in [
        (
            json!({ "action": "accept", "content": { "name": "Ada" } }),
            "Hello, Ada!",
        ),
        (json!({ "action": "decline" }), "Declined"),
        (json!({ "action": "cancel" }), "Cancelled"),
        // What is filled in is not looked at then.
        (
            json!({ "action": "decline", "content": { "name": 7 } }),
            "Declined",
        ),
        (json!({ "action": "cancel", "content": null }), "Cancelled"),
    ] {
        let mut stream = scene.call(1, "asks").await;
        let question = stream.message().await;
        scene.answer(&question, &result).await;
        assert_eq!(said(stream).await, expected, "{result}");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_fit_the_question_is_asked_for_again_and_then_an_error() {
    let scene = Scene::new([asks()]).await;
    for result in [
        json!({ "action": "accept", "content": { "name": 7 } }),
        json!({ "action": "accept", "content": {} }),
        json!({ "action": "accept", "content": [] }),
        json!({ "action": "accept", "content": null }),
        json!({ "action": "accept" }),
        json!({ "action": "shrug" }),
        json!({ "content": { "name": "Ada" } }),
        json!({}),
        json!(null),
        json!("yes"),
        json!([]),
    ] {
        let mut stream = scene.call(1, "asks").await;
        let mut ids = HashSet::new();
        for again in 0..4 {
            let question = stream.message().await;
            assert!(ids.insert(question["id"].to_string()), "{question}");
            let message = question["params"]["message"].as_str().unwrap();
            assert!(message.starts_with("Your name?"), "{message}");
            assert_eq!(message.contains("did not fit"), again > 0, "{message}");
            assert!(question["params"]["requestedSchema"].is_object());
            scene.answer(&question, &result).await;
        }
        let said = said(stream).await;
        assert!(said.starts_with("Invalid("), "{result}: {said}");
    }
    // One that fits is taken.
    let mut stream = scene.call(1, "asks").await;
    let question = stream.message().await;
    scene.accept(&question, json!({ "name": 7 })).await;
    let question = stream.message().await;
    scene.accept(&question, json!({ "name": "Ada" })).await;
    assert_eq!(said(stream).await, "Hello, Ada!");
}

#[tokio::test]
async fn a_page_to_visit_is_asked_by_its_url() {
    let visits = tool("visits", |ctx: Ctx| async move {
        let answer = ctx.elicit_url("Pay here", "https://pay.example.com/7", "visit-7");
        Ok(format!("{:?}", answer.await))
    });
    let scene = Scene::new([visits]).await;
    for (action, expected) in [
        ("accept", "Ok(())"),
        ("decline", "Err(Declined)"),
        ("cancel", "Err(Cancelled)"),
    ] {
        let mut stream = scene.call(1, "visits").await;
        let question = stream.message().await;
        assert_eq!(question["method"], "elicitation/create");
        assert_eq!(
            question["params"],
            json!({
                "mode": "url",
                "message": "Pay here",
                "url": "https://pay.example.com/7",
                "elicitationId": "visit-7",
            })
        );
        scene.answer(&question, &json!({ "action": action })).await;
        assert_eq!(said(stream).await, expected);
    }
}

// ---- the client's model and folders

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

// ---- several questions

#[tokio::test]
async fn questions_that_are_asked_together_travel_together() {
    let both = tool("both", |ctx: Ctx| async move {
        let (name, roots) = tokio::join!(ctx.elicit::<Name>("Name?"), ctx.list_roots());
        Ok(format!("{} {}", name?.name, roots?.len()))
    });
    for backwards in [false, true] {
        let scene = Scene::new([both.clone()]).await;
        let mut stream = scene.call(1, "both").await;
        // Both are there before any answer.
        let mut questions = [stream.message().await, stream.message().await];
        assert_eq!(questions[0]["method"], "elicitation/create");
        assert_eq!(questions[1]["method"], "roots/list");
        if backwards {
            questions.reverse();
        }
        for question in &questions {
            let result = match question["method"].as_str() {
                Some("roots/list") => json!({ "roots": [{ "uri": "file:///a" }] }),
                _ => json!({ "action": "accept", "content": { "name": "Ada" } }),
            };
            scene.answer(question, &result).await;
        }
        assert_eq!(said(stream).await, "Ada 1");
    }
}

#[tokio::test]
async fn however_many_are_asked_together_none_is_lost() {
    const MANY: usize = 200;
    let many = tool("many", |ctx: Ctx| async move {
        // What is merely told may be lost; what is asked may not.
        for n in 0..100 {
            ctx.log(LoggingLevel::Info, n);
        }
        let mut asks: Vec<_> = (0..MANY)
            .map(|n| Box::pin(ctx.elicit::<Name>(n.to_string())))
            .collect();
        let mut names = Vec::new();
        // All at once, as `join_all` would.
        std::future::poll_fn(|cx| {
            asks.retain_mut(|ask| match ask.as_mut().poll(cx) {
                std::task::Poll::Ready(name) => {
                    names.push(name.map(|name| name.name));
                    false
                }
                std::task::Poll::Pending => true,
            });
            match asks.is_empty() {
                true => std::task::Poll::Ready(()),
                false => std::task::Poll::Pending,
            }
        })
        .await;
        let names: Vec<String> = names.into_iter().collect::<Result<_, _>>()?;
        Ok(names.join(" "))
    });
    use std::future::Future;
    let scene = Scene::new([many]).await;
    let mut stream = scene.call(1, "many").await;
    let mut ids = HashSet::new();
    let mut questions = Vec::new();
    while questions.len() < MANY {
        let message = stream.message().await;
        if message["method"] == "elicitation/create" {
            assert_eq!(message["params"]["message"], questions.len().to_string());
            assert!(ids.insert(message["id"].to_string()), "{message}");
            questions.push(message);
        }
    }
    for question in &questions {
        let name = json!({ "name": question["params"]["message"] });
        scene.accept(question, name).await;
    }
    let mut messages = stream.messages().await;
    let expected: Vec<String> = (0..MANY).map(|n| n.to_string()).collect();
    assert_eq!(text(&messages.pop().unwrap()), expected.join(" "));
}

#[tokio::test]
async fn a_function_that_asks_runs_again_from_the_top_and_its_steps_do_not() {
    #[derive(Default)]
    struct Counts {
        runs: AtomicUsize,
        charges: AtomicUsize,
        failures: AtomicUsize,
        loops: AtomicUsize,
    }
    let counts = Arc::new(Counts::default());
    let counted = Arc::clone(&counts);
    let count = |counter: &AtomicUsize| counter.fetch_add(1, Ordering::SeqCst) + 1;
    let books = tool("books", move |ctx: Ctx| {
        let counts = Arc::clone(&counted);
        async move {
            count(&counts.runs);
            let receipt: usize = ctx
                .step("charge", async || {
                    Ok::<_, ToolError>(count(&counts.charges) * 100)
                })
                .await?;
            let first = ctx.elicit::<Name>(format!("Receipt {receipt}")).await?;
            // A step that fails is not done.
            let failed: Result<(), _> = ctx
                .step("fail", async || {
                    count(&counts.failures);
                    Err(ToolError::user("no"))
                })
                .await;
            let mut squares = Vec::new();
            for n in 0..3_u32 {
                let square = ctx.step("square", async || {
                    count(&counts.loops);
                    Ok::<_, ToolError>(n * n)
                });
                squares.push(square.await?);
            }
            let second = ctx.elicit::<Name>(format!("Hello {}", first.name)).await?;
            let third = ctx.elicit::<Name>(format!("Hello {}", second.name)).await?;
            Ok(format!(
                "{receipt} {} {squares:?} {}",
                third.name,
                failed.unwrap_err()
            ))
        }
    });
    let scene = Scene::new([books]).await;
    let mut stream = scene.call(1, "books").await;
    for (message, name) in [("Receipt 100", "a"), ("Hello a", "b"), ("Hello b", "c")] {
        let question = stream.message().await;
        assert_eq!(question["params"]["message"], message);
        scene.accept(&question, json!({ "name": name })).await;
    }
    assert_eq!(said(stream).await, "100 c [0, 1, 4] no");
    let counted = [
        &counts.runs,
        &counts.charges,
        &counts.failures,
        &counts.loops,
    ];
    assert_eq!(
        counted.map(|counter| counter.load(Ordering::SeqCst)),
        [4, 1, 3, 3]
    );
}

#[tokio::test]
async fn what_one_call_was_answered_no_other_call_knows() {
    let scene = Scene::new([asks()]).await;
    let mut streams = Vec::new();
    for id in 0..10 {
        let mut stream = scene.call(id, "asks").await;
        streams.push((id, stream.message().await, stream));
    }
    // Answered in another order than asked.
    for (id, question, _) in streams.iter().rev() {
        scene
            .accept(question, json!({ "name": id.to_string() }))
            .await;
    }
    for (id, _, stream) in streams {
        assert_eq!(said(stream).await, format!("Hello, {id}!"));
    }
    let mut stream = scene.call(0, "asks").await;
    let question = stream.message().await;
    scene.accept(&question, json!({ "name": "anew" })).await;
    assert_eq!(said(stream).await, "Hello, anew!");
}

#[tokio::test]
async fn a_function_that_asks_something_else_when_run_again_is_stopped() {
    let runs = Arc::new(AtomicUsize::new(0));
    let fickle = tool("fickle", move |ctx: Ctx| {
        let run = runs.fetch_add(1, Ordering::SeqCst);
        async move {
            let name = ctx.elicit::<Name>(format!("Question {run}")).await?;
            Ok(name.name)
        }
    });
    let scene = Scene::new([fickle]).await;
    let mut stream = scene.call(1, "fickle").await;
    let question = stream.message().await;
    scene.accept(&question, json!({ "name": "Ada" })).await;
    let (response, _) = stream.response().await;
    assert_eq!(response["result"]["isError"], true);
    assert!(text(&response).contains("different question"), "{response}");
    assert!(!response.to_string().contains("Ada"), "{response}");
}

#[tokio::test]
async fn progress_goes_on_where_it_was_when_a_function_runs_again() {
    let walks = tool("walks", |ctx: Ctx| async move {
        ctx.progress(1.0, Some(3.0));
        ctx.elicit::<Name>("?").await?;
        ctx.progress(2.0, Some(3.0));
        ctx.elicit::<Name>("??").await?;
        ctx.progress(3.0, Some(3.0));
        Ok("done")
    });
    let scene = Scene::new([walks]).await;
    let ask = watched(1, "walks", "t").session(&scene.session);
    let mut stream = scene.server.stream(&ask).await;
    for n in 1..=2 {
        assert_eq!(stream.message().await["params"]["progress"], f64::from(n));
        let question = stream.message().await;
        scene.accept(&question, json!({ "name": "x" })).await;
    }
    assert_eq!(stream.message().await["params"]["progress"], 3.0);
    assert_eq!(said(stream).await, "done");
}

#[tokio::test]
async fn no_id_of_ours_is_ever_used_twice_in_a_session() {
    let asks_often = tool("asks_often", |ctx: Ctx| async move {
        for n in 0..50 {
            ctx.elicit::<Name>(n.to_string()).await?;
        }
        Ok("done")
    });
    let scene = Scene::new([asks_often]).await;
    let mut ids = HashSet::new();
    for call in 0..4 {
        let mut stream = scene.call(call, "asks_often").await;
        for _ in 0..50 {
            let question = stream.message().await;
            assert!(question["id"].is_string(), "no client rounds it");
            assert!(ids.insert(question["id"].to_string()), "{question}");
            scene.accept(&question, json!({ "name": "x" })).await;
        }
        assert_eq!(said(stream).await, "done");
    }
    assert_eq!(ids.len(), 200);
}

// ---- answers that are none

#[tokio::test]
async fn a_client_that_answers_with_an_error_is_told_to_the_tool() {
    let scene = Scene::new([asks()]).await;
    for error in [
        json!({ "code": -1, "message": "User is asleep" }),
        json!({ "code": -32602, "message": "User is asleep", "data": { "mode": "url" } }),
    ] {
        let mut stream = scene.call(1, "asks").await;
        let question = stream.message().await;
        let body = json!({ "jsonrpc": "2.0", "id": question["id"], "error": error });
        scene
            .server
            .tell(&Ask::post(body).session(&scene.session))
            .await;
        assert_eq!(said(stream).await, r#"Refused("User is asleep")"#);
    }
    let mut stream = scene.call(1, "asks").await;
    let question = stream.message().await;
    let body = json!({ "jsonrpc": "2.0", "id": question["id"], "error": "what?" });
    scene
        .server
        .tell(&Ask::post(body).session(&scene.session))
        .await;
    let said = said(stream).await;
    assert!(said.starts_with("Refused("), "{said}");
}

#[tokio::test]
async fn answers_that_nobody_waits_for_are_accepted_and_ignored() {
    let scene = Scene::new([asks()]).await;
    let mut stream = scene.call(1, "asks").await;
    let question = stream.message().await;
    let id = question["id"].as_str().unwrap();
    let (letter, digits) = id.split_at(1);
    let stray = json!({ "action": "accept", "content": { "name": "Mallory" } });
    for id in [
        json!("q0"),
        json!("no such id"),
        json!(7),
        json!(1),
        json!(""),
        // The same number, written otherwise.
        json!(format!("{letter}0{digits}")),
        json!(format!("{letter}+{digits}")),
        json!(id.to_uppercase()),
        json!(digits),
    ] {
        scene.answer(&json!({ "id": id }), &stray).await;
    }
    // An error without an id concerns nobody.
    let nobodys = json!({ "jsonrpc": "2.0", "error": { "code": -1, "message": "?" } });
    scene
        .server
        .tell(&Ask::post(nobodys).session(&scene.session))
        .await;
    scene.accept(&question, json!({ "name": "Ada" })).await;
    // The first answer counts.
    scene.accept(&question, json!({ "name": "Mallory" })).await;
    assert_eq!(said(stream).await, "Hello, Ada!");
    scene.accept(&question, json!({ "name": "Mallory" })).await;
}

#[tokio::test]
async fn an_answer_from_another_session_is_none() {
    let scene = Scene::new([asks()]).await;
    let other = new_session(&scene.server, &everything()).await;
    let mut stream = scene.call(1, "asks").await;
    let question = stream.message().await;
    let stray = json!({ "action": "accept", "content": { "name": "Mallory" } });
    scene
        .server
        .tell(&answer(&question, &stray).session(&other))
        .await;
    // It did not even take the place of the true one.
    scene.accept(&question, json!({ "name": "Ada" })).await;
    assert_eq!(said(stream).await, "Hello, Ada!");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_answer_is_not_waited_for_longer_than_answer_timeout() {
    let server = http([asks()]).answer_timeout(3 * MINUTE);
    let scene = Scene::over(server, &everything()).await;
    let mut stream = scene.call(1, "asks").await;
    let question = stream.message().await;
    let start = Instant::now();
    let cancelled = stream.message().await;
    assert!(start.elapsed() - 3 * MINUTE < Duration::from_millis(5));
    assert_eq!(cancelled["method"], "notifications/cancelled");
    assert_eq!(cancelled["params"]["requestId"], question["id"]);
    assert_eq!(said(stream).await, "TimedOut");
    // Too late.
    scene.accept(&question, json!({ "name": "Ada" })).await;
}

#[tokio::test(start_paused = true)]
async fn only_the_questions_without_an_answer_time_out() {
    let both = tool("both", |ctx: Ctx| async move {
        let (one, two) = tokio::join!(ctx.elicit::<Name>("1"), ctx.elicit::<Name>("2"));
        Ok(format!("{:?} {:?}", one.map(|one| one.name), two.err()))
    });
    let scene = Scene::new([both]).await;
    let mut stream = scene.call(1, "both").await;
    let questions = [stream.message().await, stream.message().await];
    scene.accept(&questions[0], json!({ "name": "Ada" })).await;
    let cancelled = stream.message().await;
    assert_eq!(cancelled["params"]["requestId"], questions[1]["id"]);
    assert_eq!(said(stream).await, r#"Ok("Ada") Some(TimedOut)"#);
}

#[tokio::test(start_paused = true)]
async fn every_round_of_questions_has_a_time_of_its_own() {
    let walks = tool("walks", |ctx: Ctx| async move {
        for n in 0..4 {
            ctx.elicit::<Name>(n.to_string()).await?;
        }
        Ok("done")
    });
    let scene = Scene::over(http([walks]).answer_timeout(5 * MINUTE), &everything()).await;
    let mut stream = scene.call(1, "walks").await;
    for _ in 0..4 {
        let question = stream.message().await;
        // Somebody who thinks, and answers in time.
        tokio::time::sleep(4 * MINUTE).await;
        scene.accept(&question, json!({ "name": "x" })).await;
    }
    assert_eq!(said(stream).await, "done");
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_may_ask_again() {
    let patient = tool("patient", |ctx: Ctx| async move {
        let first = ctx.elicit::<Name>("Are you there?").await;
        assert!(matches!(first, Err(AskError::TimedOut)));
        Ok(ctx.elicit::<Name>("And now?").await?.name)
    });
    let scene = Scene::new([patient]).await;
    let mut stream = scene.call(1, "patient").await;
    let first = stream.message().await;
    let cancelled = stream.message().await;
    assert_eq!(cancelled["params"]["requestId"], first["id"]);
    let second = stream.message().await;
    assert_eq!(second["params"]["message"], "And now?");
    // An answer to the first is not one to the second.
    scene.accept(&first, json!({ "name": "Mallory" })).await;
    scene.accept(&second, json!({ "name": "Ada" })).await;
    assert_eq!(said(stream).await, "Ada");
}

// ---- the end amid a question

/// Asks twice, and tells what comes of it.
fn asks_and_tells(told: &crate::events::Told) -> Tool {
    let told = told.clone();
    tool("asks", move |ctx: Ctx| {
        let told = told.clone();
        async move {
            let _dropped = told.when_dropped("dropped");
            told.tell("runs");
            match ctx.elicit::<Name>("?").await {
                Err(AskError::Gone) => told.tell("gone"),
                _ => told.tell("answered"),
            }
            Ok("done")
        }
    })
}

#[tokio::test(start_paused = true)]
async fn whoever_is_lost_while_asked_is_not_waited_for() {
    let (told, mut hears) = telling();
    let scene = Scene::new([asks_and_tells(&told)]).await;
    let mut stream = scene.call(1, "asks").await;
    stream.message().await;
    hears.hear("runs").await;
    // Put away until there is an answer.
    hears.hear("dropped").await;
    drop(stream);
    hears.hear_soon("runs").await;
    hears.hear_soon("gone").await;
    hears.hear_soon("dropped").await;
    // Its id is free, and nothing is left to be answered.
    let stream = scene.call(1, "asks").await;
    drop(stream);
}

#[tokio::test(start_paused = true)]
async fn whoever_may_come_back_is_waited_for() {
    let (told, mut hears) = telling();
    let server = http([asks_and_tells(&told)]).resumable(Resumption::default());
    let scene = Scene::over(server, &everything()).await;
    let mut stream = scene.call(1, "asks").await;
    let question = stream.message().await;
    hears.hear("runs").await;
    hears.hear("dropped").await;
    drop(stream);
    tokio::time::sleep(MINUTE).await;
    hears.nothing();
    scene.accept(&question, json!({ "name": "Ada" })).await;
    hears.hear("runs").await;
    hears.hear("answered").await;
    hears.hear("dropped").await;
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_cancelled_while_it_asks_ends() {
    let (told, mut hears) = telling();
    let scene = Scene::new([asks_and_tells(&told)]).await;
    let mut stream = scene.call(1, "asks").await;
    let question = stream.message().await;
    hears.hear("runs").await;
    hears.hear("dropped").await;
    scene
        .server
        .tell(&cancelled(1).session(&scene.session))
        .await;
    stream.ended().await;
    scene.accept(&question, json!({ "name": "Ada" })).await;
    hears.nothing();
    scene.call(1, "asks").await.message().await;
}

#[tokio::test(start_paused = true)]
async fn a_session_that_ends_while_it_is_asked_ends_the_call() {
    let (told, mut hears) = telling();
    let scene = Scene::new([asks_and_tells(&told)]).await;
    let mut stream = scene.call(1, "asks").await;
    stream.message().await;
    hears.hear("runs").await;
    hears.hear("dropped").await;
    scene.server.ask(&Ask::delete(&scene.session)).await;
    stream.ended().await;
    hears.nothing();
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
