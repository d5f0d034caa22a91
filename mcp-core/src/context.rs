//! What a handler can learn besides its arguments: who asks, and what the server holds for it.

use std::{
    any::{Any, TypeId, type_name},
    collections::HashMap,
    fmt,
    ops::Deref,
    sync::{Arc, LazyLock},
};

use memchr::memmem::Finder;
use serde::Deserialize;

use crate::{
    Identity,
    caller::known,
    error::{Error, Seen},
    handle::ServerHandle,
    handler::Request,
    jsonrpc::{Raw, RequestId},
    line::Line,
    server::Shared,
    types::{Implementation, capabilities::ClientCapabilities},
};

/// A handler's parameter that is not input from the model: state, identity, context.
///
/// Implement it for your own extractors; how the type is spelled never matters.
///
/// ```
/// use mcp_core::{Context, Error, FromContext};
///
/// struct CallerName(String);
///
/// impl FromContext for CallerName {
///     fn from_context(context: &Context<'_>) -> Result<Self, Error> {
///         let name = context.identity().map_or("anonymous", |identity| identity.subject());
///         Ok(Self(name.to_owned()))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be taken from the context of a call",
    note = "implement `mcp_core::FromContext` for it, or wrap it: `State<{Self}>`"
)]
pub trait FromContext: Sized {
    /// What must be there for [`from_context`](Self::from_context) to succeed; checked when the
    /// server is built.
    fn requirements(found: &mut Vec<Requirement>) {
        let _ = found;
    }

    /// Takes the value for one call.
    ///
    /// # Errors
    /// Whatever makes the call impossible; it is what the client is answered.
    fn from_context(context: &Context<'_>) -> Result<Self, Error>;
}

/// An extractor that may be absent: it makes `Option<Self>` an extractor, too.
///
/// ```
/// use mcp_core::{Context, Error, OptionalFromContext};
///
/// struct CallerName(String);
///
/// impl OptionalFromContext for CallerName {
///     fn optional_from_context(context: &Context<'_>) -> Result<Option<Self>, Error> {
///         let name = context.identity().map(|identity| identity.subject().to_owned());
///         Ok(name.map(Self))
///     }
/// }
/// ```
pub trait OptionalFromContext: Sized {
    /// Takes the value for one call, if it is there.
    ///
    /// # Errors
    /// Whatever makes the call impossible; that there is no value is none.
    fn optional_from_context(context: &Context<'_>) -> Result<Option<Self>, Error>;
}

#[diagnostic::do_not_recommend]
impl<T: OptionalFromContext> FromContext for Option<T> {
    fn from_context(context: &Context<'_>) -> Result<Self, Error> {
        T::optional_from_context(context)
    }
}

/// What a parameter cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Requirement {
    /// An authenticated caller.
    Identity,
    /// All arguments of the call, those too that no parameter names.
    Arguments,
    /// A value given to the server's `state`.
    State {
        /// Which type.
        id: TypeId,
        /// Its name, for the report.
        name: &'static str,
    },
}

/// One call, as extractors see it.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    request: Request<'a>,
    target: Target<'a>,
    server: &'a Arc<Shared>,
    arguments: Option<Raw<'a>>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        request: Request<'a>,
        target: Target<'a>,
        server: &'a Arc<Shared>,
        arguments: Option<Raw<'a>>,
    ) -> Self {
        Self {
            request,
            target,
            server,
            arguments,
        }
    }

    /// The id of the request.
    pub fn request_id(&self) -> &'a RequestId {
        self.request.id
    }

    /// Who asks, if a credential was presented.
    pub fn identity(&self) -> Option<&'a Identity> {
        self.request.identity
    }

    /// The program on the other side, as it described itself.
    pub fn peer(&self) -> &'a Arc<Peer> {
        self.request.peer
    }

    /// What the transport knows of the request, if that is a `T`: over HTTP its head, an
    /// `http::request::Parts` without credentials.
    pub fn transport<T: Any>(&self) -> Option<&'a T> {
        known(self.request.transport)
    }

    /// The `arguments` of the call as they came.
    pub fn arguments(&self) -> Option<Raw<'a>> {
        self.arguments
    }

    /// The line to the client, made now if nobody needed it before.
    pub(crate) fn line(&self) -> Arc<Line> {
        let token = || progress_token(self.request.params?);
        self.request.line.connect().with_token(token)
    }

    /// The line to the client, if anybody needed it.
    pub(crate) fn made_line(&self) -> Option<Arc<Line>> {
        self.request.line.get().cloned()
    }

    /// Whether its function has run for this request before, and runs again with answers to what it
    /// asked.
    pub(crate) fn runs_again(&self) -> bool {
        self.request.line.get().is_some_and(|line| line.run() > 0)
    }

    /// Whether it runs with answers to what it asked, in this request or an earlier one.
    pub(crate) fn goes_on(&self) -> bool {
        self.request.line.get().is_some_and(|line| line.goes_on())
    }

    /// What was given to the server's `state` as a `T`.
    pub fn state<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.server.state.get()
    }

    /// What changes the server while it serves.
    pub fn server(&self) -> ServerHandle {
        ServerHandle::new(Arc::clone(self.server))
    }

    /// The refusal that asks the client to authenticate.
    pub fn authentication_required(&self) -> Error {
        Error::AuthenticationRequired {
            target: self.target.to_string(),
        }
    }

    /// The refusal that asks the client to be allowed more.
    pub(crate) fn insufficient_scope(&self, scopes: &[String]) -> Error {
        Error::InsufficientScope {
            target: self.target.to_string(),
            scopes: scopes.to_vec(),
        }
    }
}

/// By which token a client wants to be told progress.
fn progress_token(params: Raw<'_>) -> Option<RequestId> {
    static KEY: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("progressToken"));
    #[derive(Deserialize)]
    struct Params {
        #[serde(rename = "_meta")]
        meta: Meta,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Meta {
        progress_token: RequestId,
    }

    // A glance first: most clients want none. The rest is measured: serde takes fewer instructions
    // than cutting members out.
    let text = params.get();
    KEY.find(text.as_bytes())?;
    // A token that is neither string nor integer is as good as none.
    let params = serde_json::from_str::<Params>(text).ok()?;
    Some(params.meta.progress_token)
}

/// What a call is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target<'a> {
    Tool(&'a str),
    Resource(&'a str),
    Prompt(&'a str),
}

impl fmt::Display for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tool(name) => write!(f, "tool: {}", Seen(name)),
            Self::Resource(uri) => write!(f, "resource: {}", Seen(uri)),
            Self::Prompt(name) => write!(f, "prompt: {}", Seen(name)),
        }
    }
}

/// The program on the other side, as it described itself. Nothing of it is verified.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Peer {
    /// Name and version.
    pub info: Implementation,
    /// What it can be asked.
    pub capabilities: ClientCapabilities,
}

impl Peer {
    /// A program by name, version and capabilities.
    pub fn new(info: Implementation, capabilities: ClientCapabilities) -> Self {
        Self { info, capabilities }
    }
}

/// The program on the other side, as a parameter: name, version and capabilities, as it told them.
///
/// ```
/// use mcp_core::{ClientInfo, prelude::*};
///
/// /// Say hello
/// #[mcp_tool]
/// fn hello(client: ClientInfo) -> String {
///     format!("Hello, {} {}!", client.info.name, client.info.version)
/// }
/// # let _ = tools![hello];
/// ```
#[derive(Clone, Debug)]
pub struct ClientInfo(pub Arc<Peer>);

impl Deref for ClientInfo {
    type Target = Peer;

    fn deref(&self) -> &Peer {
        &self.0
    }
}

impl FromContext for ClientInfo {
    fn from_context(context: &Context<'_>) -> Result<Self, Error> {
        Ok(Self(Arc::clone(context.peer())))
    }
}

/// A value the server holds for its handlers, given to it by `state`.
///
/// ```
/// use mcp_core::prelude::*;
///
/// struct Config { greeting: String }
///
/// /// Say hello
/// #[mcp_tool]
/// fn hello(config: State<Config>) -> String {
///     config.greeting.clone()
/// }
///
/// Server::new("demo", "1.0.0")
///     .state(Config { greeting: "Hello!".to_owned() })
///     .tools(tools![hello])
///     .build()?;
/// # Ok::<(), mcp_core::BuildError>(())
/// ```
#[derive(Debug)]
pub struct State<T>(pub Arc<T>);

impl<T> Clone for State<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for State<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Send + Sync + 'static> FromContext for State<T> {
    fn requirements(found: &mut Vec<Requirement>) {
        found.push(Requirement::State {
            id: TypeId::of::<T>(),
            name: type_name::<T>(),
        });
    }

    fn from_context(context: &Context<'_>) -> Result<Self, Error> {
        let state = context.state().ok_or_else(|| {
            Error::internal(format_args!(
                "no `{}` was given to `Server::state`",
                type_name::<T>()
            ))
        })?;
        Ok(Self(state))
    }
}

/// Values by type.
#[derive(Clone, Default)]
pub(crate) struct StateMap(HashMap<TypeId, Arc<dyn Any + Send + Sync>>);

impl StateMap {
    /// Keeps a value; false if there was one of its type already.
    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: T) -> bool {
        self.0.insert(TypeId::of::<T>(), Arc::new(value)).is_none()
    }

    pub(crate) fn has(&self, id: TypeId) -> bool {
        self.0.contains_key(&id)
    }

    fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        Arc::clone(self.0.get(&TypeId::of::<T>())?).downcast().ok()
    }
}

impl fmt::Debug for StateMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StateMap({} values)", self.0.len())
    }
}
