//! A server with something of everything, and its clients.

use mcp_core::{
    Completion, ServerBuilder,
    prelude::*,
    types::{logging::LoggingLevel, sampling::CreateMessage},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Add two numbers
#[mcp_tool(read_only)]
pub(crate) fn add(a: i64, b: i64) -> i64 {
    a + b
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Point {
    pub(crate) x: i64,
    pub(crate) y: i64,
}

/// Mirror a point
#[mcp_tool]
fn mirror(x: i64, y: i64) -> Json<Point> {
    Json(Point { x: -x, y: -y })
}

/// Count up
#[mcp_tool]
fn up(to: u32) -> Json<Vec<u32>> {
    Json((1..=to).collect())
}

/// Fail
#[mcp_tool]
fn fail() -> Result<Json<Point>, ToolError> {
    Err(ToolError::user("no point"))
}

/// Count to three
#[mcp_tool]
async fn count(ctx: Ctx) -> &'static str {
    for n in 1..=3 {
        ctx.progress(f64::from(n), Some(3.0));
    }
    ctx.log_as("counter", LoggingLevel::Debug, "counted");
    "done"
}

/// Who asks?
#[mcp_tool]
fn whoami(who: Identity) -> String {
    who.subject().to_owned()
}

#[derive(Deserialize, JsonSchema)]
struct Confirm {
    ok: bool,
}

/// Delete files
#[mcp_tool]
async fn delete(ctx: Ctx, files: u32) -> Result<String, ToolError> {
    let Confirm { ok } = ctx.elicit(format!("Delete {files} files?")).await?;
    let Confirm { ok: sure } = ctx.elicit("Sure?").await?;
    Ok(format!("{ok} {sure}"))
}

/// Pay
#[mcp_tool]
async fn pay(ctx: Ctx) -> Result<&'static str, ToolError> {
    ctx.elicit_url("Pay here", "https://example.com/pay", "p1")
        .await?;
    Ok("paid")
}

/// Ask the model
#[mcp_tool]
async fn think(ctx: Ctx) -> Result<String, ToolError> {
    let said = ctx.create_message(CreateMessage::new("6 x 7?", 10)).await?;
    Ok(said.text())
}

/// List folders
#[mcp_tool]
async fn folders(ctx: Ctx) -> Result<String, ToolError> {
    let roots = ctx.list_roots().await?;
    let uris: Vec<_> = roots.into_iter().map(|root| root.uri).collect();
    Ok(uris.join(" "))
}

/// Never end
#[mcp_tool]
async fn forever(ended: State<tokio::sync::mpsc::UnboundedSender<()>>) -> &'static str {
    struct Ended(State<tokio::sync::mpsc::UnboundedSender<()>>);

    impl Drop for Ended {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }

    let _ended = Ended(ended);
    std::future::pending().await
}

/// A page
#[mcp_resource("docs://{page}", mime = "text/plain")]
fn page(page: u32) -> String {
    format!("page {page}")
}

/// The index
#[mcp_resource("docs://index")]
fn index() -> &'static str {
    "1 2 3"
}

/// Ask for a review
#[mcp_prompt]
fn review(title: String) -> String {
    format!("Review {title}.")
}

/// The server, which tells here when a call of `forever` was dropped.
pub(crate) fn telling(ended: tokio::sync::mpsc::UnboundedSender<()>) -> ServerBuilder {
    Server::new("everything", "1.2.3")
        .instructions("It has everything.")
        .state(ended)
        .page_size(3)
        .tools(tools![add, mirror, up, fail, count, whoami])
        .tools(tools![delete, pay, think, folders, forever])
        .resources(resources![page, index])
        .prompts(prompts![review])
        .completions([
            Completion::of_prompt("review", "title", |_, _| async { Ok(vec!["Emma"]) }),
            Completion::of_resource("docs://{page}", "page", |_, _| async {
                Ok(vec!["1", "10"])
            }),
        ])
}

pub(crate) fn server() -> ServerBuilder {
    telling(tokio::sync::mpsc::unbounded_channel().0)
}
