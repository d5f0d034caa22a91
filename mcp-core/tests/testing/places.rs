//! Where a test can stand, and what it may return.

use std::{env, process::Command};

use mcp_core::{
    ServerBuilder,
    prelude::*,
    testing::{Client, RpcError, mcp_test},
};

/// Somebody's alias.
type Result<T = ()> = std::result::Result<T, RpcError>;

fn server() -> ServerBuilder {
    Server::new("places", "1").offers_tools()
}

async fn made_slowly() -> ServerBuilder {
    tokio::task::yield_now().await;
    server()
}

#[mcp_test(server())]
async fn it_returns_nothing(client: Client) {
    assert!(client.list_tools().await.unwrap().is_empty());
}

#[mcp_test(server())]
async fn it_returns_a_result(client: Client) -> Result {
    client.list_tools().await.map(drop)
}

#[mcp_test(made_slowly().await, over(memory), crate = "mcp_core")]
async fn it_waits_for_its_server(client: Client) -> Result {
    client.list_tools().await.map(drop)
}

#[mcp_test(Server::new("inline", "1"))]
#[should_panic(expected = "as it should")]
async fn it_panics(client: Client) {
    assert_eq!(
        client.server_info().await.unwrap().implementation.name,
        "inline"
    );
    panic!("as it should")
}

#[cfg(not(test))]
#[mcp_test(nowhere())]
async fn it_is_not_there(client: nothing) {}

mod within {
    use mcp_core::testing::{Client, mcp_test};

    use super::server;

    #[mcp_test(server())]
    async fn it_stands_in_a_module(_client: Client) {}
}

#[test]
fn each_test_has_the_name_of_its_era_and_transport() {
    let listed = Command::new(env::current_exe().expect("this program"))
        .args(["--list", "it_stands_in_a_module"])
        .output()
        .expect("it runs");
    let listed = String::from_utf8(listed.stdout).expect("text");
    for test in [
        "legacy_in_memory",
        "modern_in_memory",
        "legacy_over_stdio",
        "modern_over_stdio",
    ] {
        let name = format!("places::within::it_stands_in_a_module::{test}: test");
        assert!(listed.lines().any(|line| line == name), "{listed}");
    }
}
