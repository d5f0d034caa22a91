//! Testing servers: a client without a socket, in both eras of the protocol.
//!
//! ```
//! use mcp_core::{prelude::*, testing::Client};
//! use serde_json::json;
//!
//! /// Say hello
//! #[mcp_tool]
//! fn hello(name: String) -> String {
//!     format!("Hello, {name}!")
//! }
//!
//! # mcp_core::testing::block_on(async {
//! let client = Client::modern(Server::new("hello", "1.0.0").tools(tools![hello]));
//! let said = client.call_tool("hello", json!({ "name": "World" })).await?;
//! assert_eq!(said.text(), "Hello, World!");
//! # Ok::<(), mcp_core::testing::RpcError>(())
//! # }).unwrap();
//! ```

mod client;
mod contract;
mod heard;
mod memory;
mod output;
mod result;
mod run;
mod script;
mod stdio;
mod transport;

#[cfg(feature = "macros")]
#[doc = include_str!("../docs/mcp_test.md")]
pub use mcp_macros::mcp_test;

pub use self::{
    client::Client,
    contract::assert_contract,
    heard::{LogMessage, Notification, ProgressMessage},
    memory::Memory,
    result::{CallToolResult, RpcError},
    run::block_on,
    script::Answer,
    stdio::Stdio,
    transport::{Connection, Inbox, Transport},
};
