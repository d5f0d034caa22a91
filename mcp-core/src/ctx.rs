//! The call at hand, for a handler to keep: who asks, how far it is, what the client should know.

use std::{fmt, sync::Arc, time::Duration};

use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    Identity,
    context::{Context, FromContext, Peer},
    error::Error,
    jsonrpc::RequestId,
    line::Line,
    schema::one_line,
    types::{Implementation, capabilities::ClientCapabilities, logging::LoggingLevel},
};

/// The call at hand: which request, who asks, through which program; and the line to the client.
///
/// Cheap to clone. What is sent after the call has answered goes nowhere.
///
/// ```
/// use mcp_core::{prelude::*, types::logging::LoggingLevel};
///
/// /// Count to three
/// #[mcp_tool]
/// async fn count(ctx: Ctx) -> &'static str {
///     ctx.log(LoggingLevel::Info, "counting");
///     for n in 1..=3 {
///         ctx.progress(f64::from(n), Some(3.0));
///     }
///     "done"
/// }
/// # let _ = tools![count];
/// ```
#[derive(Clone)]
pub struct Ctx {
    request_id: RequestId,
    identity: Option<Identity>,
    peer: Arc<Peer>,
    line: Arc<Line>,
    /// Which run of the function it was made for.
    run: usize,
}

impl Ctx {
    /// The id of the request.
    pub fn request_id(&self) -> &RequestId {
        &self.request_id
    }

    /// Who asks, if a credential was presented.
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// Name and version of the client, as it told them.
    pub fn client_info(&self) -> &Implementation {
        &self.peer.info
    }

    /// What the client can be asked.
    pub fn client_capabilities(&self) -> &ClientCapabilities {
        &self.peer.capabilities
    }

    /// Tells how far the call is; silent unless the client asked to be told, and unless it is
    /// further than before.
    ///
    /// # Specification
    /// [2025-11-25, Progress](https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/progress),
    /// [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/progress)
    pub fn progress(&self, progress: f64, total: Option<f64>) {
        self.line.progress(progress, total, None);
    }

    /// The same, in words, too.
    pub fn progress_with(&self, progress: f64, total: Option<f64>, message: &str) {
        self.line.progress(progress, total, Some(message));
    }

    /// Sends a log message, if the client wants messages of this level: text, or anything that
    /// serialises.
    ///
    /// It must hold no secrets: whatever is sent here leaves the server.
    ///
    /// # Specification
    /// [2025-11-25, Logging](https://modelcontextprotocol.io/specification/2025-11-25/server/utilities/logging),
    /// [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/logging)
    pub fn log(&self, level: LoggingLevel, data: impl Serialize) {
        log(&self.line, level, None, data);
    }

    /// The same, naming which part of the server speaks.
    pub fn log_as(&self, logger: &str, level: LoggingLevel, data: impl Serialize) {
        log(&self.line, level, Some(logger), data);
    }

    /// Whether nobody waits for the result: the client has said so, or the call is over, for want of
    /// time, say. The handler's future is dropped then; this is for what runs elsewhere, such as
    /// functions that are `blocking`.
    pub fn is_cancelled(&self) -> bool {
        self.line.is_cancelled()
    }

    /// Closes the stream of this call while the call goes on, so that nobody has to hold a
    /// connection open for long: the client asks for the rest after `retry`. Does nothing where
    /// streams cannot be resumed.
    ///
    /// # Specification
    /// [2025-11-25, Sending messages](https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#sending-messages-to-the-server),
    /// [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#sending-messages)
    pub fn close_stream(&self, retry: Duration) {
        self.line.hang_up(retry);
    }

    pub(crate) fn line(&self) -> &Arc<Line> {
        &self.line
    }

    pub(crate) fn run(&self) -> usize {
        self.run
    }
}

/// Sends a log message, if the client wants messages of this level.
pub(crate) fn log(line: &Line, level: LoggingLevel, logger: Option<&str>, data: impl Serialize) {
    #[derive(Serialize)]
    struct Params<'a> {
        level: LoggingLevel,
        #[serde(skip_serializing_if = "Option::is_none")]
        logger: Option<&'a str>,
        data: &'a RawValue,
    }

    if !line.logs(level) {
        return;
    }
    let data = one_line(&data).or_else(|error| one_line(&format!("cannot be serialised: {error}")));
    if let Ok(data) = &data {
        line.notify(
            "notifications/message",
            &Params {
                level,
                logger,
                data,
            },
        );
    }
}

impl fmt::Debug for Ctx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ctx")
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

impl FromContext for Ctx {
    fn from_context(context: &Context<'_>) -> Result<Self, Error> {
        let line = context.line();
        Ok(Self {
            request_id: context.request_id().clone(),
            identity: context.identity().cloned(),
            peer: Arc::clone(context.peer()),
            run: line.run(),
            line,
        })
    }
}

/// How far a call is: [`Ctx::progress`] as a parameter of its own.
///
/// ```
/// use mcp_core::{Progress, prelude::*};
///
/// /// Count to three
/// #[mcp_tool]
/// async fn count(progress: Progress) -> &'static str {
///     for n in 1..=3 {
///         progress.report(f64::from(n), Some(3.0));
///     }
///     "done"
/// }
/// # let _ = tools![count];
/// ```
#[derive(Clone, Debug)]
pub struct Progress(Arc<Line>);

impl Progress {
    /// Tells how far the call is; silent unless the client asked to be told, and unless it is
    /// further than before.
    pub fn report(&self, progress: f64, total: Option<f64>) {
        self.0.progress(progress, total, None);
    }

    /// The same, in words, too.
    pub fn report_with(&self, progress: f64, total: Option<f64>, message: &str) {
        self.0.progress(progress, total, Some(message));
    }
}

impl FromContext for Progress {
    fn from_context(context: &Context<'_>) -> Result<Self, Error> {
        Ok(Self(context.line()))
    }
}
