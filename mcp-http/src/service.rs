//! One request, stage by stage, in the order that is cheapest and safest.

use std::{
    any::Any,
    convert::Infallible,
    fmt,
    future::Future,
    net::{IpAddr, SocketAddr},
    pin::{Pin, pin},
    sync::Arc,
};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header, request::Parts};
use hyper::service::Service;
use mcp_core::{
    Identity,
    era::{
        Era, Origin, fork,
        legacy::Legacy,
        modern::{Memo, Modern},
    },
    handler::Handler,
    jsonrpc::{Incoming, Malformed},
};
use serde_json::json;

use crate::{
    auth::{self, Anonymous, Authenticator, Presented, ProtectedResource},
    body::{self, Body, BodyLimits},
    cors,
    guard::{self, Allowed},
    head::Head,
    header::{JSON, PROTOCOL_VERSION, Single},
    legacy::{self, Patience},
    limit::{RateLimits, Source},
    modern,
    refusal::{Refusal, empty},
};

/// What the modern era serves.
const POST_ONLY: HeaderValue = HeaderValue::from_static("POST, OPTIONS");
/// Where `GET` tells that the server is up.
const HEALTH: &str = "/health";

/// What all connections share: the handler under its era's rules, and the settings.
pub(crate) struct Shared {
    pub(crate) handler: Arc<dyn Handler>,
    pub(crate) legacy: Legacy,
    pub(crate) modern: Modern,
    pub(crate) path: String,
    pub(crate) health: Bytes,
    pub(crate) allowed: Allowed,
    pub(crate) authenticators: Vec<Box<dyn Authenticator>>,
    pub(crate) anonymous: Anonymous,
    pub(crate) protected: Option<ProtectedResource>,
    pub(crate) limits: BodyLimits,
    pub(crate) rates: RateLimits,
    pub(crate) patience: Patience,
}

impl Shared {
    /// The body of `/health`, which never changes.
    pub(crate) fn health(version: &str) -> Bytes {
        json!({ "status": "healthy", "protocol": "MCP", "version": version })
            .to_string()
            .into()
    }
}

/// One connection, or one stream of requests that is served like one.
pub(crate) struct Connection {
    shared: Arc<Shared>,
    /// Who is connected; nobody knows where there is no address, as over a Unix socket.
    peer: Option<IpAddr>,
    memo: legacy::Memo,
    said: Memo,
}

impl Connection {
    pub(crate) fn new(shared: Arc<Shared>, peer: Option<IpAddr>) -> Self {
        Self {
            shared,
            peer,
            memo: legacy::Memo::default(),
            said: Memo::default(),
        }
    }

    pub(crate) fn legacy(&self) -> &Legacy {
        &self.shared.legacy
    }

    pub(crate) fn modern(&self) -> &Modern {
        &self.shared.modern
    }

    pub(crate) fn handler(&self) -> &dyn Handler {
        &*self.shared.handler
    }

    pub(crate) fn patience(&self) -> Patience {
        self.shared.patience
    }

    pub(crate) fn memo(&self) -> &legacy::Memo {
        &self.memo
    }

    pub(crate) fn said(&self) -> &Memo {
        &self.said
    }

    /// Answers one request, whatever it is.
    pub(crate) async fn answer<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: fmt::Display,
    {
        let (mut parts, body) = request.into_parts();
        let presented = Presented::take(&mut parts.headers);
        let parts = Arc::new(parts);
        let mut body = pin!(body);
        let shared = &*self.shared;
        if parts.uri.path() == HEALTH && shared.path != HEALTH {
            return shared.tell_health(&parts);
        }
        let head = Head::of(&parts.headers);
        let (answered, origin) = match shared.admit(&head, &parts) {
            Ok(()) => {
                let answered = self.serve(&head, &parts, &presented, body.as_mut());
                (answered.await, head.origin.one())
            }
            // What the page of another site sent, it shall not read the answer to.
            Err(refusal) => (Err(refusal), None),
        };
        let mut response = match answered {
            Ok(response) => response,
            Err(refusal) => {
                body::discard(&parts.headers, body, shared.limits).await;
                shared.refuse(refusal)
            }
        };
        cors::expose(origin, &mut response);
        response
    }

    async fn serve<B>(
        &self,
        head: &Head<'_>,
        parts: &Arc<Parts>,
        presented: &Presented,
        body: Pin<&mut B>,
    ) -> Result<Response<Body>, Refusal>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: fmt::Display,
    {
        let shared = &*self.shared;
        if parts.method == Method::OPTIONS {
            return Ok(cors::preflight(&parts.headers));
        }
        if let Some(protected) = &shared.protected
            && protected.is_described_at(parts.uri.path())
        {
            return Ok(protected.describe(&parts.method, &*shared.handler));
        }
        if parts.uri.path() != shared.path {
            let reason = format!(
                "Nothing is here; MCP is at `{}` (setting: `path`)",
                shared.path
            );
            return Err(Refusal::new(StatusCode::NOT_FOUND, reason));
        }
        let source = Source {
            peer: self.peer_of(parts),
            headers: &parts.headers,
        };
        // Before credentials are looked at: this is what guessing them costs.
        shared.rates.count_address(source)?;
        let identity = match parts.extensions.get::<Identity>() {
            Some(told) => Some(told.clone()),
            None => auth::identify(&shared.authenticators, shared.anonymous, presented).await?,
        };
        shared.rates.count_caller(identity.as_ref(), source)?;
        let answered = self.serve_to(identity.as_ref(), head, parts, body).await;
        answered.map_err(|mut refusal| {
            if shared.protected.is_some()
                && let (Some(challenge), Some(caller)) = (refusal.challenge(), &identity)
            {
                challenge.by(caller, &*shared.handler);
            }
            refusal
        })
    }

    /// Who has sent a request: a layer in front may know it of each.
    fn peer_of(&self, parts: &Parts) -> Option<IpAddr> {
        let told = parts.extensions.get::<SocketAddr>();
        told.map(SocketAddr::ip).or(self.peer)
    }

    /// Answers somebody who may be known.
    async fn serve_to<B>(
        &self,
        identity: Option<&Identity>,
        head: &Head<'_>,
        parts: &Arc<Parts>,
        body: Pin<&mut B>,
    ) -> Result<Response<Body>, Refusal>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: fmt::Display,
    {
        let shared = &*self.shared;
        match parts.method {
            Method::POST => {}
            Method::GET | Method::DELETE if modern::is_named(head) => {
                return Err(modern::no_streams().header(header::ALLOW, POST_ONLY));
            }
            Method::GET => return legacy::get(self, head, identity),
            Method::DELETE => return legacy::delete(self, head, identity),
            _ => {
                let allow = http::HeaderValue::from_static("GET, POST, DELETE, OPTIONS");
                let reason = format!("{} is not served here", parts.method);
                let refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, reason);
                return Err(refusal.header(header::ALLOW, allow));
            }
        }
        let accepts = guard::check_post(head)?;
        let bytes = body::read(head, body, shared.limits).await?;
        let incoming = Incoming::parse(&bytes)?;
        let version = match head.protocol_version {
            Single::Absent => None,
            Single::One(value) => Some(value),
            // The era of the first says that there must be one.
            Single::Several => head.all.get(PROTOCOL_VERSION),
        };
        let version = version.map(|value| value.to_str().unwrap_or_default());
        // What extractors can take of it, for as long as the call lives.
        let shown: Arc<dyn Any + Send + Sync> = Arc::<Parts>::clone(parts);
        let origin = Origin::from(identity).over(&shown);
        match (incoming, version) {
            (Incoming::One(message), version) if fork(version, message.params()) == Era::Modern => {
                modern::post(self, head, accepts, origin, message).await
            }
            (Incoming::Batch(_), version) if fork(version, None) == Era::Modern => {
                Err(Malformed::batch().into())
            }
            (incoming, _) => legacy::post(self, head, accepts, origin, &bytes, incoming).await,
        }
    }
}

impl Shared {
    /// Turns away who was not meant for this server, or was sent by somebody else's page.
    fn admit(&self, head: &Head<'_>, parts: &Parts) -> Result<(), Refusal> {
        self.allowed.check_host(head, &parts.uri)?;
        self.allowed.check_origin(head)
    }

    /// The response of a refusal, with the challenge that goes with it.
    fn refuse(&self, mut refusal: Refusal) -> Response<Body> {
        if let Some(challenge) = refusal.challenge() {
            let protected = self.protected.as_ref();
            let header = auth::challenge(protected, challenge, &*self.handler);
            let advice = challenge.advice(&self.authenticators);
            refusal = refusal.header(header::WWW_AUTHENTICATE, header);
            if let Some(advice) = advice {
                refusal = refusal.with_data(advice);
            }
        }
        refusal.into_response()
    }

    fn tell_health(&self, parts: &Parts) -> Response<Body> {
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
            let allow = http::HeaderValue::from_static("GET, HEAD");
            response.headers_mut().insert(header::ALLOW, allow);
            return response;
        }
        let mut response = Response::new(Body::full(self.health.clone()));
        response.headers_mut().insert(header::CONTENT_TYPE, JSON);
        response
    }
}

/// A server as a hyper service, to be put behind a listener, a TLS acceptor or a router of your
/// own: see [`HttpServer::into_service`](crate::HttpServer::into_service).
///
/// Whoever stands in front may know who asks: by the certificate of a client, or as a proxy tells it.
/// An [`Identity`] in the [extensions](http::Extensions) of a request decides, and whatever credential
/// the client sends is not looked at.
///
/// ```
/// use http::Request;
/// use hyper::{body::Incoming, service::Service as _};
/// use mcp_core::Identity;
/// use mcp_http::{Body, McpService};
///
/// async fn known(
///     server: &McpService,
///     mut request: Request<Incoming>,
///     certificate_of: &str,
/// ) -> http::Response<Body> {
///     let who = Identity::new(certificate_of).with_issuer("our-ca");
///     request.extensions_mut().insert(who);
///     match server.call(request).await {
///         Ok(response) => response,
///         Err(never) => match never {},
///     }
/// }
/// ```
///
/// Clones share everything. Cloning one per connection is cheapest to serve.
#[derive(Clone)]
pub struct McpService(Arc<Connection>);

impl McpService {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self(Arc::new(Connection::new(shared, None)))
    }

    /// The same for a connection from this address, by which callers are counted whom nobody knows.
    ///
    /// Where connections are not at hand, as in a router, a layer can put the same [`SocketAddr`] into
    /// the [extensions](http::Extensions) of each request. Without either, as over a Unix socket, all
    /// unknown callers are counted as one, and no `X-Forwarded-For` is believed. A proxy that connects
    /// over such a socket can be given an address here, and be trusted by it.
    ///
    /// ```no_run
    /// use hyper::server::conn::http1;
    /// use hyper_util::rt::{TokioIo, TokioTimer};
    /// # use mcp_core::Server;
    /// # use mcp_http::HttpServer;
    /// # use tokio::net::TcpListener;
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = HttpServer::new(Server::new("books", "1.0.0")).rate_limit("60/min");
    /// let service = server.into_service()?;
    /// let listener = TcpListener::bind("127.0.0.1:8000").await?;
    /// loop {
    ///     let (stream, peer) = listener.accept().await?;
    ///     let served = http1::Builder::new()
    ///         .timer(TokioTimer::new())
    ///         .serve_connection(TokioIo::new(stream), service.peer(peer));
    ///     tokio::spawn(served);
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn peer(&self, address: SocketAddr) -> Self {
        let shared = Arc::clone(&self.0.shared);
        Self(Arc::new(Connection::new(shared, Some(address.ip()))))
    }

    /// Where MCP is, and what it is served from: a client in this process need not ask.
    #[cfg(feature = "testing")]
    pub(crate) fn served(&self) -> (&str, &dyn Handler) {
        (&self.0.shared.path, self.0.handler())
    }
}

impl fmt::Debug for McpService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("McpService")
            .field(&self.0.shared.path)
            .finish()
    }
}

impl<B> Service<Request<B>> for McpService
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: fmt::Display,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn call(&self, request: Request<B>) -> Self::Future {
        let connection = Arc::clone(&self.0);
        Box::pin(async move { Ok(connection.answer(request).await) })
    }
}
