//! `Stdio`: the builder, and its checks.

use std::{fmt, sync::Arc, time::Duration};

use tokio::io::{AsyncRead, AsyncWrite};

use super::{Error, lines, process, standard};
use crate::{BuildError, Caller, Identity, IntoHandler, Peer, handler::Handler};

/// A server over standard input and output, or any two streams, with every setting there is;
/// [`serve`](super::serve) and [`serve_on`](super::serve_on) are the short ways.
///
/// ```
/// use mcp_core::{prelude::*, stdio::Stdio};
///
/// /// Take a note
/// #[mcp_tool]
/// fn note(who: Identity, text: String) -> String {
///     format!("{}: {text}", who.subject())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), mcp_core::stdio::Error> {
/// let user = std::env::var("NOTES_USER").unwrap_or_else(|_| "somebody".to_owned());
/// # let (input, output) = (tokio::io::empty(), tokio::io::sink());
/// Stdio::new(Server::new("notes", "1.0.0").tools(tools![note]))
///     .identity(Identity::new(user).with_scopes(["notes:write"]))
///     .max_calls(16)
///     .serve_on(input, output) // or `.serve()`, for standard input and output
///     .await
/// # }
/// ```
#[must_use = "nothing is served until `serve` or `serve_on` is called"]
pub struct Stdio {
    handler: Result<Arc<dyn Handler>, BuildError>,
    settings: Settings,
}

/// How one client is served.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) identity: Option<Identity>,
    pub(super) answer_timeout: Duration,
    pub(super) max_message: usize,
    pub(super) max_calls: usize,
    pub(super) shutdown_grace: Duration,
}

impl Stdio {
    /// This server, with every setting at its default.
    pub fn new(server: impl IntoHandler) -> Self {
        Self {
            handler: server.into_handler(),
            settings: Settings {
                identity: None,
                answer_timeout: Duration::from_secs(5 * 60),
                max_message: 4 * 1024 * 1024,
                max_calls: 1_000,
                shutdown_grace: Duration::from_secs(10),
            },
        }
    }

    /// Who calls. A client over stdio presents no credential: it is the environment of the process
    /// that says for whom it was started, and it is yours to believe. Default: nobody, who can use
    /// nothing that [requires authentication](crate::ToolBuilder::requires_auth) or scopes.
    ///
    /// # Specification
    /// Authorization:
    /// [2025-11-25](https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization#protocol-requirements),
    /// [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization)
    pub fn identity(mut self, identity: Identity) -> Self {
        self.settings.identity = Some(identity);
        self
    }

    /// How long a client of the legacy era may take to answer a question. Default: 5 min.
    pub fn answer_timeout(mut self, time: Duration) -> Self {
        self.settings.answer_timeout = time;
        self
    }

    /// How large a message of the client may be, in bytes; one that is larger is answered with an
    /// error. Default: 4 MiB.
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.settings.max_message = bytes;
        self
    }

    /// How many requests may run at once, subscriptions included, and those whose response the client
    /// has yet to make room for. While so many do, nothing more is read, neither cancellations nor the
    /// end of input: let what may hang have a `timeout`. If all of them wait for the client itself, to
    /// answer a question or to end a subscription, it is read on, and more requests are refused.
    /// Default: 1,000.
    pub fn max_calls(mut self, calls: usize) -> Self {
        self.settings.max_calls = calls;
        self
    }

    /// How long calls may go on once input has ended, and how long the client may take to read what
    /// they said. A function that is `blocking` cannot be cut off: tokio's runtime waits for its end,
    /// unless `main` ends the process. Default: 10 s.
    pub fn shutdown_grace(mut self, time: Duration) -> Self {
        self.settings.shutdown_grace = time;
        self
    }

    /// Serves over standard input and output until input ends; [`serve`](super::serve) says what
    /// becomes of what else is printed.
    ///
    /// # Errors
    /// When the server cannot be built, nothing could be served with a setting, input or output fail,
    /// or the client takes no messages any more; whatever runs is dropped then.
    pub async fn serve(self) -> Result<(), Error> {
        let (handler, settings) = self.check()?;
        let input = standard::input().map_err(Error::Io)?;
        let output = standard::output().map_err(Error::Io)?;
        process::serve(handler, settings, input, output).await
    }

    /// Serves over any two streams until input ends: the halves of a socket, or of a pipe in a test.
    ///
    /// # Errors
    /// As [`serve`](Self::serve).
    pub async fn serve_on<R, W>(self, input: R, output: W) -> Result<(), Error>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin + Send + 'static,
    {
        let (handler, settings) = self.check()?;
        process::serve(handler, settings, input, lines::output(output)).await
    }

    fn check(self) -> Result<(Arc<dyn Handler>, Settings), Error> {
        let Self { handler, settings } = self;
        let handler = handler.map_err(Error::Build)?;
        for (setting, problem) in [
            (
                settings.max_message,
                "`max_message` of 0: no message would fit",
            ),
            (
                settings.max_calls,
                "`max_calls` of 0: nothing could ever run",
            ),
        ] {
            if setting == 0 {
                return Err(Error::Config(problem.to_owned()));
            }
        }
        if settings.identity.is_none() {
            let needed = handler.scopes(Caller::new(None, &Peer::default()));
            if !needed.is_empty() {
                let scopes = needed.join(" ");
                tracing::warn!(
                    scopes,
                    "nobody can have these scopes: there is no `identity`"
                );
            }
        }
        Ok((handler, settings))
    }
}

impl fmt::Debug for Stdio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stdio")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
