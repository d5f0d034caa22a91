//! The suite's tools that speak before they answer: progress, log messages, questions, changes.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use mcp_core::{
    AskError, Ctx, Progress, ServerHandle, Tool,
    prelude::*,
    schema::Schema,
    types::{logging::LoggingLevel, sampling::CreateMessage},
};
use serde_json::{Map, Value};
use tokio::time::{Instant, sleep};

/// How far apart the suite wants messages to be.
const BEAT: Duration = Duration::from_millis(50);

pub(crate) fn all() -> Vec<Tool> {
    tools![
        test_tool_with_progress,
        test_tool_with_logging,
        test_sampling,
        test_elicitation,
        test_elicitation_sep1034_defaults,
        test_elicitation_sep1330_enums,
        test_two_questions,
        test_reconnection,
        test_slow,
        test_slow_status,
        test_list_roots,
        test_trigger_tool_change,
        test_trigger_prompt_change,
        test_trigger_resource_update,
    ]
}

/// Tells how far it is, three times
#[mcp_tool(read_only)]
async fn test_tool_with_progress(progress: Progress) -> &'static str {
    for done in [0.0, 50.0, 100.0] {
        progress.report(done, Some(100.0));
        sleep(BEAT).await;
    }
    "Tool with progress executed."
}

/// Logs what it does, three times
#[mcp_tool(read_only)]
async fn test_tool_with_logging(ctx: Ctx) -> &'static str {
    for message in [
        "Tool execution started",
        "Tool processing data",
        "Tool execution completed",
    ] {
        ctx.log(LoggingLevel::Info, message);
        sleep(BEAT).await;
    }
    "Tool with logging executed."
}

/// Asks the client's model
#[mcp_tool(read_only)]
async fn test_sampling(
    /// What to ask it
    prompt: String,
    ctx: Ctx,
) -> Result<String, AskError> {
    let answer = ctx.create_message(CreateMessage::new(prompt, 100)).await?;
    Ok(format!("LLM response: {}", answer.text()))
}

/// Asks the user for a name and an address
#[mcp_tool(read_only)]
async fn test_elicitation(
    /// What to say to the user
    message: String,
    ctx: Ctx,
) -> Result<String, AskError> {
    #[derive(serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
    struct User {
        /// User's response
        username: String,
        /// User's email address
        email: String,
    }

    let answer = ctx
        .elicit::<User>(message)
        .await
        .map(|user| serde_json::json!(user));
    tell("User response", answer)
}

/// Asks the user, with a default for every field
#[mcp_tool(read_only)]
async fn test_elicitation_sep1034_defaults(ctx: Ctx) -> Result<String, AskError> {
    const FORM: &str = r#"{
        "type": "object",
        "properties": {
            "name": { "type": "string", "description": "User name", "default": "John Doe" },
            "age": { "type": "integer", "description": "User age", "default": 30 },
            "score": { "type": "number", "description": "User score", "default": 95.5 },
            "status": {
                "type": "string", "enum": ["active", "inactive", "pending"], "default": "active"
            },
            "verified": { "type": "boolean", "default": true }
        },
        "required": []
    }"#;
    ask_by(
        &ctx,
        "Please review and update the form fields with defaults",
        FORM,
    )
    .await
}

/// Asks the user to choose, in every way there is
#[mcp_tool(read_only)]
async fn test_elicitation_sep1330_enums(ctx: Ctx) -> Result<String, AskError> {
    const FORM: &str = r#"{
        "type": "object",
        "properties": {
            "untitledSingle": { "type": "string", "enum": ["option1", "option2", "option3"] },
            "titledSingle": {
                "type": "string",
                "oneOf": [
                    { "const": "value1", "title": "First Option" },
                    { "const": "value2", "title": "Second Option" },
                    { "const": "value3", "title": "Third Option" }
                ]
            },
            "legacyEnum": {
                "type": "string",
                "enum": ["opt1", "opt2", "opt3"],
                "enumNames": ["Option One", "Option Two", "Option Three"]
            },
            "untitledMulti": {
                "type": "array",
                "items": { "type": "string", "enum": ["option1", "option2", "option3"] }
            },
            "titledMulti": {
                "type": "array",
                "items": {
                    "anyOf": [
                        { "const": "value1", "title": "First Choice" },
                        { "const": "value2", "title": "Second Choice" },
                        { "const": "value3", "title": "Third Choice" }
                    ]
                }
            }
        },
        "required": []
    }"#;
    ask_by(&ctx, "Please select options from the enum fields", FORM).await
}

/// Asks the user two things at once, then counts, then asks once more
#[mcp_tool]
async fn test_two_questions(ctx: Ctx) -> Result<String, ToolError> {
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Answer {
        /// What it is
        answer: String,
    }

    static COUNT: AtomicUsize = AtomicUsize::new(0);

    let (color, size) = tokio::join!(ctx.elicit("Which color?"), ctx.elicit("Which size?"));
    let (Answer { answer: color }, Answer { answer: size }) = (color?, size?);
    let count = || async { Ok::<_, ToolError>(COUNT.fetch_add(1, Ordering::Relaxed)) };
    ctx.step("count", count).await?;
    // Everything above has happened already when the answer to this comes.
    let Answer { answer: sure } = ctx.elicit("Sure?").await?;
    let count = COUNT.load(Ordering::Relaxed);
    Ok(format!(
        "color={color}, size={size}, sure={sure}, count={count}"
    ))
}

/// Lets go of its connection; the answer waits for whoever comes back
#[mcp_tool(read_only)]
async fn test_reconnection(ctx: Ctx) -> &'static str {
    ctx.close_stream(Duration::from_millis(10));
    sleep(Duration::from_millis(100)).await;
    "Reconnection test completed."
}

/// What became of calls of `test_slow`
#[derive(Clone, Copy, serde::Serialize, schemars::JsonSchema)]
struct SlowCalls {
    /// How many run now
    running: usize,
    /// How many were dropped before their end
    dropped: usize,
}

/// Takes its time, and tells how far it is
#[mcp_tool(read_only)]
async fn test_slow(
    /// How long it takes
    #[arg(min = 0, max = 60)]
    seconds: f64,
    progress: Progress,
) -> &'static str {
    struct Running {
        ended: bool,
    }

    impl Drop for Running {
        fn drop(&mut self) {
            let mut calls = slow_calls();
            calls.running -= 1;
            calls.dropped += usize::from(!self.ended);
        }
    }

    slow_calls().running += 1;
    let mut running = Running { ended: false };
    let start = Instant::now();
    loop {
        let passed = start.elapsed().as_secs_f64();
        if passed >= seconds {
            break;
        }
        progress.report(passed, Some(seconds));
        sleep(BEAT).await;
    }
    running.ended = true;
    "Slow, but done."
}

/// Tells what became of calls of `test_slow`
#[mcp_tool(read_only)]
fn test_slow_status() -> SlowCalls {
    *slow_calls()
}

fn slow_calls() -> MutexGuard<'static, SlowCalls> {
    static CALLS: Mutex<SlowCalls> = Mutex::new(SlowCalls {
        running: 0,
        dropped: 0,
    });
    CALLS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asks the client which folders it works in
#[mcp_tool(read_only)]
async fn test_list_roots(ctx: Ctx) -> Result<Vec<String>, AskError> {
    Ok(ctx
        .list_roots()
        .await?
        .into_iter()
        .map(|root| root.uri)
        .collect())
}

/// Changes the list of tools
#[mcp_tool]
fn test_trigger_tool_change(server: ServerHandle) -> Result<&'static str, ToolError> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);

    let name = format!("added_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let tool = Tool::builder(&name)
        .description("Came while the server was running")
        .handler(|_: Map<String, Value>, _: Ctx| async { Ok("Hello from a new tool!") });
    server.add_tools([tool])?;
    server.remove_tool(&name);
    Ok("The list of tools has changed, twice.")
}

/// Changes the list of prompts
#[mcp_tool]
fn test_trigger_prompt_change(server: ServerHandle) -> &'static str {
    server.tell(&mcp_core::changes::Change::Prompts);
    "The list of prompts has changed."
}

/// Changes the watched resource
#[mcp_tool]
fn test_trigger_resource_update(server: ServerHandle) -> &'static str {
    server.resource_updated("test://watched-resource");
    "The watched resource has changed."
}

async fn ask_by(ctx: &Ctx, message: &str, form: &str) -> Result<String, AskError> {
    let form = Schema::parse(form).map_err(|error| AskError::Form(error.to_string()))?;
    let answer = ctx.elicit_with(message, form).await.map(Value::Object);
    tell("Elicitation completed", answer)
}

/// That somebody declined is an answer, too.
fn tell(what: &str, answer: Result<Value, AskError>) -> Result<String, AskError> {
    let (action, content) = match answer {
        Ok(content) => ("accept", content),
        Err(AskError::Declined) => ("decline", Value::Null),
        Err(AskError::Cancelled) => ("cancel", Value::Null),
        Err(error) => return Err(error),
    };
    Ok(format!("{what}: action={action}, content={content}"))
}
