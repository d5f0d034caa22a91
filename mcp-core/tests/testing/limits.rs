//! Limits of functions that ask.

use std::{
    pin::pin,
    task::{Context, Waker},
    time::Duration,
};

use mcp_core::{
    ServerBuilder,
    era::Era,
    prelude::*,
    testing::{Answer, Client, RpcError, mcp_test},
};
use serde_json::json;
use tokio::time::{advance, pause, sleep};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Confirm {
    ok: bool,
}

/// Think and ask
#[mcp_tool(timeout = "10s", concurrency = 1, rate_limit = "4/d")]
async fn ponder(ctx: Ctx, seconds: u64) -> Result<String, ToolError> {
    sleep(Duration::from_secs(seconds)).await;
    let Confirm { ok } = ctx.elicit("Sure?").await?;
    Ok(ok.to_string())
}

fn server() -> ServerBuilder {
    Server::new("limits", "1").tools(tools![ponder])
}

#[mcp_test(server(), over(memory))]
async fn time_that_a_person_takes_to_answer_is_not_the_functions(
    client: Client,
) -> Result<(), RpcError> {
    pause();
    let client = client.on_elicit(|_| {
        // Longer than the function has. The first step moves the clock; nothing waits for the rest.
        let later = pin!(advance(Duration::from_secs(12)));
        let _ = later.poll(&mut Context::from_waker(Waker::noop()));
        Answer::accept(json!({ "ok": true }))
    });
    // Six seconds in each of two runs.
    let said = client.call_tool("ponder", json!({ "seconds": 6 })).await?;
    assert_eq!(said.text(), "true");
    let late = client.call_tool("ponder", json!({ "seconds": 11 })).await?;
    assert!(late.is_error && late.text().contains("10s"), "{late:?}");
    Ok(())
}

#[mcp_test(server(), over(memory))]
async fn a_request_is_one_call_however_often_its_function_runs(
    client: Client,
) -> Result<(), RpcError> {
    pause();
    let era = client.era();
    let client = client.on_elicit(|_| Answer::accept(json!({ "ok": true })));
    // Where clients call again with their answer, it is a request of its own.
    let calls = if era == Era::Modern { 2 } else { 4 };
    for _ in 0..calls {
        let said = client.call_tool("ponder", json!({ "seconds": 0 })).await?;
        assert_eq!(said.text(), "true");
    }
    let said = client.call_tool("ponder", json!({ "seconds": 0 })).await?;
    let limit = "`ponder` may be called 4 times a day; try again in ";
    assert!(said.is_error && said.text().starts_with(limit), "{said:?}");
    Ok(())
}
