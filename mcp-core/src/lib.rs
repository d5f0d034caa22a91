//! Model Context Protocol servers: types, registries, dispatch and both protocol eras.
//!
//! No I/O lives here: `mcp-http` puts a server onto the network.
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

#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod ask;
mod cache;
pub mod changes;
mod context;
mod ctx;
mod dispatch;
pub mod era;
mod error;
#[cfg(feature = "forward")]
mod forward;
mod handle;
pub mod handler;
mod identity;
pub mod jsonrpc;
mod line;
mod macros;
pub mod prelude;
mod registry;
pub mod schema;
mod seal;
mod server;
#[cfg(feature = "stdio")]
pub mod stdio;
#[cfg(feature = "testing")]
pub mod testing;
pub mod types;
pub mod uri_template;
mod version;

#[cfg(feature = "macros")]
#[doc = include_str!("docs/mcp_prompt.md")]
pub use mcp_macros::mcp_prompt;
#[cfg(feature = "macros")]
#[doc = include_str!("docs/mcp_resource.md")]
pub use mcp_macros::mcp_resource;
#[cfg(feature = "macros")]
#[doc = include_str!("docs/mcp_tool.md")]
pub use mcp_macros::mcp_tool;
pub use schemars;
pub use serde;

#[cfg(feature = "forward")]
pub use self::forward::ForwardLayer;
pub use self::{
    ask::{Ask, AskError, Capability},
    cache::{Cache, CacheScope},
    context::{Context, FromContext, Peer, Requirement, State},
    ctx::{Ctx, Progress},
    error::{Error, Missing, Reference},
    handle::ServerHandle,
    handler::{Args, Json, ResourceError, ToolError, ToolOutput},
    identity::Identity,
    registry::{
        completion::{CompleteRequest, Completion},
        prompt::{Prompt, PromptBuilder},
        resource::{ReadRequest, Resource, ResourceBuilder},
        tool::{Tool, ToolBuilder},
    },
    seal::{SealKey, SealKeyError},
    server::{BuildError, IntoHandler, Server, ServerBuilder},
    version::ProtocolVersion,
};

/// The guide's programs are compiled with the documentation.
#[cfg(doctest)]
#[doc = include_str!("../../docs/src/questions.md")]
#[cfg_attr(feature = "testing", doc = include_str!("../../docs/src/testing.md"))]
struct Guide;
