//! Model Context Protocol servers, written as ordinary functions.
//!
//! ```
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
//! let server = Server::new("hello", "1.0.0").tools(tools![hello]).build()?;
//! # let _ = server;
//! # Ok::<(), mcp_core::BuildError>(())
//! ```
//!
//! The doc comment says what the function does, the types say what it takes and returns; clients are
//! told both. `mcp_core::stdio::serve` serves it as a program that clients start, `mcp_http::serve` over
//! HTTP: in every revision of the protocol, from the same functions.
//!
//! # Where to find what
//!
//! | to | begin with | chapter of the guide |
//! | --- | --- | --- |
//! | offer something to do | [`#[mcp_tool]`](macro@mcp_tool), [`Tool`] | [Tools](guide::tools) |
//! | offer something to read | [`#[mcp_resource]`](macro@mcp_resource), [`Resource`] | [Resources](guide::resources) |
//! | offer something to say | [`#[mcp_prompt]`](macro@mcp_prompt), [`Prompt`] | [Prompts](guide::prompts) |
//! | suggest values for arguments | [`#[mcp_complete]`](macro@mcp_complete), [`Completion`] | [Completion](guide::completion) |
//! | make methods of them | [`#[mcp_server]`](macro@mcp_server), [`Service`] | [Tools](guide::tools#methods) |
//! | fail | [`ToolError`], [`ResourceError`] | [Errors](guide::errors) |
//! | see or write a schema | [`schema`] | [Schemas](guide::schemas) |
//! | know the caller, share what a server holds | [`Identity`], [`State`], [`FromContext`] | [State and callers](guide::state) |
//! | ask the person or the model | [`Ctx::elicit`], [`Ask`] | [Elicitation and sampling](guide::elicitation) |
//! | report progress, log, be cancelled | [`Ctx`], [`Progress`] | [Progress, logging and cancellation](guide::progress) |
//! | limit calls | [`Limits`], [`Rate`] | [Rate limits and timeouts](guide::limits) |
//! | change what is offered while it is served | [`ServerHandle`] | [Tools](guide::tools#tools-that-are-known-only-at-run-time) |
//! | say that a resource has changed | [`ServerHandle::resource_updated`] | [Resources](guide::resources#when-it-changes) |
//! | set everything else | [`ServerBuilder`] | [Settings](guide::settings) |
//! | serve over stdio | `mcp_core::stdio` | [Over stdio](guide::stdio) |
//! | serve over HTTP | the crate `mcp-http` | [Authentication](guide::auth), [Deployment](guide::deploy) |
//! | connect a client | | [Connecting clients](guide::clients) |
//! | see what is offered, and what goes on | [`Server::report`], [`Server::check`] | [Observability](guide::observability) |
//! | test a server | `mcp_core::testing` | [Testing](guide::testing) |
//! | compare | | [Coming from rmcp](guide::rmcp), [What is not there](guide::limitations) |
//!
//! A person can write by hand whatever an attribute writes: see the example `without_macros`.
//!
//! # Features
//!
//! * `macros`, on by default: the attributes.
//! * `stdio`: `mcp_core::stdio`, messages over standard input and output, or any two streams.
//! * `forward`: `mcp_core::ForwardLayer`, which sends what handlers log with `tracing` to their client.
//! * `validate`: enforces what a schema promises and its type does not, by a JSON Schema validator.
//! * `testing`: `mcp_core::testing`, a client for tests, `#[mcp_test]` and the contract lock.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod ask;
mod cache;
mod caller;
pub mod changes;
mod context;
mod ctx;
mod digest;
mod dispatch;
pub mod era;
mod error;
mod filter;
#[cfg(feature = "forward")]
mod forward;
#[cfg(any(doc, doctest))]
pub mod guide;
mod handle;
pub mod handler;
mod hierarchy;
mod identity;
pub mod jsonrpc;
mod limit;
mod line;
mod macros;
pub mod prelude;
mod registry;
mod report;
pub mod schema;
mod seal;
mod server;
mod service;
#[cfg(feature = "stdio")]
pub mod stdio;
#[cfg(feature = "testing")]
pub mod testing;
pub mod types;
pub mod uri_template;
mod version;

#[cfg(feature = "macros")]
#[doc = include_str!("docs/mcp_complete.md")]
pub use mcp_macros::mcp_complete;
#[cfg(feature = "macros")]
#[doc = include_str!("docs/mcp_prompt.md")]
pub use mcp_macros::mcp_prompt;
#[cfg(feature = "macros")]
#[doc = include_str!("docs/mcp_resource.md")]
pub use mcp_macros::mcp_resource;
#[cfg(feature = "macros")]
#[doc = include_str!("docs/mcp_server.md")]
pub use mcp_macros::mcp_server;
#[cfg(feature = "macros")]
#[doc = include_str!("docs/mcp_tool.md")]
pub use mcp_macros::mcp_tool;
pub use schemars;
pub use serde;

#[cfg(feature = "forward")]
pub use self::forward::ForwardLayer;
#[doc(inline)]
pub use self::{
    ask::{Ask, AskError, Capability},
    cache::{Cache, CacheScope},
    caller::Caller,
    context::{ClientInfo, Context, FromContext, OptionalFromContext, Peer, Requirement, State},
    ctx::{Ctx, Progress},
    error::{Denied, Error, Missing, Reference},
    filter::Item,
    handle::ServerHandle,
    handler::{Args, Json, RawArgs, ResourceError, ToolError, ToolOutput},
    identity::Identity,
    limit::{
        Limits,
        rate::{Rate, RateError},
        rate_limiter::RateLimiter,
    },
    registry::{
        completion::{CompleteRequest, Completion},
        prompt::{Prompt, PromptBuilder},
        resource::{ReadRequest, Resource, ResourceBuilder},
        tool::{Tool, ToolBuilder},
    },
    report::Report,
    seal::{SealKey, SealKeyError},
    server::{BuildError, IntoHandler, Server, ServerBuilder},
    service::{Offer, Service},
    version::ProtocolVersion,
};
