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
//! What a function does is its doc comment, what it takes and returns are its types; clients are told
//! both. `mcp_http::serve` serves a server over HTTP, `mcp_core::stdio::serve` as a
//! program that clients start: every revision of the protocol, from the same functions.
//!
//! # Where to find what
//!
//! | to | begin with | chapter of the guide |
//! | --- | --- | --- |
//! | offer something to do | [`#[mcp_tool]`](macro@mcp_tool), [`Tool`] | `docs/src/tools.md` |
//! | offer something to read | [`#[mcp_resource]`](macro@mcp_resource), [`Resource`] | `docs/src/resources.md` |
//! | offer something to say | [`#[mcp_prompt]`](macro@mcp_prompt), [`Prompt`] | `docs/src/prompts.md` |
//! | suggest values for arguments | [`#[mcp_complete]`](macro@mcp_complete), [`Completion`] | `docs/src/completion.md` |
//! | make methods of them | [`#[mcp_server]`](macro@mcp_server), [`Service`] | `docs/src/tools.md` |
//! | know who asks, share what a server holds | [`Identity`], [`State`], [`FromContext`] | `docs/src/state.md` |
//! | limit how much callers may use, and how long a call may take | [`Limits`], [`Rate`] | `docs/src/limits.md` |
//! | fail | [`ToolError`], [`ResourceError`] | `docs/src/errors.md` |
//! | report progress, log | [`Ctx`], [`Progress`] | `docs/src/state.md` |
//! | ask the person or the model | [`Ctx::elicit`], [`Ask`] | `docs/src/questions.md` |
//! | see or make a schema | [`schema`] | `docs/src/schemas.md` |
//! | change what is offered while it is served | [`ServerHandle`] | `docs/src/tools.md` |
//! | tell that a resource has changed | [`ServerHandle::resource_updated`] | `docs/src/resources.md` |
//! | see all that is offered, and what clients think of it | [`Server::report`], [`Server::check`] | `docs/src/schemas.md` |
//! | test a server | `mcp_core::testing` | `docs/src/testing.md` |
//! | connect a client | | `docs/src/clients.md` |
//!
//! Whatever an attribute does, a person can write: `examples/src/bin/without_macros.rs`.
//!
//! # Features
//!
//! * `macros`, on unless switched off: the attributes.
//! * `stdio`: `mcp_core::stdio`, messages over standard input and output, or any two streams.
//! * `forward`: `mcp_core::ForwardLayer`, which sends what handlers log with `tracing` to their client.
//! * `validate`: enforces what a schema promises and its type does not, by a JSON Schema validator.
//! * `testing`: `mcp_core::testing`, a client for tests, `#[mcp_test]` and the contract lock.
//!
//! What does I/O is in `mcp-http`, or behind `stdio`.

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
#[cfg(doctest)]
mod guide;
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
