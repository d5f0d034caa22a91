//! The client of a test.

mod exchange;
mod hearing;
mod requests;

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::{
    Answer, Inbox, Memory, RpcError, Transport,
    script::{Script, one_by_one},
};
use crate::{
    Identity, IntoHandler,
    era::Era,
    handler::ServerInfo,
    types::{elicitation::ElicitRequest, sampling::CreateMessage},
};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client of one server, for tests; it speaks JSON as every client does.
///
/// What it can be asked follows from what it is given to answer with. It connects with its first
/// request, so that is decided before. It needs a tokio runtime, as `#[tokio::test]` and
/// [`mcp_test`](super::mcp_test) have one.
///
/// ```
/// use mcp_core::{prelude::*, testing::Client};
/// use serde_json::json;
///
/// /// Add two numbers
/// #[mcp_tool]
/// fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// # mcp_core::testing::block_on(async {
/// let server = Server::new("calculator", "1.0.0").tools(tools![add]);
/// let client = Client::modern(server);
/// let sum = client.call_tool("add", json!({ "a": 1, "b": 2 })).await?;
/// assert_eq!(sum.text(), "3");
/// # Ok::<(), mcp_core::testing::RpcError>(())
/// # }).unwrap();
/// ```
///
/// # Panics
/// A server that cannot be built, that breaks the protocol, that asks what the test has no answer
/// to, or that does not answer within 30 s, fails the test.
pub struct Client {
    era: Era,
    identity: Option<Identity>,
    inbox: Inbox,
    transport: Mutex<Option<Box<dyn Transport>>>,
    greeting: OnceCell<Result<ServerInfo, RpcError>>,
    changes_told: Mutex<usize>,
}

impl Client {
    /// A client of the legacy era, in memory: it begins a session.
    #[track_caller]
    pub fn legacy(server: impl IntoHandler) -> Self {
        Self::over(Era::Legacy, Memory::new(server))
    }

    /// A client of the modern era, in memory: each of its requests stands by itself.
    #[track_caller]
    pub fn modern(server: impl IntoHandler) -> Self {
        Self::over(Era::Modern, Memory::new(server))
    }

    /// A client of this era over any transport.
    pub fn over(era: Era, transport: impl Transport) -> Self {
        Self {
            era,
            identity: None,
            inbox: Inbox::new(Script::default()),
            transport: Mutex::new(Some(Box::new(transport))),
            greeting: OnceCell::new(),
            changes_told: Mutex::default(),
        }
    }

    /// The same client, of a caller who is known.
    #[must_use]
    #[track_caller]
    pub fn identity(mut self, identity: Identity) -> Self {
        self.must_not_have_begun();
        self.identity = Some(identity);
        self
    }

    /// The same client, whose person fills in forms and visits pages so.
    ///
    /// ```
    /// use mcp_core::{prelude::*, testing::{Answer, Client}, types::elicitation::ElicitRequest};
    /// use serde_json::json;
    ///
    /// #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// struct Size {
    ///     /// In centimetres
    ///     height: u32,
    /// }
    ///
    /// /// Measure
    /// #[mcp_tool]
    /// async fn measure(ctx: Ctx) -> Result<String, ToolError> {
    ///     let Size { height } = ctx.elicit("How tall?").await?;
    ///     Ok(format!("{height} cm"))
    /// }
    ///
    /// # mcp_core::testing::block_on(async {
    /// let client = Client::legacy(Server::new("tailor", "1.0.0").tools(tools![measure]))
    ///     .on_elicit(|question| {
    ///         assert!(matches!(question, ElicitRequest::Form { message, .. } if message == "How tall?"));
    ///         Answer::accept(json!({ "height": 171 }))
    ///     });
    /// assert_eq!(client.call_tool("measure", json!({})).await?.text(), "171 cm");
    /// # Ok::<(), mcp_core::testing::RpcError>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    #[track_caller]
    pub fn on_elicit(self, answer: impl FnMut(ElicitRequest) -> Answer + Send + 'static) -> Self {
        self.must_not_have_begun();
        self.inbox
            .change_script(|script| script.elicit = Some(Box::new(answer)));
        self
    }

    /// The same client, whose person answers forms and pages with these, one by one; another
    /// question fails the test.
    #[must_use]
    #[track_caller]
    pub fn answers(self, answers: impl IntoIterator<Item = Answer>) -> Self {
        self.on_elicit(one_by_one(answers.into_iter().collect()))
    }

    /// The same client, whose model answers so.
    #[must_use]
    #[track_caller]
    pub fn on_create_message(
        self,
        answer: impl FnMut(CreateMessage) -> Answer + Send + 'static,
    ) -> Self {
        self.must_not_have_begun();
        self.inbox
            .change_script(|script| script.create_message = Some(Box::new(answer)));
        self
    }

    /// The same client, which works in these folders.
    #[must_use]
    #[track_caller]
    pub fn roots<S: AsRef<str>>(self, uris: impl IntoIterator<Item = S>) -> Self {
        self.must_not_have_begun();
        let roots: Vec<Value> = uris
            .into_iter()
            .map(|uri| json!({ "uri": uri.as_ref() }))
            .collect();
        self.inbox
            .change_script(|script| script.roots = Some(json!({ "roots": roots })));
        self
    }

    /// Which era it speaks.
    pub fn era(&self) -> Era {
        self.era
    }

    #[track_caller]
    fn must_not_have_begun(&self) {
        assert!(
            self.transport().is_some(),
            "this client has spoken to its server already: say before that who it is and what it \
             answers"
        );
    }

    /// The way to the server, until it is taken.
    fn transport(&self) -> MutexGuard<'_, Option<Box<dyn Transport>>> {
        let transport = self.transport.lock();
        transport.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.inbox.close();
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("era", &self.era)
            .finish_non_exhaustive()
    }
}
