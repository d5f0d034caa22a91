//! `hello`, and one of each other kind, by hand: whatever a macro writes, a person can.

use mcp_core::{
    Ctx, Prompt, Resource, ResourceError, Server, ServerBuilder, Tool, ToolError,
    types::prompt::PromptArgument,
};
use mcp_http::HttpServer;
use schemars::JsonSchema;
use serde::Deserialize;

// No `///` on these two: it would become the description of the whole argument object.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Hello {
    /// Who to greet
    name: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Add {
    /// One number
    a: i64,
    /// Another one
    b: i64,
}

/// The server, which the tests hold against its twin with macros.
pub(crate) fn server() -> ServerBuilder {
    let hello = Tool::builder("hello")
        .description("Say hello")
        .handler(|args: Hello, _: Ctx| async move { Ok(format!("Hello, {}!", args.name)) });

    let add = Tool::builder("add")
        .description("Add two numbers")
        .read_only(true)
        .handler(|args: Add, _: Ctx| async move {
            let sum = args.a.checked_add(args.b);
            sum.ok_or_else(|| ToolError::user("the sum is too large"))
        });

    let greeting = Resource::builder("greeting://{name}", "greeting")
        .description("A greeting to read")
        .mime_type("text/plain")
        .handler(|request, _: Ctx| async move {
            let name = request.variable("name").ok_or(ResourceError::NotFound)?;
            Ok::<_, ResourceError>(format!("Hello, {name}!"))
        });

    let introduce = Prompt::builder("introduce")
        .description("Ask for an introduction")
        .argument(
            PromptArgument::new("name")
                .description("Who to introduce")
                .required(),
        )
        .handler(|args, _: Ctx| async move {
            let name = args.get("name").map_or("somebody", String::as_str);
            Ok(format!("Introduce {name} in one sentence."))
        });

    Server::new("hello", "1.0.0")
        .tools([hello, add])
        .resources([greeting])
        .prompts([introduce])
}

#[tokio::main]
async fn main() -> mcp_http::Result {
    let bound = HttpServer::new(server()).bind("127.0.0.1:8000").await?;
    eprintln!("listening on {}", bound.url());
    bound.serve().await
}
