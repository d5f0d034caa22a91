//! What the client of tests promises, over HTTP without a socket.

use http::{HeaderValue, header};
use mcp_core::{
    ServerBuilder,
    changes::Change,
    era::Era,
    jsonrpc::ErrorCode,
    prelude::*,
    testing::{Answer, Client, RpcError, mcp_test},
    types::logging::LoggingLevel,
};
use mcp_http::{HttpServer, auth::ApiKeys, testing::Http};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::mpsc;

type Result = std::result::Result<(), RpcError>;

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Sum {
    sum: i64,
}

/// Add two numbers
#[mcp_tool]
fn add(a: i64, b: i64) -> Json<Sum> {
    Json(Sum { sum: a + b })
}

/// Find what is sold in a region
#[mcp_tool]
fn find(#[arg(header = "Region")] region: String, #[arg(header = "Most")] most: u32) -> String {
    format!("{most} in {region}")
}

/// Count to three
#[mcp_tool]
async fn count(ctx: Ctx) -> &'static str {
    for n in 1..=3 {
        ctx.progress(f64::from(n), Some(3.0));
    }
    ctx.log(LoggingLevel::Debug, "counted");
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
async fn delete(ctx: Ctx, files: u32) -> std::result::Result<String, ToolError> {
    let Confirm { ok } = ctx.elicit(format!("Delete {files} files?")).await?;
    let Confirm { ok: sure } = ctx.elicit("Sure?").await?;
    Ok(format!("{ok} {sure}"))
}

/// Never end
#[mcp_tool]
async fn forever(ended: State<mpsc::UnboundedSender<()>>) -> &'static str {
    struct Ended(State<mpsc::UnboundedSender<()>>);

    impl Drop for Ended {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }

    let _ended = Ended(ended);
    std::future::pending().await
}

/// A page
#[mcp_resource("docs://{page}")]
fn page(page: String) -> String {
    format!("page {page}")
}

fn telling(ended: mpsc::UnboundedSender<()>) -> ServerBuilder {
    Server::new("http", "1.2.3")
        .state(ended)
        .page_size(2)
        .tools(tools![add, find, count, whoami, delete, forever])
        .resources(resources![page])
}

fn server() -> ServerBuilder {
    telling(mpsc::unbounded_channel().0)
}

#[mcp_test(server(), over(http))]
async fn a_tool_is_called(client: Client) -> Result {
    let sum = client.call_tool("add", json!({ "a": 1, "b": 2 })).await?;
    assert_eq!(sum.structured::<Sum>(), Sum { sum: 3 });
    assert_eq!(client.list_tools().await?.len(), 6);
    assert_eq!(client.server_info().await?.implementation.name, "http");
    Ok(())
}

#[mcp_test(server(), over(memory, stdio, http))]
async fn what_is_mirrored_may_hold_anything(client: Client) -> Result {
    for region in ["North", "Österreich", " space ", "=?base64?x?="] {
        let found = client
            .call_tool("find", json!({ "region": region, "most": 3 }))
            .await?;
        assert_eq!(found.text(), format!("3 in {region}"));
    }
    let contents = client.read_resource("docs://%C3%A4").await?;
    assert_eq!(
        contents,
        [ResourceContents::text("docs://%C3%A4", "page ä").mime_type("text/plain")]
    );
    Ok(())
}

#[mcp_test(server(), over(http))]
async fn what_comes_on_a_stream_is_kept(client: Client) -> Result {
    client.call_tool("count", json!({})).await?;
    let progress: Vec<_> = client.progress().iter().map(|it| it.progress).collect();
    assert_eq!(progress, [1.0, 2.0, 3.0]);
    assert_eq!(client.log()[0].data, "counted");
    Ok(())
}

#[mcp_test(server(), over(http))]
async fn questions_are_answered(client: Client) -> Result {
    let client = client.answers([
        Answer::accept(json!({ "ok": false })),
        Answer::accept(json!({ "ok": true })),
    ]);
    let said = client.call_tool("delete", json!({ "files": 3 })).await?;
    assert_eq!(said.text(), "false true");
    Ok(())
}

#[mcp_test(server(), over(memory, http))]
async fn a_caller_is_known_by_name(client: Client) -> Result {
    let client = client.identity(Identity::new("alice"));
    assert_eq!(client.call_tool("whoami", json!({})).await?.text(), "alice");
    Ok(())
}

#[mcp_test(server(), over(http))]
async fn a_refusal_is_an_error_of_its_request(client: Client) {
    let error = client.call_tool("nope", json!({})).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::INVALID_PARAMS);
    let error = client.call_tool("whoami", json!({})).await.unwrap_err();
    assert!(error.message.contains("uthenticat"), "{error}");
}

#[tokio::test]
async fn a_key_is_checked() -> Result {
    for era in [Era::Legacy, Era::Modern] {
        let server = || {
            HttpServer::new(server())
                .auth(ApiKeys::new([("correct-horse-battery", "alice")]))
                .require_auth()
        };
        let nobody = Client::over(era, Http::serving(server()));
        let error = nobody.list_tools().await.unwrap_err();
        assert!(error.message.contains("Authentication required"), "{error}");
        let key = HeaderValue::from_static("Bearer correct-horse-battery");
        let alice = Http::serving(server()).header(header::AUTHORIZATION, key);
        let alice = Client::over(era, alice);
        assert_eq!(alice.call_tool("whoami", json!({})).await?.text(), "alice");
    }
    Ok(())
}

#[tokio::test]
async fn changes_are_told_in_order() -> Result {
    for era in [Era::Legacy, Era::Modern] {
        let server = server().build().expect("a server");
        let handle = server.handle();
        let client = Client::over(era, Http::new(server));
        client.listen(["docs://2"]).await?;
        assert!(handle.remove_tool("add"));
        handle.resource_updated("docs://3");
        handle.resource_updated("docs://2");
        assert_eq!(client.changed().await, Change::Tools);
        assert_eq!(
            client.changed().await,
            Change::Resource("docs://2".to_owned())
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_call_that_a_test_gives_up_is_cancelled() -> Result {
    for era in [Era::Legacy, Era::Modern] {
        let (sender, mut ended) = mpsc::unbounded_channel();
        let client = Client::over(era, Http::new(telling(sender)));
        client.server_info().await?;
        let mut call = Box::pin(client.call_tool("forever", json!({})));
        // Until the server is at work on it.
        tokio::select! {
            biased;
            _ = &mut call => unreachable!("it never ends"),
            sum = client.call_tool("add", json!({ "a": 1, "b": 2 })) => drop(sum?),
        }
        assert!(ended.try_recv().is_err());
        drop(call);
        assert_eq!(ended.recv().await, Some(()));
    }
    Ok(())
}
