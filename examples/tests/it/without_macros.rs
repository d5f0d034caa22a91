use std::future::pending;

use mcp_core::{ServerBuilder, prelude::*};
use mcp_http::HttpServer;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::client::Client;

#[path = "../../src/bin/without_macros.rs"]
#[expect(dead_code, reason = "here its `main` is not run")]
mod by_hand;

/// The same server with macros.
fn by_macro() -> ServerBuilder {
    /// Say hello
    #[mcp_tool]
    fn hello(
        /** Who to greet */
        name: String,
    ) -> String {
        format!("Hello, {name}!")
    }

    /// Add two numbers
    #[mcp_tool(read_only)]
    fn add(
        /// One number
        a: i64,
        /// Another one
        b: i64,
    ) -> Result<i64, ToolError> {
        let sum = a.checked_add(b);
        sum.ok_or_else(|| ToolError::user("the sum is too large"))
    }

    /// A greeting to read
    #[mcp_resource("greeting://{name}", mime = "text/plain")]
    fn greeting(name: String) -> String {
        format!("Hello, {name}!")
    }

    /// Ask for an introduction
    #[mcp_prompt]
    fn introduce(
        /** Who to introduce */
        name: String,
    ) -> String {
        format!("Introduce {name} in one sentence.")
    }

    Server::new("hello", "1.0.0")
        .tools(tools![hello, add])
        .resources(resources![greeting])
        .prompts(prompts![introduce])
}

/// What a server answers to these requests, one after the other.
fn answers(server: ServerBuilder, requests: &[(&str, Value)]) -> Vec<Value> {
    let runtime = Runtime::new().unwrap();
    let bound = runtime
        .block_on(HttpServer::new(server).bind("127.0.0.1:0"))
        .unwrap();
    let mut client = Client::connect(&bound.url());
    runtime.spawn(bound.serve_until(pending()));
    let mut answers = vec![client.initialize().result()];
    for (method, params) in requests {
        answers.push(client.request(method, params.clone()).json());
    }
    answers
}

#[test]
fn what_is_made_by_hand_is_what_a_macro_makes() {
    let call = |name: &str, arguments: Value| {
        (
            "tools/call",
            json!({ "name": name, "arguments": arguments }),
        )
    };
    let requests = [
        ("tools/list", json!({})),
        ("resources/list", json!({})),
        ("resources/templates/list", json!({})),
        ("prompts/list", json!({})),
        call("hello", json!({ "name": "Ada" })),
        call("add", json!({ "a": 2, "b": 40 })),
        call("add", json!({ "a": i64::MAX, "b": 1 })),
        call("subtract", json!({})),
        ("resources/read", json!({ "uri": "greeting://Ada" })),
        ("resources/read", json!({ "uri": "farewell://Ada" })),
        (
            "prompts/get",
            json!({ "name": "introduce", "arguments": { "name": "Ada" } }),
        ),
        (
            "prompts/get",
            json!({ "name": "introduce", "arguments": {} }),
        ),
    ];
    let by_hand = answers(by_hand::server(), &requests);
    let by_macro = answers(by_macro(), &requests);
    for (index, (by_hand, by_macro)) in by_hand.iter().zip(&by_macro).enumerate() {
        assert_eq!(by_hand, by_macro, "answer {index}");
    }
}

#[test]
fn arguments_that_do_not_fit_are_for_the_model_to_correct_either_way() {
    for server in [by_hand::server(), by_macro()] {
        let arguments = json!({ "name": "add", "arguments": { "a": 1 } });
        let answers = answers(server, &[("tools/call", arguments)]);
        assert_eq!(answers[1]["result"]["isError"], true, "{answers:?}");
        assert!(answers[1].to_string().contains("`b`"), "{answers:?}");
    }
}
