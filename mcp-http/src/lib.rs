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
//! [`serve`] is the short way, with every setting at its default. [`HttpServer`] has the settings; this
//! one knows its callers by keys, and shows where it listens:
//!
//! ```no_run
//! use mcp_core::prelude::*;
//! use mcp_http::{HttpServer, auth::ApiKeys};
//!
//! # #[tokio::main]
//! # async fn main() -> mcp_http::Result {
//! let server = Server::new("library", "1.0.0");
//! let bound = HttpServer::new(server)
//!     .auth(ApiKeys::from_file("/etc/library/keys")?)
//!     .require_auth()
//!     .rate_limit("60/min")
//!     .bind("127.0.0.1:8000")
//!     .await?;
//! eprintln!("listening on {}", bound.url());
//! bound.serve().await
//! # }
//! ```
//!
//! # Where to find what
//!
//! | to | begin with |
//! | --- | --- |
//! | serve | [`serve`], [`HttpServer`], [`Bound`] |
//! | serve behind a listener or a router of your own | [`HttpServer::into_service`], [`McpService`] |
//! | know callers by keys | [`auth::ApiKeys`] |
//! | take access tokens of an OAuth issuer | `auth::Jwt` (feature `jwt`), [`auth::Introspection`], [`HttpServer::authorization_servers`] |
//! | know callers in a way of your own | [`auth::Authenticator`] |
//! | let pages of other origins in | [`HttpServer::cors`] |
//! | limit requests | [`HttpServer::rate_limit`], [`HttpServer::ip_rate_limit`], [`HttpServer::trusted_proxies`] |
//! | keep sessions over a restart | [`HttpServer::seal_key`] |
//! | let clients come back for what they missed | [`HttpServer::resumable`], [`Resumption`] |
//! | see the request in a handler | [`Headers`], [`Extension`] |
//! | test over HTTP, without a socket | `testing::Http` (feature `testing`) |
//!
//! The guide is in the documentation of `mcp-core`, in its module `guide`: Authentication, Rate limits
//! and timeouts, Settings and Deployment are about this crate.
//!
//! # Features
//!
//! * `jwt`: `auth::Jwt`, for access tokens that are JSON Web Tokens. It needs a C compiler.
//! * `testing`: `testing::Http`, the transport of `mcp_core::testing::Client` over HTTP.
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
    config::{HttpServer, Resumption},
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
#[doc = include_str!("../../mcp-core/guide/state.md")]
#[doc = include_str!("../../mcp-core/guide/progress.md")]
#[doc = include_str!("../../mcp-core/guide/limits.md")]
#[cfg_attr(feature = "jwt", doc = include_str!("../../mcp-core/guide/auth.md"))]
#[doc = include_str!("../../mcp-core/guide/settings.md")]
#[doc = include_str!("../../mcp-core/guide/deploy.md")]
struct Guide;
