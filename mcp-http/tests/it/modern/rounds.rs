//! Questions to the client: asked in a result, answered with the next request.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use mcp_core::{
    AskError, Completion, Ctx, Prompt, Resource, SealKey, Server, ServerBuilder, Tool, ToolError,
    types::sampling::CreateMessage,
};
use mcp_http::HttpServer;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{refused, request_by};
use crate::{
    client::{Answer, Ask, Local, local},
    events::{new_session, tool},
    fixture::{ALICE, BOB, keys},
};

#[derive(Deserialize, JsonSchema)]
struct Name {
    name: String,
}

#[derive(Deserialize, JsonSchema)]
struct Age {
    age: u8,
}

fn can_everything() -> Value {
    json!({
        "elicitation": { "form": {}, "url": {} },
        "sampling": { "tools": {} },
        "roots": {},
    })
}

/// What a person fills in.
fn accept(content: &Value) -> Value {
    json!({ "action": "accept", "content": content })
}

fn ann() -> Value {
    accept(&json!({ "name": "Ann" }))
}

/// Asks for a name.
fn asks(name: &str) -> Tool {
    tool(name, |ctx: Ctx| async move {
        let Name { name } = ctx.elicit("Your name?").await?;
        Ok(format!("Hello, {name}!"))
    })
}

/// Asks for a name and for folders at once.
fn joins() -> Tool {
    tool("joins", |ctx: Ctx| async move {
        let name = ctx.elicit::<Name>("Your name?").key("name");
        let roots = ctx.list_roots().key("roots");
        let (name, roots) = tokio::join!(name, roots);
        Ok(format!("{} has {} folders", name?.name, roots?.len()))
    })
}

/// Does something once, asks, does something else once, asks again.
fn works(done: &Arc<AtomicUsize>) -> Tool {
    let done = Arc::clone(done);
    tool("works", move |ctx: Ctx| {
        let done = Arc::clone(&done);
        async move {
            let effect = || async { Ok::<_, ToolError>(done.fetch_add(1, Ordering::SeqCst)) };
            let first = ctx.step("do", effect).await?;
            let Name { name } = ctx.elicit("Your name?").await?;
            let second = ctx.step("do", effect).await?;
            let Age { age } = ctx.elicit(format!("How old is {name}?")).await?;
            let third = ctx.step("do", effect).await?;
            Ok(format!("{name} is {age}: {first} {second} {third}"))
        }
    })
}

fn server(tools: impl IntoIterator<Item = Tool>) -> ServerBuilder {
    Server::new("it", "1").tools(tools)
}

fn serve(tools: impl IntoIterator<Item = Tool>) -> Local {
    local(HttpServer::new(server(tools)))
}

/// One request, which can be made again with what has come of it.
#[derive(Clone)]
struct Conversation {
    method: &'static str,
    params: Value,
    capabilities: Value,
    key: Option<&'static str>,
    id: i64,
}

impl Conversation {
    fn of(method: &'static str, params: Value) -> Self {
        Self {
            method,
            params,
            capabilities: can_everything(),
            key: None,
            id: 1,
        }
    }

    fn call(tool: &str) -> Self {
        let params = json!({ "name": tool, "arguments": {} });
        Self::of("tools/call", params)
    }

    fn by(mut self, key: &'static str) -> Self {
        self.key = Some(key);
        self
    }

    fn with(mut self, member: &str, value: Value) -> Self {
        self.params[member] = value;
        self
    }

    fn ask(&self) -> Ask {
        let ask = request_by(&self.capabilities, self.id, self.method, &self.params);
        match self.key {
            Some(key) => ask.key(key),
            None => ask,
        }
    }

    async fn send(&self, server: &Local) -> Answer {
        server.ask(&self.ask()).await
    }

    /// Sends it, and must be asked this; the same with the state that came, to be answered.
    async fn is_asked(&self, server: &Local, keys: &[&str]) -> (Self, Value) {
        let answer = self.send(server).await;
        let result = answer.result();
        assert_eq!(result["resultType"], "input_required", "{answer:?}");
        let questions = result["inputRequests"].clone();
        let asked: Vec<_> = questions.as_object().unwrap().keys().collect();
        assert_eq!(asked, keys, "{questions}");
        assert!(result["requestState"].is_string(), "{answer:?}");
        for absent in ["content", "contents", "messages", "ttlMs", "cacheScope"] {
            assert_eq!(result.get(absent), None, "{answer:?}");
        }
        let mut next = self.clone();
        next.params
            .as_object_mut()
            .unwrap()
            .remove("inputResponses");
        (
            next.with("requestState", result["requestState"].clone()),
            questions,
        )
    }

    fn answered(&self, responses: Value) -> Self {
        self.clone().with("inputResponses", responses)
    }

    fn state(&self) -> &str {
        self.params["requestState"].as_str().unwrap()
    }

    async fn says(&self, server: &Local, text: &str) {
        let answer = self.send(server).await;
        assert_eq!(answer.result()["resultType"], "complete");
        assert_eq!(answer.said(), (text.to_owned(), false));
    }

    /// Refused in clear words, and nothing has been done.
    #[track_caller]
    fn is_refused(answer: &Answer) {
        assert_eq!(refused(answer, 400).0, -32602, "{answer:?}");
        answer.refuses(400, &["requestState"]);
    }
}

// ---- rounds

#[tokio::test]
async fn a_question_ends_a_request_and_its_answer_the_next() {
    let server = serve([asks("asks")]);
    let (mut next, questions) = Conversation::call("asks").is_asked(&server, &["q0"]).await;
    assert_eq!(questions["q0"]["method"], "elicitation/create");
    let params = &questions["q0"]["params"];
    assert_eq!(params["message"], "Your name?");
    assert_eq!(
        params["requestedSchema"]["properties"]["name"]["type"],
        "string"
    );
    next.id = 2;
    let next = next.answered(json!({ "q0": ann() }));
    let answer = next.send(&server).await;
    assert_eq!(answer.json()["id"], 2);
    assert_eq!(answer.said().0, "Hello, Ann!");
}

#[tokio::test]
async fn every_connection_goes_on_with_a_conversation() {
    // `Local::ask` opens one for each request.
    let server = serve([asks("asks")]);
    let (next, _) = Conversation::call("asks").is_asked(&server, &["q0"]).await;
    let next = next.answered(json!({ "q0": ann() }));
    for _ in 0..2 {
        next.says(&server, "Hello, Ann!").await;
    }
}

#[tokio::test]
async fn questions_that_are_awaited_together_travel_together() {
    let server = serve([joins()]);
    let first = Conversation::call("joins");
    let (next, questions) = first.is_asked(&server, &["name", "roots"]).await;
    assert_eq!(questions["roots"]["method"], "roots/list");
    let roots = json!({ "roots": [{ "uri": "file:///a" }] });
    let both = next.answered(json!({ "name": ann(), "roots": roots }));
    both.says(&server, "Ann has 1 folders").await;
}

#[tokio::test]
async fn an_answer_that_is_missing_is_asked_for_again_and_the_others_stay() {
    let server = serve([joins()]);
    let roots = json!({ "roots": [] });
    for (given, answer, missing, rest) in [
        ("name", ann(), "roots", roots.clone()),
        ("roots", roots, "name", ann()),
    ] {
        let first = Conversation::call("joins");
        let (next, _) = first.is_asked(&server, &["name", "roots"]).await;
        let half = next.answered(json!({ given: answer }));
        let (next, _) = half.is_asked(&server, &[missing]).await;
        // Nothing at all, and then what was missing.
        let (next, _) = next.is_asked(&server, &[missing]).await;
        let (next, _) = next.answered(json!({})).is_asked(&server, &[missing]).await;
        let whole = next.answered(json!({ missing: rest }));
        whole.says(&server, "Ann has 0 folders").await;
    }
}

#[tokio::test]
async fn a_step_is_taken_once_over_all_rounds() {
    let done = Arc::default();
    let server = serve([works(&done)]);
    let (next, _) = Conversation::call("works").is_asked(&server, &["q0"]).await;
    assert_eq!(done.load(Ordering::SeqCst), 1);
    let (next, questions) = next
        .answered(json!({ "q0": ann() }))
        .is_asked(&server, &["q1"])
        .await;
    assert_eq!(questions["q1"]["params"]["message"], "How old is Ann?");
    let last = next.answered(json!({ "q1": accept(&json!({ "age": 7 })) }));
    last.says(&server, "Ann is 7: 0 1 2").await;
    assert_eq!(done.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn an_answer_once_given_cannot_be_changed_in_a_later_round() {
    let done = Arc::default();
    let server = serve([works(&done)]);
    let (next, _) = Conversation::call("works").is_asked(&server, &["q0"]).await;
    let (next, _) = next
        .answered(json!({ "q0": ann() }))
        .is_asked(&server, &["q1"])
        .await;
    let last = next.answered(json!({
        "q0": accept(&json!({ "name": "Eve" })),
        "q1": accept(&json!({ "age": 7 })),
    }));
    last.says(&server, "Ann is 7: 0 1 2").await;
}

#[tokio::test]
async fn answers_to_nothing_are_ignored() {
    let server = serve([asks("asks")]);
    let (next, _) = Conversation::call("asks").is_asked(&server, &["q0"]).await;
    let extra = json!({ "q0": ann(), "q7": ann(), "": null, "other": [1] });
    next.answered(extra).says(&server, "Hello, Ann!").await;
    let (next, _) = Conversation::call("asks").is_asked(&server, &["q0"]).await;
    let extra = json!({ "other": ann() });
    next.answered(extra).is_asked(&server, &["q0"]).await;
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_asked_for_again_with_the_reason() {
    let server = serve([asks("asks")]);
    for wrong in [
        accept(&json!({ "name": 7 })),
        accept(&json!({})),
        json!({ "action": "accept" }),
        json!({ "action": "perhaps" }),
        json!({}),
        json!("Ann"),
        json!(null),
    ] {
        let (next, before) = Conversation::call("asks").is_asked(&server, &["q0"]).await;
        let again = next.answered(json!({ "q0": wrong }));
        let (next, after) = again.is_asked(&server, &["q0"]).await;
        let [before, after] =
            [before, after].map(|it| it["q0"]["params"]["message"].as_str().unwrap().to_owned());
        assert!(
            after.starts_with(&before) && after.len() > before.len(),
            "{after}"
        );
        next.answered(json!({ "q0": ann() }))
            .says(&server, "Hello, Ann!")
            .await;
    }
}

#[tokio::test]
async fn that_a_person_declines_or_goes_away_reaches_the_tool() {
    let tells = tool("tells", |ctx: Ctx| async move {
        let error = ctx.elicit::<Name>("Your name?").await.err();
        Ok(format!("{error:?}"))
    });
    let server = serve([tells]);
    for (action, said) in [("decline", "Some(Declined)"), ("cancel", "Some(Cancelled)")] {
        let (next, _) = Conversation::call("tells").is_asked(&server, &["q0"]).await;
        let next = next.answered(json!({ "q0": { "action": action } }));
        next.says(&server, said).await;
    }
}

#[tokio::test]
async fn two_questions_never_share_a_key() {
    let twins = tool("twins", |ctx: Ctx| async move {
        let one = ctx.elicit::<Name>("Your name?").key("x");
        let other = ctx.elicit::<Age>("Your age?").key("x");
        let (one, other) = tokio::join!(one, other);
        Ok(format!("{} is {}", one?.name, other?.age))
    });
    let server = serve([twins]);
    let answer = Conversation::call("twins").send(&server).await;
    assert_eq!(answer.body.matches(r#""x":{"#).count(), 1, "{answer:?}");
    let first = Conversation::call("twins");
    let (next, questions) = first.is_asked(&server, &["x", "x-1"]).await;
    assert_eq!(questions["x-1"]["params"]["message"], "Your age?");
    let age = accept(&json!({ "age": 7 }));
    let (half, _) = next
        .answered(json!({ "x-1": age }))
        .is_asked(&server, &["x"])
        .await;
    half.answered(json!({ "x": ann() }))
        .says(&server, "Ann is 7")
        .await;
    let both = json!({ "x": ann(), "x-1": age });
    next.answered(both).says(&server, "Ann is 7").await;
}

#[tokio::test]
async fn questions_that_follow_each_other_may_share_a_key() {
    let twice = tool("twice", |ctx: Ctx| async move {
        let one = ctx.elicit::<Name>("Your name?").key("q1").await?;
        let other = ctx.elicit::<Name>("And hers?").await?;
        Ok(format!("{} and {}", one.name, other.name))
    });
    let server = serve([twice]);
    let (next, _) = Conversation::call("twice").is_asked(&server, &["q1"]).await;
    let next = next.answered(json!({ "q1": ann() }));
    let (next, _) = next.is_asked(&server, &["q1-1"]).await;
    let bea = accept(&json!({ "name": "Bea" }));
    next.answered(json!({ "q1-1": bea }))
        .says(&server, "Ann and Bea")
        .await;
}

#[tokio::test]
async fn what_comes_before_a_question_is_streamed_and_the_question_is_no_request() {
    let speaks = tool("speaks", |ctx: Ctx| async move {
        ctx.progress(1.0, None);
        tokio::task::yield_now().await;
        let Name { name } = ctx.elicit("Your name?").await?;
        Ok(name)
    });
    let server = serve([speaks]);
    let watched = Conversation::call("speaks").with("_meta", json!({ "progressToken": "t" }));
    let messages = server.stream(&watched.ask()).await.messages().await;
    let [progress, result] = messages.as_slice() else {
        panic!("{messages:?}")
    };
    assert_eq!(progress["method"], "notifications/progress");
    assert_eq!(result["id"], 1);
    assert_eq!(result["result"]["resultType"], "input_required");
}

#[tokio::test]
async fn a_client_that_takes_only_json_can_be_asked_too() {
    let server = serve([asks("asks")]);
    let first = Conversation::call("asks");
    let json = |it: &Conversation| it.ask().instead("Accept", "application/json");
    let result = server.ask(&json(&first)).await.result();
    assert_eq!(result["resultType"], "input_required");
    let next = first.with("requestState", result["requestState"].clone());
    let next = next.answered(json!({ "q0": ann() }));
    assert_eq!(server.ask(&json(&next)).await.said().0, "Hello, Ann!");
}

#[tokio::test]
async fn resources_and_prompts_ask_as_tools_do() {
    let server = server([])
        .resources([
            Resource::builder("docs://mine", "mine").handler(|_, ctx: Ctx| async move {
                let Name { name } = ctx.elicit("Your name?").await?;
                Ok::<_, AskError>(format!("Of {name}"))
            }),
        ])
        .prompts([Prompt::builder("greet").handler(|_, ctx: Ctx| async move {
            let Name { name } = ctx.elicit("Your name?").await?;
            Ok(format!("Greet {name}"))
        })]);
    let server = local(HttpServer::new(server));
    for (method, params, said) in [
        ("resources/read", json!({ "uri": "docs://mine" }), "Of Ann"),
        ("prompts/get", json!({ "name": "greet" }), "Greet Ann"),
    ] {
        let first = Conversation::of(method, params);
        let (next, _) = first.is_asked(&server, &["q0"]).await;
        let answer = next.answered(json!({ "q0": ann() })).send(&server).await;
        assert_eq!(answer.result()["resultType"], "complete");
        assert!(answer.body.contains(said), "{answer:?}");
        let mut unable = first;
        unable.capabilities = json!({});
        let (code, data) = refused(&unable.send(&server).await, 400);
        assert_eq!(code, -32021, "{method}");
        assert_eq!(data["requiredCapabilities"], json!({ "elicitation": {} }));
    }
}

// ---- what is not asked

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

// ---- what is no state of ours

#[tokio::test]
async fn answers_and_states_of_the_wrong_shape_are_refused() {
    let server = serve([asks("asks")]);
    for wrong in [
        json!(null),
        json!([]),
        json!([ann()]),
        json!("x"),
        json!(7),
        json!(true),
    ] {
        let call = Conversation::call("asks").answered(wrong.clone());
        let answer = call.send(&server).await;
        assert_eq!(refused(&answer, 400).0, -32602, "{wrong}");
        answer.refuses(400, &["inputResponses"]);
    }
    for wrong in [
        json!(null),
        json!([]),
        json!({}),
        json!(7),
        json!(""),
        json!("garbage"),
        json!("A".repeat(100_000)),
        json!("größe"),
    ] {
        let call = Conversation::call("asks").with("requestState", wrong);
        Conversation::is_refused(&call.send(&server).await);
    }
}

#[tokio::test]
async fn a_state_with_any_byte_changed_is_refused() {
    let done = Arc::default();
    let server = serve([works(&done)]);
    let (next, _) = Conversation::call("works").is_asked(&server, &["q0"]).await;
    let state = next.state().to_owned();
    let next = next.answered(json!({ "q0": ann() }));
    let mut client = server.connect();
    for at in 0..state.len() {
        let mut others = Vec::new();
        for other in [b'A', b'B', b'_', b'=', b' ', state.as_bytes()[at] ^ 1] {
            let mut forged = state.clone().into_bytes();
            forged[at] = other;
            others.extend(String::from_utf8(forged).ok().filter(|it| *it != state));
        }
        others.push(state[..at].to_owned());
        others.push(format!("{}{}", &state[..at], &state[at + 1..]));
        others.push(format!("{}A{}", &state[..at], &state[at..]));
        for forged in others {
            let forged = next.clone().with("requestState", json!(forged));
            Conversation::is_refused(&client.ask(&forged.ask()).await);
        }
    }
    for forged in [
        format!("{state}A"),
        format!("{state}="),
        format!(" {state}"),
    ] {
        let forged = next.clone().with("requestState", json!(forged));
        Conversation::is_refused(&client.ask(&forged.ask()).await);
    }
    assert_eq!(done.load(Ordering::SeqCst), 1, "nothing was run for them");
    next.is_asked(&server, &["q1"]).await;
}

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
async fn a_session_id_is_no_state_and_a_state_no_session() {
    let server = serve([asks("asks")]);
    let session = new_session(&server, &json!({})).await;
    let call = Conversation::call("asks").with("requestState", json!(session));
    Conversation::is_refused(&call.send(&server).await);
    let (next, _) = Conversation::call("asks").is_asked(&server, &["q0"]).await;
    assert_eq!(
        server.ask(&Ask::ping().session(next.state())).await.status,
        404
    );
}

#[tokio::test]
async fn a_state_that_is_too_old_is_refused() {
    let http = |time| HttpServer::new(server([asks("asks")])).state_lifetime(time);
    let server = local(http(Duration::ZERO));
    let (next, _) = Conversation::call("asks").is_asked(&server, &["q0"]).await;
    let next = next.answered(json!({ "q0": ann() }));
    Conversation::is_refused(&next.send(&server).await);
    // And one that never is, is not.
    let server = local(http(Duration::MAX));
    let (next, _) = Conversation::call("asks").is_asked(&server, &["q0"]).await;
    next.answered(json!({ "q0": ann() }))
        .says(&server, "Hello, Ann!")
        .await;
}

#[tokio::test]
async fn servers_that_share_a_key_share_conversations() {
    let keys = [1, 2, 3].map(|byte| SealKey::from([byte; 32]));
    let done = Arc::default();
    let serve = |some: &[usize]| {
        let http = HttpServer::new(server([works(&done)]));
        let keyed = some
            .iter()
            .fold(http, |http, at| http.seal_key(keys[*at].clone()));
        local(keyed)
    };
    let (old, new, same, strange) = (serve(&[0]), serve(&[1, 0]), serve(&[1]), serve(&[2]));
    let (next, _) = Conversation::call("works").is_asked(&old, &["q0"]).await;
    let next = next.answered(json!({ "q0": ann() }));
    Conversation::is_refused(&next.send(&same).await);
    Conversation::is_refused(&next.send(&strange).await);
    // The new key opens what the old one sealed, and seals what comes of it.
    let (next, _) = next.is_asked(&new, &["q1"]).await;
    let next = next.answered(json!({ "q1": accept(&json!({ "age": 7 })) }));
    Conversation::is_refused(&next.send(&old).await);
    next.says(&same, "Ann is 7: 0 1 2").await;
}

#[tokio::test]
async fn a_state_shows_nothing_of_what_it_holds() {
    let secret = tool("secret", |ctx: Ctx| async move {
        let secret = || async { Ok::<_, ToolError>("hunter2-hunter2-hunter2".to_owned()) };
        let _: String = ctx.step("look", secret).await?;
        let Name { name } = ctx.elicit("Your name?").await?;
        Ok(name)
    });
    let (next, _) = Conversation::call("secret")
        .is_asked(&serve([secret]), &["q0"])
        .await;
    let bytes = URL_SAFE_NO_PAD.decode(next.state()).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("hunter2"));
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
async fn a_server_that_hides_its_name_asks_without_it() {
    let server = local(HttpServer::new(server([asks("asks")])).hide_server_info());
    let answer = Conversation::call("asks").send(&server).await;
    assert_eq!(answer.result()["resultType"], "input_required");
    assert!(!answer.body.contains("serverInfo"), "{answer:?}");
}

#[tokio::test]
async fn answers_too_large_to_be_carried_are_refused_and_the_limit_is_told() {
    let server = serve([works(&Arc::default())]);
    let (next, _) = Conversation::call("works").is_asked(&server, &["q0"]).await;
    let name = "x".repeat(100_000);
    let next = next.answered(json!({ "q0": accept(&json!({ "name": name })) }));
    let (code, message) = next.send(&server).await.error(400);
    assert_eq!(code, -32602);
    for words in ["100041 bytes", "65536 bytes", "`requestState`"] {
        assert!(message.contains(words), "{message}");
    }
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
