//! What goes wrong in a handler, and who gets to read it.

use std::io;

use mcp_core::prelude::*;
use mcp_http::HttpServer;
use serde_json::{Value, json};

use crate::{
    client::{Answer, Ask, Client, connect},
    fixture::{INTERNAL, http},
    log,
};

/// The reference of an internal error, of which nothing else is told.
#[track_caller]
fn reference(answer: &Answer) -> String {
    let (code, text) = answer.error(200);
    assert_eq!(code, -32603);
    let reference = text
        .strip_prefix("Internal error (ref ")
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap_or_else(|| panic!("more than a reference: {text}"));
    assert!(
        reference.len() == 8 && reference.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{reference}"
    );
    assert_eq!(answer.json()["error"].get("data"), None);
    assert!(!answer.body.contains(INTERNAL), "{}", answer.body);
    reference.to_owned()
}

/// Calls that fail inside the server, each in a way of its own.
fn failures(session: &str) -> Vec<Ask> {
    let call = |tool: &str| Ask::call(tool, &json!({}));
    let ask = |method: &str, params: Value| Ask::rpc(method, &params);
    [
        call("panics"),
        call("panics_later"),
        call("panics_in_drop"),
        call("panics_oddly"),
        call("breaks"),
        ask("resources/read", json!({ "uri": "docs://panic" })),
        ask("prompts/get", json!({ "name": "panicking_prompt" })),
    ]
    .map(|ask| ask.session(session))
    .into()
}

async fn echoes<S>(client: &mut Client<S>, session: &str)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let echo = Ask::call("echo", &json!({ "text": "still here" })).session(session);
    assert_eq!(
        client.ask(&echo).await.said(),
        ("still here".to_owned(), false)
    );
}

#[tokio::test]
async fn what_breaks_inside_is_answered_with_a_reference_and_the_next_call_works() {
    let mut client = connect(http());
    let session = client.initialize().await;
    for ask in failures(&session) {
        let answer = client.ask(&ask).await;
        reference(&answer);
        assert_eq!(answer.json()["id"], 1);
        echoes(&mut client, &session).await;
    }
}

#[tokio::test]
async fn what_broke_is_in_the_log_under_its_reference() {
    let log = log::listen();
    let mut client = connect(http());
    let session = client.initialize().await;
    for ask in failures(&session) {
        let reference = reference(&client.ask(&ask).await);
        let log = log.text();
        let line = log.lines().find(|line| line.contains(&reference));
        let line = line.unwrap_or_else(|| panic!("{reference} is not in {log}"));
        let told = line.contains(INTERNAL) || line.contains("(no message)");
        assert!(told, "{line}");
    }
}

#[tokio::test]
async fn references_differ() {
    let mut client = connect(http());
    let session = client.initialize().await;
    let ask = Ask::call("panics", &json!({})).session(&session);
    let one = reference(&client.ask(&ask).await);
    assert_ne!(reference(&client.ask(&ask).await), one);
}

#[tokio::test]
async fn a_tool_that_fails_in_words_answers_a_result_that_a_model_reads() {
    let mut client = connect(http());
    let session = client.initialize().await;
    let answer = client
        .ask(&Ask::call("fails", &json!({})).session(&session))
        .await;
    assert_eq!(
        answer.result(),
        json!({ "content": [{ "type": "text", "text": "the moon is in the way" }], "isError": true })
    );
}

#[tokio::test]
async fn arguments_that_do_not_fit_are_a_result_that_a_model_reads() {
    let mut client = connect(http());
    let session = client.initialize().await;
    let ask = Ask::call("forecast", &json!({ "citty": 7 })).session(&session);
    let (text, is_error) = client.ask(&ask).await.said();
    assert!(is_error, "{text}");
    for part in [
        "`city`: required",
        "`citty`: unknown argument (did you mean `city`?)",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[tokio::test]
async fn a_tool_may_answer_with_an_error_of_the_protocol() {
    let mut client = connect(http());
    let session = client.initialize().await;
    let answer = client
        .ask(&Ask::call("refuses", &json!({})).session(&session))
        .await;
    assert_eq!(answer.error(200), (-31000, "not on Sundays".to_owned()));
    assert_eq!(answer.json()["error"]["data"], json!({ "until": "Monday" }));
}

#[tokio::test]
async fn what_is_not_there_is_named_with_the_code_of_its_kind() {
    let mut client = connect(http());
    let session = client.initialize().await;
    for (method, params, code, named) in [
        (
            "tools/call",
            json!({ "name": "no such tool" }),
            -32602,
            "no such tool",
        ),
        ("tools/call", json!({ "name": "Echo" }), -32602, "Echo"),
        (
            "prompts/get",
            json!({ "name": "nothing" }),
            -32602,
            "nothing",
        ),
        (
            "resources/read",
            json!({ "uri": "docs://nothing" }),
            -32002,
            "docs://nothing",
        ),
        (
            "resources/read",
            json!({ "uri": "docs://pages/99" }),
            -32002,
            "docs://pages/99",
        ),
    ] {
        let answer = client
            .ask(&Ask::rpc(method, &params).session(&session))
            .await;
        let (seen, text) = answer.error(200);
        assert_eq!(seen, code, "{params}");
        assert!(text.contains(named), "{text}");
        if method == "resources/read" {
            assert_eq!(answer.json()["error"]["data"], params);
        }
    }
}

#[tokio::test]
async fn parameters_that_do_not_fit_the_method_are_an_error_of_the_protocol() {
    let mut client = connect(http());
    let session = client.initialize().await;
    for (method, params) in [
        ("tools/call", json!({})),
        ("tools/call", json!({ "name": 7 })),
        ("tools/call", json!({ "name": "echo", "arguments": [] })),
        ("tools/call", json!({ "name": "echo", "arguments": "{}" })),
        ("resources/read", json!({})),
        ("resources/read", json!({ "uri": ["docs://manual"] })),
        (
            "prompts/get",
            json!({ "name": "review", "arguments": { "title": 7 } }),
        ),
        ("prompts/get", json!({ "name": "review" })),
        ("resources/read", json!({ "uri": "docs://pages/x" })),
    ] {
        let answer = client
            .ask(&Ask::rpc(method, &params).session(&session))
            .await;
        assert_eq!(answer.error(200).0, -32602, "{method} {params}");
    }
}

#[tokio::test]
async fn a_resource_that_cannot_be_read_now_says_why() {
    let mut client = connect(http());
    let session = client.initialize().await;
    let ask = Ask::rpc("resources/read", &json!({ "uri": "docs://unavailable" })).session(&session);
    let answer = client.ask(&ask).await;
    assert_eq!(answer.error(200), (-32603, "being printed".to_owned()));
}

#[tokio::test]
async fn where_something_is_that_cannot_be_reached_is_in_the_log_and_never_told() {
    /// Ask the catalogue
    #[mcp_tool]
    fn catalogue() -> Result<String, ToolError> {
        let refused = io::Error::new(io::ErrorKind::ConnectionRefused, "catalogue.internal:5432");
        Err(io::Error::other(refused))?
    }

    let server = Server::new("it", "1").tools(tools![catalogue]);
    let mut client = connect(HttpServer::new(server));
    let session = client.initialize().await;
    let log = log::listen();
    let answer = client
        .ask(&Ask::call("catalogue", &json!({})).session(&session))
        .await;
    let (said, is_error) = answer.said();
    assert!(
        is_error && said.contains("not available at the moment"),
        "{said}"
    );
    assert!(!answer.body.contains("internal"), "{answer:?}");
    let log = log.text();
    assert!(log.contains("catalogue.internal:5432"), "{log}");
}
