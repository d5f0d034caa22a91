//! A server that breaks its promises fails the test, which says how.

use std::{panic::AssertUnwindSafe, sync::Arc};

use mcp_core::{
    IntoHandler,
    era::Era,
    handler::{self, Handler, List, Reply, Request, ServerInfo, Structured},
    prelude::*,
    schema::Schema,
    testing::{Answer, Client, Connection, Inbox, Memory, Transport, block_on, mcp_test},
    types::{capabilities::Listed, tool::Tool},
};
use serde_json::{Value, json};

use crate::server::server;

/// What a test failed with.
fn failure(test: impl Future) -> String {
    let failed =
        std::panic::catch_unwind(AssertUnwindSafe(|| block_on(async { drop(test.await) })));
    let panic = failed.expect_err("it should fail");
    let text = panic.downcast::<String>().map(|text| *text);
    text.unwrap_or_else(|panic| panic.downcast_ref::<&str>().expect("text").to_string())
}

/// In both eras.
fn failures<S: IntoHandler>(
    configure: impl Fn(Client) -> Client,
    tool: &str,
    arguments: &Value,
    server: fn() -> S,
) -> [String; 2] {
    [Era::Legacy, Era::Modern].map(|era| {
        let client = configure(Client::over(era, Memory::new(server())));
        failure(async move { client.call_tool(tool, arguments.clone()).await })
    })
}

#[test]
fn a_question_too_many_says_what_was_asked() {
    let one = |client: Client| client.answers([Answer::accept(json!({ "ok": true }))]);
    for why in failures(one, "delete", &json!({ "files": 3 }), server) {
        assert!(
            why.contains("once more than the 1 times") && why.contains("Sure?"),
            "{why}"
        );
    }
}

#[test]
fn a_panic_in_an_answer_is_the_tests_own() {
    let wrong = |client: Client| client.on_elicit(|_| panic!("not what I expected"));
    for why in failures(wrong, "delete", &json!({ "files": 3 }), server) {
        assert_eq!(why, "not what I expected");
    }
}

/// Promises a number, and answers text.
struct Lying(ServerInfo);

impl Lying {
    fn new() -> Self {
        let mut info = ServerInfo::new("lying", "1");
        info.capabilities.tools = Some(Listed::default());
        Self(info)
    }
}

impl Handler for Lying {
    fn info(&self) -> &ServerInfo {
        &self.0
    }

    fn handle(&self, request: Request<'_>) -> Reply {
        if request.method == "tools/list" {
            let schema = r#"{"type":"object","properties":{"n":{"type":"integer"}}}"#;
            let mut wrong = Tool::new("wrong");
            wrong.output_schema = Schema::parse(schema).ok();
            return Reply::ready(Ok(handler::Answer::ListTools(Arc::new(List::new(vec![
                wrong,
            ])))));
        }
        let mut output = ToolOutput::default();
        output.structured = Structured::new(&json!({ "n": "one" })).ok();
        Reply::ready(Ok(handler::Answer::CallTool(output)))
    }
}

#[test]
fn structured_content_is_held_against_the_output_schema() {
    for why in failures(|client| client, "wrong", &json!({}), Lying::new) {
        assert!(
            why.contains("`wrong`") && why.contains("`/n`") && why.contains("integer"),
            "{why}"
        );
    }
}

#[test]
fn a_server_that_cannot_be_built_says_why() {
    for era in [Era::Legacy, Era::Modern] {
        let twice = Server::new("twice", "1")
            .tools(tools![crate::server::add])
            .tools(tools![crate::server::add]);
        let client = Client::over(era, Memory::new(twice));
        let why = failure(async move { client.list_tools().await });
        assert!(
            why.contains("cannot be built") && why.contains("add"),
            "{why}"
        );
    }
}

/// Answers everything with this.
struct Always(&'static str);

struct Answering(&'static str, Inbox);

impl Transport for Always {
    fn connect(
        self: Box<Self>,
        _: Option<Identity>,
        inbox: Inbox,
    ) -> Result<Box<dyn Connection>, String> {
        Ok(Box::new(Answering(self.0, inbox)))
    }
}

impl Connection for Answering {
    fn send(&self, _: String) {
        self.1.bring(self.0);
    }
}

#[test]
fn what_is_no_message_fails_the_test() {
    for nonsense in ["hello", "{}", r#"{"id":1,"result":{}}"#, "{\n}"] {
        let client = Client::over(Era::Modern, Always(nonsense));
        let why = failure(async move { client.list_tools().await });
        assert!(
            why.contains("message") || why.contains("no request"),
            "{why}"
        );
    }
}

#[mcp_test(server(), over(memory))]
#[should_panic(expected = "spoken to its server already")]
async fn who_it_is_is_said_before_the_first_request(client: Client) {
    client.list_tools().await.expect("tools");
    drop(client.identity(Identity::new("too late")));
}
