//! The suite's tools that need more than one round trip: each asks, and goes on when it is called
//! again with the answers.

use mcp_core::{AskError, Ctx, Tool, prelude::*, types::sampling::CreateMessage};

pub(crate) fn all() -> Vec<Tool> {
    tools![
        test_missing_capability,
        test_streaming_elicitation,
        test_logging_tool,
        test_input_required_result_elicitation,
        test_input_required_result_sampling,
        test_input_required_result_list_roots,
        test_input_required_result_request_state,
        test_input_required_result_multiple_inputs,
        test_input_required_result_multi_round,
        test_input_required_result_tampered_state,
        test_input_required_result_capabilities,
        test_custom_header,
    ]
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Name {
    name: String,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Confirm {
    ok: bool,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Color {
    color: String,
}

/// Needs a client that can be asked to run its model
#[mcp_tool(read_only)]
async fn test_missing_capability(ctx: Ctx) -> Result<String, AskError> {
    let answer = ctx
        .create_message(CreateMessage::new("Say hello", 50))
        .await?;
    Ok(answer.text())
}

/// Asks the user for a name, in a stream or not
#[mcp_tool(read_only)]
async fn test_streaming_elicitation(ctx: Ctx) -> Result<String, AskError> {
    let Name { name } = ctx.elicit("What is your name?").await?;
    Ok(format!("Hello, {name}!"))
}

/// Logs one line, for whoever wants it
#[mcp_tool(read_only)]
async fn test_logging_tool(ctx: Ctx) -> &'static str {
    ctx.log(
        mcp_core::types::logging::LoggingLevel::Info,
        "test_logging_tool was called",
    );
    "Logged, if anybody wanted it."
}

/// Asks the user for a name
#[mcp_tool(read_only)]
async fn test_input_required_result_elicitation(ctx: Ctx) -> Result<String, AskError> {
    let Name { name } = ctx.elicit("What is your name?").key("user_name").await?;
    Ok(format!("Hello, {name}!"))
}

/// Asks the client's model
#[mcp_tool(read_only)]
async fn test_input_required_result_sampling(ctx: Ctx) -> Result<String, AskError> {
    let question = CreateMessage::new("What is the capital of France?", 100);
    let answer = ctx.create_message(question).key("capital_question").await?;
    Ok(format!("The model says: {}", answer.text()))
}

/// Asks the client which folders it works in
#[mcp_tool(read_only)]
async fn test_input_required_result_list_roots(ctx: Ctx) -> Result<String, AskError> {
    let roots = ctx.list_roots().key("client_roots").await?;
    let uris: Vec<_> = roots.into_iter().map(|root| root.uri).collect();
    Ok(format!("The client works in: {}", uris.join(", ")))
}

/// Asks the user to confirm
#[mcp_tool(read_only)]
async fn test_input_required_result_request_state(ctx: Ctx) -> Result<String, AskError> {
    let Confirm { ok } = ctx.elicit("Please confirm").key("confirm").await?;
    Ok(format!("state-ok, confirmed: {ok}"))
}

/// Asks three things at once
#[mcp_tool(read_only)]
async fn test_input_required_result_multiple_inputs(ctx: Ctx) -> Result<String, AskError> {
    let (user, greeting, roots) = tokio::join!(
        ctx.elicit::<Name>("What is your name?").key("user_name"),
        ctx.create_message(CreateMessage::new("Generate a greeting", 50))
            .key("greeting"),
        ctx.list_roots().key("client_roots"),
    );
    Ok(format!(
        "{} {} ({} roots)",
        greeting?.text(),
        user?.name,
        roots?.len()
    ))
}

/// Asks one thing after the other
#[mcp_tool(read_only)]
async fn test_input_required_result_multi_round(ctx: Ctx) -> Result<String, AskError> {
    let Name { name } = ctx
        .elicit("Step 1: What is your name?")
        .key("step1")
        .await?;
    let Color { color } = ctx
        .elicit("Step 2: What is your favorite color?")
        .key("step2")
        .await?;
    Ok(format!("{name} likes {color}."))
}

/// Asks the user to confirm; what travels meanwhile must come back unchanged
#[mcp_tool(read_only)]
async fn test_input_required_result_tampered_state(ctx: Ctx) -> Result<String, AskError> {
    let Confirm { ok } = ctx.elicit("Please confirm").key("confirm").await?;
    Ok(format!("confirmed: {ok}"))
}

/// Asks only what the client can be asked
#[mcp_tool(read_only)]
async fn test_input_required_result_capabilities(ctx: Ctx) -> Result<String, AskError> {
    if ctx.client_capabilities().elicitation.is_some() {
        let Name { name } = ctx.elicit("What is your name?").key("user_name").await?;
        return Ok(format!("Hello, {name}!"));
    }
    let answer = ctx
        .create_message(CreateMessage::new("Say hello", 50))
        .key("greeting")
        .await?;
    Ok(answer.text())
}

/// Repeats an argument that also came in a header
#[mcp_tool(read_only)]
fn test_custom_header(
    /// What to repeat
    #[arg(header = "Value")]
    value: String,
) -> String {
    value
}

/// A prompt that asks the user what it is for
#[mcp_prompt]
pub(crate) async fn test_input_required_result_prompt(ctx: Ctx) -> Result<String, AskError> {
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Context {
        context: String,
    }

    let asked = ctx
        .elicit::<Context>("What context should the prompt use?")
        .key("user_context");
    Ok(format!("Use this context: {}", asked.await?.context))
}
