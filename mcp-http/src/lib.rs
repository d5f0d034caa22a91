//! Streamable HTTP for Model Context Protocol servers: bytes in, bytes out.
//!
//! ```no_run
//! use mcp_core::prelude::*;
//!
//! /// Say hello
//! #[mcp_tool]
//! async fn hello(
//!     /// Who to greet
//!     name: String,
//! ) -> String {
//!     format!("Hello, {name}!")
//! }
//!
//! #[tokio::main]
//! async fn main() -> mcp_http::Result {
//!     let server = Server::new("hello", "1.0.0").tools(tools![hello]);
//!     mcp_http::serve(server, "127.0.0.1:8000").await
//! }
//! ```
//!
//! # Specification
//! [2025-11-25, Streamable HTTP](https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http),
//! [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http)

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod auth;
mod body;
mod config;
mod connection;
mod cors;
mod error;
mod events;
mod extract;
mod guard;
mod head;
mod header;
mod in_time;
mod legacy;
mod limit;
mod modern;
mod proxy;
mod refusal;
mod serve;
mod service;
mod shutdown;
mod sse;
mod stall;
#[cfg(feature = "testing")]
pub mod testing;
mod wait;

pub use self::{
    body::Body,
    config::HttpServer,
    error::{Error, Result},
    extract::{Extension, Headers},
    serve::{Bound, serve},
    service::McpService,
};

/// The README's programs are compiled with the documentation.
#[cfg(all(doctest, feature = "testing"))]
#[doc = include_str!("../../README.md")]
struct Readme;

/// The guide's programs that need HTTP are compiled with the documentation.
#[cfg(doctest)]
#[doc = include_str!("../../docs/src/state.md")]
#[doc = include_str!("../../docs/src/limits.md")]
#[cfg_attr(feature = "jwt", doc = include_str!("../../docs/src/auth.md"))]
#[doc = include_str!("../../docs/src/deploy.md")]
struct Guide;
