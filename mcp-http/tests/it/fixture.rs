//! The server that most tests talk to.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use mcp_core::{Error, ServerBuilder, jsonrpc::ErrorCode, prelude::*, types::Icon};
use mcp_http::{HttpServer, auth::ApiKeys};
use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::Semaphore;

pub(crate) const ALICE: &str = "alices-key-2f6b7f0d";
pub(crate) const BOB: &str = "bobs-key-77c1e0a94b";
/// What must never be told to a peer.
pub(crate) const INTERNAL: &str = "hunter2";

/// How often [`vault`] ran.
#[derive(Clone, Default)]
pub(crate) struct Runs(Arc<AtomicUsize>);

impl Runs {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// Where [`waits`] waits.
#[derive(Clone)]
pub(crate) struct Gate {
    entered: Arc<Semaphore>,
    open: Arc<Semaphore>,
}

impl Default for Gate {
    fn default() -> Self {
        let closed = || Arc::new(Semaphore::new(0));
        Self {
            entered: closed(),
            open: closed(),
        }
    }
}

impl Gate {
    /// Ready once a call stands before the gate.
    pub(crate) async fn entered(&self) {
        self.entered.acquire().await.unwrap().forget();
    }

    /// Lets one call through.
    pub(crate) fn open(&self) {
        self.open.add_permits(1);
    }
}

#[derive(Debug, Serialize, JsonSchema)]
struct Forecast {
    city: String,
    degrees: i32,
}

/// Repeats a text
#[mcp_tool(title = "Echo")]
async fn echo(text: String) -> String {
    text
}

/// Who asks
#[mcp_tool]
fn whoami(who: Option<Identity>) -> String {
    who.map_or_else(|| "nobody".to_owned(), |who| who.subject().to_owned())
}

/// For known callers
#[mcp_tool(requires_auth)]
fn vault(runs: State<Runs>) -> String {
    runs.0.0.fetch_add(1, Ordering::SeqCst);
    "gold".to_owned()
}

/// Knows its caller
#[mcp_tool]
fn mine(who: Identity) -> String {
    who.subject().to_owned()
}

/// Fails in words
#[mcp_tool]
fn fails() -> Result<String, ToolError> {
    Err(ToolError::user("the moon is in the way"))
}

/// Fails as a JSON-RPC error
#[mcp_tool]
fn refuses() -> Result<String, ToolError> {
    let error = ToolError::protocol(ErrorCode(-31_000), "not on Sundays");
    Err(error.with_data(serde_json::json!({ "until": "Monday" })))
}

/// Fails inside
#[mcp_tool]
fn breaks() -> Result<String, Error> {
    Err(Error::internal("the password is hunter2"))
}

/// Panics at once
#[mcp_tool]
fn panics() -> String {
    panic!("the password is {INTERNAL}")
}

/// Panics after it has waited
#[mcp_tool]
async fn panics_later() -> String {
    tokio::task::yield_now().await;
    panic!("the password is hunter2")
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("the password is {INTERNAL}")
    }
}

/// Panics as it cleans up
#[mcp_tool]
async fn panics_in_drop() -> String {
    let _bomb = Bomb;
    tokio::task::yield_now().await;
    "done".to_owned()
}

/// Panics with something that is no text
#[mcp_tool]
fn panics_oddly() -> String {
    std::panic::panic_any(7)
}

/// Waits for its gate
#[mcp_tool]
async fn waits(gate: State<Gate>) -> String {
    gate.entered.add_permits(1);
    gate.open.acquire().await.unwrap().forget();
    "through".to_owned()
}

/// Tells the weather
#[mcp_tool(title = "Forecast", read_only, icon = "https://example.com/sun.png")]
fn forecast(city: String) -> Forecast {
    Forecast { city, degrees: 21 }
}

/// Points to the manual
#[mcp_tool]
fn manual() -> ResourceLink {
    ResourceLink::new("docs://manual", "manual")
}

/// The manual
#[mcp_resource(
    "docs://manual",
    title = "Manual",
    icon = "https://example.com/book.png"
)]
fn manual_text() -> String {
    "Read me.".to_owned()
}

/// One page
#[mcp_resource(
    "docs://pages/{page}",
    title = "Page",
    icon = "https://example.com/page.png"
)]
fn page(page: u32) -> Option<String> {
    (page < 10).then(|| format!("Page {page}"))
}

/// Not now
#[mcp_resource("docs://unavailable")]
fn unavailable() -> Result<String, ResourceError> {
    Err(ToolError::user("being printed").into())
}

/// Panics when it is read
#[mcp_resource("docs://panic")]
fn panicking_page() -> String {
    panic!("the password is hunter2")
}

/// Ask for a review
#[mcp_prompt(title = "Review", icon = "https://example.com/pen.png")]
fn review(
    /// What to review
    title: String,
) -> String {
    format!("Review {title}.")
}

/// Panics when it is filled in
#[mcp_prompt]
async fn panicking_prompt() -> String {
    tokio::task::yield_now().await;
    panic!("the password is hunter2")
}

/// The server, with what its tools count and wait for.
pub(crate) fn server_with(runs: &Runs, gate: &Gate) -> ServerBuilder {
    Server::new("it", "1.2.3")
        .title("Integration")
        .description("A server for tests")
        .website_url("https://example.com")
        .icon(Icon::new("https://example.com/it.png"))
        .instructions("Ask away.")
        .state(runs.clone())
        .state(gate.clone())
        .tools(tools![
            echo,
            whoami,
            vault,
            mine,
            fails,
            refuses,
            breaks,
            panics,
            panics_later,
            panics_in_drop,
            panics_oddly,
            waits,
            forecast,
            manual,
        ])
        .resources(resources![manual_text, page, unavailable, panicking_page])
        .prompts(prompts![review, panicking_prompt])
}

/// The server, with every setting of HTTP at its default.
pub(crate) fn http() -> HttpServer {
    HttpServer::new(server_with(&Runs::default(), &Gate::default()))
}

/// The same, for Alice and Bob and everybody else.
pub(crate) fn http_with_keys() -> HttpServer {
    http().auth(keys())
}

pub(crate) fn keys() -> ApiKeys {
    ApiKeys::new([(ALICE, "alice"), (BOB, "bob")])
}
