//! A server and its tests, without a socket: in both eras, over every transport.

use std::sync::{Mutex, PoisonError};

use mcp_core::{ServerBuilder, prelude::*};
use mcp_http::HttpServer;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is to be done, in order.
type Tasks = Mutex<Vec<String>>;

/// A list of tasks
#[derive(Serialize, JsonSchema)]
#[cfg_attr(test, derive(Debug, Deserialize, PartialEq))]
struct List {
    /// The oldest first
    tasks: Vec<String>,
}

/// Add a task
#[mcp_tool(destructive = false)]
fn add(
    /// What is to be done
    #[arg(min_len = 1)]
    task: String,
    tasks: State<Tasks>,
) -> List {
    // A list is whole after every call, so one that panicked elsewhere spoils nothing.
    let mut tasks = tasks.lock().unwrap_or_else(PoisonError::into_inner);
    tasks.push(task);
    List {
        tasks: tasks.clone(),
    }
}

#[derive(Deserialize, JsonSchema)]
struct Confirm {
    /// Really?
    ok: bool,
}

/// Forget all tasks
#[mcp_tool(destructive)]
async fn clear(tasks: State<Tasks>, ctx: Ctx) -> Result<&'static str, ToolError> {
    let Confirm { ok } = ctx.elicit("Forget all tasks?").await?;
    if !ok {
        return Ok("Nothing was forgotten.");
    }
    tasks.lock().unwrap_or_else(PoisonError::into_inner).clear();
    Ok("All is forgotten.")
}

fn server() -> ServerBuilder {
    Server::new("tested", "1.0.0")
        .state(Tasks::default())
        .tools(tools![add, clear])
}

#[tokio::main]
async fn main() -> mcp_http::Result {
    let bound = HttpServer::new(server()).bind("127.0.0.1:8000").await?;
    eprintln!("listening on {}", bound.url());
    bound.serve().await
}

#[cfg(test)]
mod tests {
    use mcp_core::testing::{Answer, Client, RpcError, mcp_test};
    use serde_json::json;

    use super::*;

    #[mcp_test(server(), over(memory, stdio, http))]
    async fn tasks_are_kept_in_order(client: Client) -> Result<(), RpcError> {
        client.call_tool("add", json!({ "task": "write" })).await?;
        let list = client.call_tool("add", json!({ "task": "test" })).await?;
        let tasks = vec!["write".to_owned(), "test".to_owned()];
        assert_eq!(list.structured::<List>(), List { tasks });
        Ok(())
    }

    #[mcp_test(server(), over(memory, stdio, http))]
    async fn an_empty_task_is_refused(client: Client) -> Result<(), RpcError> {
        let refused = client.call_tool("add", json!({ "task": "" })).await?;
        assert!(refused.is_error);
        assert!(refused.text().starts_with("`task`: "), "{refused:?}");
        Ok(())
    }

    #[mcp_test(server(), over(memory, stdio, http))]
    async fn nothing_is_forgotten_unless_it_is_confirmed(client: Client) -> Result<(), RpcError> {
        let client = client.answers([
            Answer::decline(),
            Answer::accept(json!({ "ok": false })),
            Answer::accept(json!({ "ok": true })),
        ]);
        assert!(client.call_tool("clear", json!({})).await?.is_error);
        let kept = client.call_tool("clear", json!({})).await?;
        assert_eq!(kept.text(), "Nothing was forgotten.");
        let gone = client.call_tool("clear", json!({})).await?;
        assert_eq!(gone.text(), "All is forgotten.");
        Ok(())
    }
}
