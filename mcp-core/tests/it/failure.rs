//! How tools, resources and prompts fail, and who reads what.

use std::{fmt, time::Duration};

use mcp_core::{Error, Missing, Server, jsonrpc::ErrorCode, prelude::*};
use serde_json::{Value, json};

use crate::client::{Client, connect, wrong};

/// An error of a user's own: its `Debug` and its source are nobody's business.
#[derive(Debug)]
struct Own;

impl fmt::Display for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the shelf is empty")
    }
}

impl std::error::Error for Own {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        const SECRET: &fmt::Error = &fmt::Error;
        Some(SECRET)
    }
}

/// Displays, and is no error.
struct Displayed;

impl fmt::Display for Displayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("displayed")
    }
}

type Aliased<T> = Result<T, Own>;

/// Declares a tool without arguments that fails as the expression says.
macro_rules! fails {
    ($($name:ident: $error:ty = $value:expr;)+) => {$(
        #[doc = "Fails"]
        #[mcp_tool]
        fn $name() -> Result<String, $error> {
            Err($value)
        }
    )+};
}

fails! {
    user: ToolError = ToolError::user("try another shelf");
    later: ToolError = ToolError::user("too many").retry_after(Duration::from_secs(30));
    at_once: ToolError = ToolError::user("too many").retry_after(Duration::from_millis(1));
    protocol: ToolError = ToolError::protocol(ErrorCode(-31_000), "no").with_data(json!({ "x": 1 }));
    user_data: ToolError = ToolError::user("no data").with_data(json!({ "x": 1 }));
    own: Own = Own;
    converted: ToolError = Own.into();
    text: String = "just text".to_owned();
    displayed: Displayed = Displayed;
    core_params: Error = Error::invalid_params("that does not fit");
    core_internal: Error = Error::internal("the password is hunter2");
    boxed_core: ToolError = Error::internal("the password is hunter2").into();
    missing_tool: Error = Error::NotFound(Missing::Tool("other".to_owned()));
}

/// Fails by `?`
#[mcp_tool]
fn question_mark(text: String) -> Result<u32, ToolError> {
    Ok(text.parse::<u32>()?)
}

/// Fails through an alias
#[mcp_tool]
fn alias() -> Aliased<String> {
    Err(Own)
}

/// Fails after it has waited
#[mcp_tool]
async fn awaited() -> Result<String, ToolError> {
    tokio::task::yield_now().await;
    Err(ToolError::user("after a while"))
}

/// Fails in words
#[mcp_prompt]
fn prompt_fails() -> Result<String, ToolError> {
    Err(ToolError::user("no ink"))
}

/// Breaks
#[mcp_prompt]
fn prompt_breaks() -> Result<String, Error> {
    Err(Error::internal("the password is hunter2"))
}

fn client() -> Client {
    connect(
        Server::new("failure", "1")
            .tools(tools![
                user,
                later,
                at_once,
                protocol,
                user_data,
                own,
                converted,
                text,
                displayed,
                core_params,
                core_internal,
                boxed_core,
                missing_tool,
                question_mark,
                alias,
                awaited,
            ])
            .prompts(prompts![prompt_fails, prompt_breaks]),
    )
}

#[tokio::test]
async fn words_for_the_model_are_a_result_that_is_an_error() {
    let client = client();
    for (tool, said) in [
        ("user", "try another shelf"),
        ("user_data", "no data"),
        ("own", "the shelf is empty"),
        ("alias", "the shelf is empty"),
        ("converted", "the shelf is empty"),
        ("text", "just text"),
        ("displayed", "displayed"),
        ("awaited", "after a while"),
    ] {
        let result = client.call(tool, json!({})).await;
        let expected = json!({ "content": [{ "type": "text", "text": said }], "isError": true });
        assert_eq!(result, expected, "{tool}");
    }
    let said = client.says("question_mark", json!({ "text": "x" })).await;
    assert_eq!(said, wrong("invalid digit found in string"));
}

#[tokio::test]
async fn when_to_try_again_is_said_in_whole_seconds() {
    let client = client();
    let said = client.says("later", json!({})).await;
    assert_eq!(said, wrong("too many (try again in 30 s)"));
    let said = client.says("at_once", json!({})).await;
    assert_eq!(said, wrong("too many (try again in 1 s)"));
}

#[tokio::test]
async fn an_error_of_the_protocol_keeps_its_code_and_its_data() {
    let error = client()
        .error("tools/call", json!({ "name": "protocol" }))
        .await;
    assert_eq!(
        error,
        json!({ "code": -31000, "message": "no", "data": { "x": 1 } })
    );
}

#[tokio::test]
async fn our_own_errors_are_refusals_of_the_protocol() {
    let client = client();
    for (tool, code, message) in [
        ("core_params", -32602, "Invalid params: that does not fit"),
        ("missing_tool", -32602, "Unknown tool: other"),
    ] {
        let refused = client.refused("tools/call", json!({ "name": tool })).await;
        assert_eq!(refused, (code, message.to_owned()), "{tool}");
    }
}

#[tokio::test]
async fn what_broke_inside_is_told_as_a_reference_and_no_more() {
    let client = client();
    for (method, name) in [
        ("tools/call", "core_internal"),
        ("tools/call", "boxed_core"),
        ("prompts/get", "prompt_breaks"),
    ] {
        let error = client.error(method, json!({ "name": name })).await;
        let message = error["message"].as_str().unwrap();
        assert_eq!(error["code"], -32603, "{name}");
        let reference = message
            .strip_prefix("Internal error (ref ")
            .and_then(|rest| rest.strip_suffix(')'));
        assert!(
            reference.is_some_and(|reference| {
                reference.len() == 8 && reference.bytes().all(|b| b.is_ascii_hexdigit())
            }),
            "{message}"
        );
        assert!(!error.to_string().contains("hunter2"), "{error}");
        assert_eq!(error.get("data"), None);
    }
}

#[tokio::test]
async fn a_prompt_that_fails_in_words_is_an_error_that_says_them() {
    let refused = client()
        .refused("prompts/get", json!({ "name": "prompt_fails" }))
        .await;
    assert_eq!(refused, (-32603, "no ink".to_owned()));
}

#[tokio::test]
async fn an_unknown_tool_is_an_error_of_the_protocol() {
    let client = client();
    for name in ["", "User", "user ", "no_such"] {
        let (code, message) = client.refused("tools/call", json!({ "name": name })).await;
        assert_eq!((code, message), (-32602, format!("Unknown tool: {name}")));
    }
    let hostile = format!("\u{1b}]0;x\u{7}\n{}", "x".repeat(100_000));
    let (_, message) = client
        .refused("tools/call", json!({ "name": hostile }))
        .await;
    assert!(
        message.len() < 300 && !message.contains(['\n', '\u{1b}']),
        "{message}"
    );
}

#[tokio::test]
async fn a_malformed_call_is_an_error_of_the_protocol() {
    let client = client();
    for params in [
        json!({}),
        json!({ "name": null }),
        json!({ "name": ["user"] }),
        json!({ "name": "user", "arguments": [] }),
        json!({ "name": "user", "arguments": "{}" }),
        json!({ "name": "user", "arguments": 7 }),
    ] {
        let (code, message) = client.refused("tools/call", params.clone()).await;
        assert_eq!(code, -32602, "{params}");
        assert!(
            message.starts_with("Invalid params: "),
            "{params}: {message}"
        );
    }
}

#[tokio::test]
async fn what_is_not_offered_is_not_served() {
    let client = connect(Server::new("nothing", "1"));
    let capabilities = client.greeting["capabilities"].clone();
    for (method, capability) in [
        ("tools/list", "tools"),
        ("tools/call", "tools"),
        ("resources/list", "resources"),
        ("resources/templates/list", "resources"),
        ("resources/read", "resources"),
        ("prompts/list", "prompts"),
        ("prompts/get", "prompts"),
        ("completion/complete", "completions"),
        ("no/such", "no"),
    ] {
        assert_eq!(capabilities.get(capability), None, "{capabilities}");
        let (code, message) = client.refused(method, json!({})).await;
        assert_eq!(
            (code, message),
            (-32601, format!("Method not found: {method}"))
        );
    }
    assert_eq!(
        client.ask("ping", Value::Object(Default::default())).await,
        json!({})
    );
}
