//! Newline-delimited messages over standard input and output, or any other pair of streams.
//!
//! Both eras in one process: `initialize` makes it the session of one client; a modern request is
//! served by itself, before or after.
//!
//! ```no_run
//! use mcp_core::prelude::*;
//!
//! /// Say hello
//! #[mcp_tool]
//! fn hello() -> &'static str {
//!     "Hello!"
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), mcp_core::stdio::Error> {
//!     mcp_core::stdio::serve(Server::new("hello", "1.0.0").tools(tools![hello])).await
//! }
//! ```
//!
//! # Specification
//! [2025-11-25, stdio](https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#stdio),
//! [2026-07-28, stdio](https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio)

mod config;
mod drive;
mod lines;
mod process;
mod running;
mod standard;

use std::{fmt, io};

use tokio::io::{AsyncRead, AsyncWrite};

pub use self::config::Stdio;
use crate::{BuildError, IntoHandler};

/// Serves over standard input and output until input ends; calls that run then have 10 s to finish.
/// [`Stdio`] is the same with settings.
///
/// Standard output is taken for messages. On Unix, whatever prints to it from here on, `println!` in
/// any library included, comes out on standard error, and programs that tools start find standard input
/// empty. Elsewhere nothing keeps others from printing between the messages, which clients cannot read
/// then; a warning in the log says so.
///
/// # Errors
/// When the server cannot be built, input or output fail, or the client takes no messages any more.
pub async fn serve(server: impl IntoHandler) -> Result<(), Error> {
    Stdio::new(server).serve().await
}

/// Serves over any two streams until input ends: the halves of a socket, or of a pipe in a test.
/// [`Stdio`] is the same with settings.
///
/// # Errors
/// As [`serve`].
pub async fn serve_on<R, W>(server: impl IntoHandler, input: R, output: W) -> Result<(), Error>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin + Send + 'static,
{
    Stdio::new(server).serve_on(input, output).await
}

/// Why serving over streams ended before its input did.
#[non_exhaustive]
pub enum Error {
    /// The server cannot be built.
    Build(BuildError),
    /// Nothing could be served with a setting: which one, and why.
    Config(String),
    /// Input or output failed.
    Io(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Build(error) => error.fmt(f),
            Self::Config(problem) => f.write_str(problem),
            Self::Io(error) => error.fmt(f),
        }
    }
}

// `fn main() -> Result<(), Error>` prints the `Debug` form: let it be the readable one.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}
