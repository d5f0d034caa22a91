//! What a function needs and cannot reach: the model is told so, and nobody where it is.

use std::{
    fmt, io,
    net::{SocketAddr, TcpListener, TcpStream},
    time::Duration,
};

use mcp_core::{Error, Missing, Prompt, Resource, Server, Tool, prelude::*};
use serde_json::{Map, Value, json};
use tokio::time::timeout;

use crate::both::both;

/// What is told, whatever could not be reached.
const UNAVAILABLE: &str =
    "something that this needs is not available at the moment; try again later";

/// Where nobody listens: its port was free a moment ago.
struct Closed(SocketAddr);

impl Closed {
    fn find() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self(listener.local_addr().unwrap())
    }

    async fn connect(&self) -> io::Result<String> {
        // On loopback nothing is waited for.
        TcpStream::connect(self.0)?;
        Ok("connected".to_owned())
    }
}

/// The error of a client of another crate: its text has an address, its source is of I/O.
#[derive(Debug)]
struct ClientError(String, io::Error);

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sending to {}", self.0)
    }
}

impl std::error::Error for ClientError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.1)
    }
}

async fn wrapped(closed: &Closed) -> Result<String, ClientError> {
    let connected = closed.connect().await;
    connected.map_err(|error| ClientError(closed.0.to_string(), error))
}

/// Holds an error and is none, as that of `anyhow` is.
struct Report(Box<dyn std::error::Error + Send + Sync>);

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl AsRef<dyn std::error::Error + Send + Sync> for Report {
    fn as_ref(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        &*self.0
    }
}

/// By `?`
#[mcp_tool]
async fn by_question_mark(closed: State<Closed>) -> Result<String, ToolError> {
    Ok(closed.connect().await?)
}

/// By `?`, wrapped
#[mcp_tool]
async fn by_question_mark_wrapped(closed: State<Closed>) -> Result<String, ToolError> {
    Ok(wrapped(&closed).await?)
}

/// As an I/O error
#[mcp_tool]
async fn as_io(closed: State<Closed>) -> io::Result<String> {
    closed.connect().await
}

/// As an error of one's own
#[mcp_tool]
async fn as_own(closed: State<Closed>) -> Result<String, ClientError> {
    wrapped(&closed).await
}

/// In a box
#[mcp_tool]
async fn in_a_box(
    closed: State<Closed>,
) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    Ok(wrapped(&closed).await?)
}

/// In a box that stays where it is
#[mcp_tool]
async fn in_any_box(closed: State<Closed>) -> Result<String, Box<dyn std::error::Error>> {
    Ok(wrapped(&closed).await?)
}

/// In a box that may go elsewhere
#[mcp_tool]
async fn in_a_sent_box(closed: State<Closed>) -> Result<String, Box<dyn std::error::Error + Send>> {
    let connected = wrapped(&closed).await;
    connected.map_err(|error| Box::new(error) as Box<dyn std::error::Error + Send>)
}

/// In a report
#[mcp_tool]
async fn in_a_report(closed: State<Closed>) -> Result<String, Report> {
    wrapped(&closed).await.map_err(|error| Report(error.into()))
}

/// In a step
#[mcp_tool]
async fn in_a_step(ctx: Ctx, closed: State<Closed>) -> Result<String, ToolError> {
    ctx.step("connect", || closed.connect()).await
}

/// In a step, wrapped
#[mcp_tool]
async fn in_a_step_wrapped(ctx: Ctx, closed: State<Closed>) -> Result<String, ToolError> {
    ctx.step("connect", || wrapped(&closed)).await
}

/// After too long
#[mcp_tool]
async fn too_late() -> Result<String, ToolError> {
    let never = std::future::pending::<String>();
    Ok(timeout(Duration::from_millis(1), never).await?)
}

/// A page from elsewhere
#[mcp_resource("page://elsewhere")]
async fn page(closed: State<Closed>) -> Result<String, ClientError> {
    wrapped(&closed).await
}

/// A page from elsewhere, by `?`
#[mcp_resource("page://elsewhere/by-question-mark")]
async fn page_by_question_mark(closed: State<Closed>) -> Result<String, ResourceError> {
    Ok(wrapped(&closed).await?)
}

/// A prompt from elsewhere
#[mcp_prompt]
async fn prompt(closed: State<Closed>) -> Result<String, ToolError> {
    Ok(wrapped(&closed).await?)
}

#[tokio::test]
async fn what_cannot_be_reached_is_told_as_unavailable_and_never_where_it_is() {
    let by_hand = Tool::builder("by_hand")
        .handler(|_: Map<String, Value>, _| async { Ok(Closed::find().connect().await?) });
    let page_by_hand = Resource::builder("page://by-hand", "page")
        .handler(|_, _| async { Closed::find().connect().await });
    let page_by_hand_wrapped = Resource::builder("page://by-hand/wrapped", "page")
        .handler(|_, _| async { wrapped(&Closed::find()).await });
    let prompt_by_hand = Prompt::builder("prompt_by_hand")
        .handler(|_, _| async { Ok(Closed::find().connect().await?) });
    let tools = tools![
        by_question_mark,
        by_question_mark_wrapped,
        as_io,
        as_own,
        in_a_box,
        in_any_box,
        in_a_sent_box,
        in_a_report,
        in_a_step,
        in_a_step_wrapped,
        too_late,
    ];
    let names: Vec<String> = tools.iter().map(|t| t.definition().name.clone()).collect();
    let server = Server::new("unavailable", "1")
        .state(Closed::find())
        .tools(tools)
        .tools([by_hand])
        .resources(resources![page, page_by_question_mark])
        .resources([page_by_hand, page_by_hand_wrapped])
        .prompts(prompts![prompt])
        .prompts([prompt_by_hand]);
    for peer in both(server) {
        for tool in names.iter().map(String::as_str).chain(["by_hand"]) {
            let result = peer.call(tool, json!({})).await;
            let content = json!([{ "type": "text", "text": UNAVAILABLE }]);
            let expected = json!({ "content": content, "isError": true });
            assert_eq!(result, expected, "{tool}");
        }
        for (method, params) in [
            ("resources/read", json!({ "uri": "page://elsewhere" })),
            (
                "resources/read",
                json!({ "uri": "page://elsewhere/by-question-mark" }),
            ),
            ("resources/read", json!({ "uri": "page://by-hand" })),
            ("resources/read", json!({ "uri": "page://by-hand/wrapped" })),
            ("prompts/get", json!({ "name": "prompt" })),
            ("prompts/get", json!({ "name": "prompt_by_hand" })),
        ] {
            let refused = peer.refused(method, params.clone()).await;
            assert_eq!(refused, (-32603, UNAVAILABLE.to_owned()), "{params}");
        }
    }
}

/// In words of one's own
#[mcp_tool]
async fn in_words(closed: State<Closed>, retry_ms: Option<u64>) -> Result<String, ToolError> {
    let connected = closed.connect().await;
    connected.map_err(|_| {
        let error = ToolError::unavailable("the library's catalogue");
        match retry_ms {
            Some(time) => error.retry_after(Duration::from_millis(time)),
            None => error,
        }
    })
}

#[tokio::test]
async fn what_is_not_available_is_named_with_when_to_try_again() {
    let server = Server::new("unavailable", "1").state(Closed::find());
    for peer in both(server.tools(tools![in_words])) {
        for (arguments, when) in [
            (json!({}), "later"),
            (json!({ "retry_ms": 30_000 }), "in 30 s"),
            // Rounded up: who comes back then is not sent away again.
            (json!({ "retry_ms": 30_001 }), "in 31 s"),
            (json!({ "retry_ms": 1 }), "in 1 s"),
            (json!({ "retry_ms": 0 }), "in 1 s"),
        ] {
            let result = peer.call("in_words", arguments).await;
            assert_eq!(
                result["content"][0]["text"],
                format!("the library's catalogue is not available at the moment; try again {when}")
            );
            assert_eq!(result["isError"], true);
        }
    }
}

/// What another crate has put around an error.
fn report(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Report {
    Report(Box::new(io::Error::other(error)))
}

/// Ask, and report that nobody can be asked
#[mcp_tool]
async fn asks(ctx: Ctx) -> Result<String, Report> {
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Name {
        name: String,
    }
    let Name { name } = ctx.elicit("Who?").await.map_err(report)?;
    Ok(name)
}

/// Report a refusal of one's own
#[mcp_tool]
fn refuses() -> Result<String, Report> {
    Err(report(Error::invalid_params("that does not fit")))
}

/// Report what broke
#[mcp_tool]
fn breaks() -> Result<String, Report> {
    Err(report(Error::internal("the password is hunter2")))
}

/// Report that there is no such page
#[mcp_resource("page://{number}")]
fn missing(number: u32) -> Result<String, Report> {
    let missing = Missing::Resource(format!("page://{number}"));
    Err(report(Error::NotFound(missing)))
}

#[tokio::test]
async fn our_own_errors_keep_what_they_are_in_the_report_of_another_crate() {
    let server = Server::new("unavailable", "1")
        .tools(tools![asks, refuses, breaks])
        .resources(resources![missing]);
    for peer in both(server) {
        let [unsupported, not_found] = match peer.is_modern() {
            true => [-32021, -32602],
            false => [-32600, -32002],
        };
        for (method, params, code, said) in [
            (
                "tools/call",
                json!({ "name": "asks" }),
                unsupported,
                "`elicitation`",
            ),
            (
                "tools/call",
                json!({ "name": "refuses" }),
                -32602,
                "that does not fit",
            ),
            (
                "tools/call",
                json!({ "name": "breaks" }),
                -32603,
                "Internal error (ref ",
            ),
            (
                "resources/read",
                json!({ "uri": "page://7" }),
                not_found,
                "not found: page://7",
            ),
        ] {
            let (seen, message) = peer.refused(method, params.clone()).await;
            assert_eq!(seen, code, "{params}: {message}");
            assert!(message.contains(said), "{params}: {message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }
}

#[tokio::test]
async fn other_errors_say_what_they_have_to_say() {
    /// Open what is not there
    #[mcp_tool]
    fn open() -> io::Result<String> {
        Err(io::Error::new(io::ErrorKind::NotFound, "no such book"))
    }

    /// Fail in words
    #[mcp_tool]
    fn words() -> Result<String, Report> {
        Err(Report("the shelf is empty".into()))
    }

    for peer in both(Server::new("unavailable", "1").tools(tools![open, words])) {
        for (tool, said) in [("open", "no such book"), ("words", "the shelf is empty")] {
            let result = peer.call(tool, json!({})).await;
            assert_eq!(result["content"][0]["text"], said);
        }
    }
}
