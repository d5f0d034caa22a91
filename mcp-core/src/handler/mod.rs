//! The seam between transports and servers, and what stands behind it.
//!
//! A transport serves a [`Handler`]; [`Server`](crate::Server) is the one that registries fill,
//! and a person may write another.

mod argument;
mod arguments;
mod blocking;
mod failure;
pub(crate) mod guard;
mod known;
mod output;
mod param;
mod promised;
mod raw_args;
mod spelled;
mod text;

use std::{
    any::Any,
    borrow::Cow,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context as TaskContext, Poll},
};

use serde::Deserialize;

pub(crate) use self::argument::as_written;
#[doc(hidden)]
pub use self::blocking::blocking;
pub(crate) use self::known::known;
pub(crate) use self::output::{contents_of, messages_of, outcome_of, values_of};
pub(crate) use self::promised::{as_promised, as_shaped};
pub use self::{
    argument::{Argument, Bound},
    arguments::{Arguments, Problems, Unfit},
    failure::{Failure, IntoFailure, ResourceError, ToolError},
    output::{
        IntoCompletionOutput, IntoPromptOutput, IntoResourceOutput, IntoToolOutput, Json, Shape,
        Structured, ToolOutput,
    },
    param::{Args, Declaration, Param},
    raw_args::RawArgs,
};
use crate::{
    Identity,
    cache::Cache,
    caller::{Caller, Origin},
    changes::Changes,
    context::Peer,
    error::Error,
    jsonrpc::{Raw, RequestId, message::without_position},
    line::LazyLine,
    types::{
        Implementation,
        capabilities::ServerCapabilities,
        completion::Completion,
        prompt::{GetPromptResult, Prompt},
        resource::{Resource, ResourceContents, ResourceTemplate},
        tool::Tool,
    },
};
pub use crate::{registry::List, schema::mirror::Mirrored};

/// What a transport serves: the methods of the protocol that are the same in every era.
///
/// Handshakes, sessions, pings and envelopes are the business of the era; a handler sees requests
/// and answers them.
///
/// ```
/// use mcp_core::{
///     Error,
///     handler::{Answer, Handler, Reply, Request, ServerInfo, ToolOutput},
/// };
///
/// struct Parrot(ServerInfo);
///
/// impl Handler for Parrot {
///     fn info(&self) -> &ServerInfo {
///         &self.0
///     }
///
///     fn handle(&self, request: Request<'_>) -> Reply {
///         match request.method {
///             "tools/call" => Reply::ready(Ok(Answer::CallTool(ToolOutput::text("Squawk!")))),
///             _ => Reply::ready(Err(Error::MethodNotFound { method: request.method.to_owned() })),
///         }
///     }
/// }
/// ```
pub trait Handler: Send + Sync + 'static {
    /// Who the server is and what it offers.
    fn info(&self) -> &ServerInfo;

    /// Answers one request, of whichever method is not the era's own: those of extensions, too. What
    /// is not served is [`Error::MethodNotFound`].
    ///
    /// Whatever the answer needs of the request must be taken before this returns: the future in
    /// the reply owns what it uses. Dropping that future cancels the call.
    fn handle(&self, request: Request<'_>) -> Reply;

    /// Which arguments of a tool this caller repeats outside of the message, for whatever stands
    /// between them and the server to see. None, unless said otherwise, and none where they cannot
    /// see the tool.
    fn mirrored(&self, caller: Caller<'_>, tool: &str) -> Option<Arc<[Mirrored]>> {
        let _ = (caller, tool);
        None
    }

    /// Whether this caller may be told that the resource at this URI holds something else. They may,
    /// unless said otherwise.
    fn may_watch(&self, caller: Caller<'_>, uri: &str) -> bool {
        let _ = (caller, uri);
        true
    }

    /// What this caller may have to be allowed, to use all that they can see: each scope once, and
    /// what they are allowed by a broader scope as that one. A transport tells strangers, so that they
    /// know what to ask for. Nothing, unless said otherwise.
    fn scopes(&self, caller: Caller<'_>) -> Vec<String> {
        let _ = caller;
        Vec::new()
    }

    /// Where it tells what has changed. None, unless said otherwise: then nothing ever does.
    fn changes(&self) -> Option<&Changes> {
        None
    }
}

/// Who a server is and what it offers.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ServerInfo {
    /// Name and version.
    pub implementation: Implementation,
    /// What the model should know about the server as a whole.
    pub instructions: Option<String>,
    /// What is served.
    pub capabilities: ServerCapabilities,
}

impl ServerInfo {
    /// A server by name and version that offers nothing yet.
    pub fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            implementation: Implementation::new(name, version),
            ..Self::default()
        }
    }
}

/// One request, borrowed from the bytes it came in.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Request<'a> {
    /// Names the request in its response.
    pub id: &'a RequestId,
    /// What is to be done.
    pub method: &'a str,
    /// A JSON object, if there is anything to say.
    pub params: Option<Raw<'a>>,
    /// Who asks, if a credential was presented.
    pub identity: Option<&'a Identity>,
    /// The program on the other side.
    pub peer: &'a Arc<Peer>,
    /// What the transport knows of the request besides.
    pub transport: Option<&'a Arc<dyn Any + Send + Sync>>,
    pub(crate) line: &'a LazyLine,
    /// What `params` name, where it was read before.
    named: Option<&'a Named<'a>>,
}

/// What `tools/call` and `prompts/get` name.
#[derive(Clone, Debug)]
pub(crate) struct Named<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) arguments: Option<Raw<'a>>,
}

impl<'a> Named<'a> {
    fn read(params: Raw<'a>) -> Result<Self, Error> {
        let picked = params.pick(&["name", "arguments"]);
        let [name, arguments] = picked.map_err(Error::invalid_params)?;
        let name = name.ok_or_else(|| Error::invalid_params("missing field `name`"))?;
        let name = name.text();
        Ok(Self {
            name: name.map_err(|error| Error::invalid_params(without_position(&error)))?,
            arguments: arguments.filter(|json| !json.is_null()),
        })
    }
}

impl<'a> Request<'a> {
    /// A request by an unauthenticated caller, with nowhere to send messages on the way.
    pub fn new(id: &'a RequestId, method: &'a str, peer: &'a Arc<Peer>) -> Self {
        // Shared by all requests that have no line of their own: nothing is ever sent on it.
        static NOWHERE: LazyLine = LazyLine::nowhere();
        Self {
            id,
            method,
            params: None,
            identity: None,
            peer,
            transport: None,
            line: &NOWHERE,
            named: None,
        }
    }

    pub(crate) fn line(mut self, line: &'a LazyLine) -> Self {
        self.line = line;
        self
    }

    /// The same request, whose era has read already what it names.
    pub(crate) fn naming(mut self, named: Option<&'a Named<'a>>) -> Self {
        self.named = named;
        self
    }

    /// What it names, and the arguments for that.
    pub(crate) fn named(&self) -> Result<Named<'a>, Error> {
        match self.named {
            Some(known) => Ok(known.clone()),
            None => Named::read(self.params.unwrap_or(Raw::EMPTY)),
        }
    }

    /// The same request with parameters.
    #[must_use]
    pub fn params(mut self, params: Option<Raw<'a>>) -> Self {
        self.params = params;
        self
    }

    /// The same request by a caller who is known.
    #[must_use]
    pub fn identity(mut self, identity: Option<&'a Identity>) -> Self {
        self.identity = identity;
        self
    }

    /// The same request as the transport knows it: by whom, and whatever else.
    #[must_use]
    pub fn origin(mut self, origin: Origin<'a>) -> Self {
        self.identity = origin.identity;
        self.transport = origin.transport;
        self
    }

    /// Who calls.
    pub fn caller(&self) -> Caller<'a> {
        let origin = Origin {
            identity: self.identity,
            transport: self.transport,
        };
        Caller::new(origin, self.peer)
    }

    /// The parameters as a `T`; absent ones read as an empty object.
    ///
    /// # Errors
    /// [`Error::InvalidParams`] with what serde has to say.
    pub fn parse_params<T: Deserialize<'a>>(&self) -> Result<T, Error> {
        let json = self.params.map_or("{}", Raw::get);
        serde_json::from_str(json).map_err(|error| Error::invalid_params(without_position(&error)))
    }
}

/// How a request ended.
pub type Outcome = Result<Answer, Error>;

/// What a request was answered, before an era puts it into its envelope.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Answer {
    /// To `tools/list`.
    ListTools(Arc<List<Tool>>),
    /// To `tools/call`.
    CallTool(ToolOutput),
    /// To `resources/list`.
    ListResources(Arc<List<Resource>>),
    /// To `resources/templates/list`.
    ListResourceTemplates(Arc<List<ResourceTemplate>>),
    /// To `resources/read`.
    ReadResource(Vec<ResourceContents>),
    /// To `prompts/list`.
    ListPrompts(Arc<List<Prompt>>),
    /// To `prompts/get`.
    GetPrompt(GetPromptResult),
    /// To `completion/complete`.
    Complete(Completion),
    /// To what asks for nothing but to be done.
    Empty,
}

/// An outcome, there already or on its way.
///
/// A handler that need not wait costs no allocation and no task.
#[must_use = "nothing is answered until it is returned or polled"]
pub struct Reply {
    inner: Inner,
    cache: Cache,
}

enum Inner {
    Ready(Option<Outcome>),
    Pending(Pin<Box<dyn Future<Output = Outcome> + Send>>),
}

impl Reply {
    /// The outcome is there.
    pub fn ready(outcome: Outcome) -> Self {
        Self {
            inner: Inner::Ready(Some(outcome)),
            cache: Cache::default(),
        }
    }

    /// The outcome will be there when `future` is ready.
    pub fn pending(future: impl Future<Output = Outcome> + Send + 'static) -> Self {
        Self {
            inner: Inner::Pending(Box::pin(future)),
            cache: Cache::default(),
        }
    }

    /// The same, with how long the answer may be kept.
    pub fn with_cache(mut self, cache: Cache) -> Self {
        self.cache = cache;
        self
    }

    /// Whether the outcome is there.
    pub(crate) fn is_ready(&self) -> bool {
        matches!(self.inner, Inner::Ready(_))
    }

    /// How long the answer may be kept.
    pub fn cache(&self) -> Cache {
        self.cache
    }
}

impl From<Error> for Reply {
    fn from(error: Error) -> Self {
        Self::ready(Err(error))
    }
}

impl Future for Reply {
    type Output = Outcome;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Outcome> {
        match &mut self.inner {
            Inner::Ready(outcome) => match outcome.take() {
                Some(outcome) => Poll::Ready(outcome),
                None => Poll::Pending,
            },
            Inner::Pending(future) => future.as_mut().poll(cx),
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.inner {
            Inner::Ready(_) => "Reply::ready",
            Inner::Pending(_) => "Reply::pending",
        })
    }
}
