//! Questions to the client: asked in a result, answered with the next request.

mod answers;
mod binding;
mod state;
mod unasked;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use mcp_core::{Ctx, Server, ServerBuilder, Tool, ToolError};
use mcp_http::HttpServer;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{refused, request_by};
use crate::{
    client::{Answer, Ask, Local, local},
    events::tool,
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
