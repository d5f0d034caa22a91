//! One request, stage by stage, in the order that is cheapest and safest.

use std::{
    any::Any,
    convert::Infallible,
    fmt,
    future::Future,
    net::{IpAddr, SocketAddr},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
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
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Semaphore,
};

use crate::{
    auth::{self, Anonymous, Authenticator, Presented, ProtectedResource},
    body::{Body, BodyLimits, Unread},
    connection::{self, LONGEST_WAIT, Manners},
    cors,
    guard::{self, Allowed},
    head::Head,
    header::{JSON, PROTOCOL_VERSION, Single},
    in_time::in_time,
    legacy::{self, Patience},
    limit::{RateLimits, Source},
    modern,
    refusal::{Refusal, empty},
    shutdown::Shutdown,
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
    pub(crate) manners: Manners,
    /// One for each connection that may be open.
    pub(crate) places: Arc<Semaphore>,
    pub(crate) shutdown: Arc<Shutdown>,
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

    pub(crate) fn manners(&self) -> Manners {
        self.shared.manners
    }

    pub(crate) fn shutdown(&self) -> &Arc<Shutdown> {
        &self.shared.shutdown
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
        let body = pin!(body);
        let mut body = Unread::new(body);
        let shared = &*self.shared;
        if parts.uri.path() == HEALTH && shared.path != HEALTH {
            return shared.tell_health(&parts);
        }
        let head = Head::of(&parts.headers);
        let (answered, origin) = match shared.admit(&head, &parts) {
            Ok(()) => {
                let answered = self.serve(&head, &parts, &presented, &mut body);
                (answered.await, head.origin.one())
            }
            // What the page of another site sent, it shall not read the answer to.
            Err(refusal) => (Err(refusal), None),
        };
        let mut response = match answered {
            Ok(response) => response,
            Err(refusal) => {
                body.discard(&parts.headers, shared.limits).await;
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
        body: &mut Unread<'_, B>,
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
        body: &mut Unread<'_, B>,
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
        let bytes = body.read(head, shared.limits).await?;
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
        self.allowed.check_host(head, parts)?;
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

/// A server for a listener, a TLS acceptor or a router of your own: see
/// [`HttpServer::into_service`](crate::HttpServer::into_service).
///
/// [`serve_connection`](Self::serve_connection) treats a whole connection as
/// [`HttpServer`](crate::HttpServer) would. As a [hyper](hyper::service::Service) or a
/// [tower](tower_service::Service) service it answers one request at a time; how long connections may
/// be idle, and how many there are, is then for whoever serves them to say.
///
/// A clone shares everything but what a connection remembers of its last request, so one for each
/// connection is cheapest to serve.
///
/// ```
/// use axum::Router;
/// # use mcp_core::Server;
/// # use mcp_http::HttpServer;
///
/// let mcp = HttpServer::new(Server::new("books", "1.0.0")).into_service()?;
/// let app: Router = Router::new().route_service("/mcp", mcp);
/// # Ok::<(), mcp_http::Error>(())
/// ```
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
    #[must_use]
    pub fn peer(&self, address: SocketAddr) -> Self {
        Self(self.connection_from(address))
    }

    /// Serves HTTP/1 over a stream, until either side ends it: with the times, the
    /// [number of connections](crate::HttpServer::max_connections) and the end that
    /// [`HttpServer`](crate::HttpServer) has. One too many waits for a place, for
    /// [`header_timeout`](crate::HttpServer::header_timeout) at most. Whatever goes wrong on the way is in
    /// the log, at level debug.
    ///
    /// It is for TLS, Unix sockets, and whatever else bytes go both ways over.
    ///
    /// ```no_run
    /// # use mcp_core::Server;
    /// # use mcp_http::HttpServer;
    /// use tokio::net::UnixListener;
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = HttpServer::new(Server::new("books", "1.0.0")).into_service()?;
    /// let listener = UnixListener::bind("/run/books.sock")?;
    /// loop {
    ///     let (stream, _) = listener.accept().await?;
    ///     tokio::spawn(service.clone().serve_connection(stream));
    /// }
    /// # }
    /// ```
    pub async fn serve_connection<S>(self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let shared = Arc::clone(&self.0.shared);
        let mut awaited = shared.shutdown.awaited();
        // What it has to ask has begun, and a socket is held for it: there is time for a head, and no more.
        let patience = shared.manners.header_timeout.min(LONGEST_WAIT);
        let _place = tokio::select! {
            place = in_time(patience, shared.places.acquire()) => match place {
                Some(Ok(place)) => place,
                Some(Err(_)) | None => return,
            },
            () = awaited.closing() => return,
        };
        connection::serve(self.0, awaited, stream).await;
    }

    /// Begins the end, and does not wait for it: streams that belong to no call are told farewell and
    /// closed, and connections of [`serve_connection`](Self::serve_connection) take no more requests.
    /// Calls go on.
    ///
    /// Whoever serves the connections can then wait for them, which would take for ever while a stream
    /// is open.
    ///
    /// ```no_run
    /// # use mcp_core::Server;
    /// # use mcp_http::HttpServer;
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let mcp = HttpServer::new(Server::new("books", "1.0.0")).into_service()?;
    /// let app = axum::Router::new().route_service("/mcp", mcp.clone());
    /// let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
    /// let stopped = mcp.clone();
    /// axum::serve(listener, app)
    ///     .with_graceful_shutdown(async move {
    ///         let _ = tokio::signal::ctrl_c().await;
    ///         stopped.close();
    ///     })
    ///     .await?;
    /// // Calls that have lost their connection may finish, too.
    /// mcp.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn close(&self) {
        let shared = &self.0.shared;
        shared.shutdown.begin();
        shared.legacy.close_streams();
        shared.modern.close_streams();
    }

    /// [Closes](Self::close), and waits until all has come to its end that this service knows of:
    /// connections of [`serve_connection`](Self::serve_connection), and calls of the legacy era that go on
    /// without their connection. What outlasts [`shutdown_grace`](crate::HttpServer::shutdown_grace) is
    /// dropped. Connections of a router are not among them: whoever serves those waits for their calls.
    pub async fn shutdown(&self) {
        self.close();
        let shared = &self.0.shared;
        shared.shutdown.finish(shared.manners.grace).await;
    }

    /// Drops what runs, now.
    pub(crate) fn cut_off(&self) {
        self.0.shared.shutdown.cut_off();
    }

    pub(crate) fn connection_from(&self, address: SocketAddr) -> Arc<Connection> {
        let shared = Arc::clone(&self.0.shared);
        Arc::new(Connection::new(shared, Some(address.ip())))
    }

    pub(crate) fn places(&self) -> Arc<Semaphore> {
        Arc::clone(&self.0.shared.places)
    }

    pub(crate) fn path(&self) -> &str {
        &self.0.shared.path
    }

    /// Where MCP is, and what it is served from: a client in this process need not ask.
    #[cfg(feature = "testing")]
    pub(crate) fn served(&self) -> (&str, &dyn Handler) {
        (&self.0.shared.path, self.0.handler())
    }
}

impl Clone for McpService {
    fn clone(&self) -> Self {
        let Connection { shared, peer, .. } = &*self.0;
        Self(Arc::new(Connection::new(Arc::clone(shared), *peer)))
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

impl<B> tower_service::Service<Request<B>> for McpService
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: fmt::Display,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = <Self as Service<Request<B>>>::Future;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        Service::call(self, request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HttpServer;

    #[test]
    fn clones_remember_nothing_of_each_other() {
        let server = HttpServer::new(mcp_core::Server::new("it", "1"));
        let one = server.into_service().unwrap();
        let two = one.clone();
        assert!(Arc::ptr_eq(&one.0.shared, &two.0.shared));
        assert!(!Arc::ptr_eq(&one.0, &two.0));
    }
}
