//! What the server says on the way is kept.

use mcp_core::{
    changes::Change,
    era::Era,
    prelude::*,
    testing::{Client, Memory, RpcError, Stdio, mcp_test},
    types::logging::LoggingLevel,
};
use serde_json::json;

use crate::server::server;

type Result = std::result::Result<(), RpcError>;

#[mcp_test(server())]
async fn progress_is_kept_in_order(client: Client) -> Result {
    client.call_tool("count", json!({})).await?;
    let progress: Vec<_> = client.progress().iter().map(|it| it.progress).collect();
    assert_eq!(progress, [1.0, 2.0, 3.0]);
    Ok(())
}

#[mcp_test(server())]
async fn log_messages_of_every_level_are_kept(client: Client) -> Result {
    client.call_tool("count", json!({})).await?;
    let log = client.log();
    assert_eq!(log.len(), 1, "{log:?}");
    assert_eq!(log[0].level, LoggingLevel::Debug);
    assert_eq!(log[0].logger.as_deref(), Some("counter"));
    assert_eq!(log[0].data, "counted");
    Ok(())
}

#[tokio::test]
async fn changes_are_told_in_order() -> Result {
    for era in [Era::Legacy, Era::Modern] {
        let server = server().build().expect("a server");
        let handle = server.handle();
        for client in [
            Client::over(era, Memory::new(server.clone())),
            Client::over(era, Stdio::new(server.clone())),
        ] {
            client.listen(["docs://1", "docs://2"]).await?;
            assert!(handle.remove_tool("add"));
            handle.resource_updated("docs://3");
            handle.resource_updated("docs://2");
            assert_eq!(client.changed().await, Change::Tools);
            assert_eq!(
                client.changed().await,
                Change::Resource("docs://2".to_owned())
            );
            handle
                .add_tools(tools![crate::server::add])
                .expect("a tool");
            assert_eq!(client.changed().await, Change::Tools);
        }
    }
    Ok(())
}
