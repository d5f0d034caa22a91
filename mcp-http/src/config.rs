use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};

use http::Uri;
pub use mcp_core::era::legacy::Resumption;
use mcp_core::{
    BuildError, Caller, IntoHandler, Peer, Rate, SealKey,
    era::{
        legacy::{Legacy, SessionOptions},
        modern::{Modern, ModernOptions},
    },
    handler::Handler,
};
use tokio::{
    net::{TcpListener, ToSocketAddrs},
    sync::Semaphore,
};

use crate::{
    auth::{Anonymous, Authenticator, ProtectedResource, Published},
    body::BodyLimits,
    connection::Manners,
    error::{Error, Result},
    guard::{Allowed, is_loopback, parse_authority, parse_origin, parse_web_origin},
    legacy::Patience,
    limit::{RateLimits, RateSettings},
    serve::Bound,
    service::{McpService, Shared},
    shutdown::Shutdown,
};

/// A server over HTTP, with every setting there is; [`serve`](crate::serve) is the short way.
///
/// ```no_run
/// use mcp_core::prelude::*;
/// use mcp_http::{HttpServer, auth::ApiKeys};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Server::new("books", "1.0.0");
/// HttpServer::new(server)
///     .auth(ApiKeys::from_env("BOOKS_KEYS")?)
///     .public_url("https://mcp.example.com")
///     .cors(["https://app.example.com"])
///     .serve("127.0.0.1:8000")
///     .await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is served until `serve` or `bind` is called"]
pub struct HttpServer {
    handler: std::result::Result<Arc<dyn Handler>, BuildError>,
    path: String,
    public_url: Option<String>,
    hosts: Vec<String>,
    origins: Vec<String>,
    authenticators: Vec<Box<dyn Authenticator>>,
    anonymous: Anonymous,
    published: Published,
    sessions: SessionOptions,
    modern: ModernOptions,
    limits: BodyLimits,
    rates: RateSettings,
    patience: Patience,
    manners: Manners,
}

impl HttpServer {
    /// This server, with every setting at its default.
    pub fn new(server: impl IntoHandler) -> Self {
        Self {
            handler: server.into_handler(),
            path: "/mcp".to_owned(),
            public_url: None,
            hosts: Vec::new(),
            origins: Vec::new(),
            authenticators: Vec::new(),
            anonymous: Anonymous::default(),
            published: Published::default(),
            sessions: SessionOptions::default(),
            modern: ModernOptions::default(),
            limits: BodyLimits {
                bytes: 4 * 1024 * 1024,
                time: Duration::from_secs(30),
            },
            rates: RateSettings::default(),
            patience: Patience::default(),
            manners: Manners::default(),
        }
    }

    /// Where MCP is served. Default: `/mcp`.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// How clients reach the server from outside, such as `https://mcp.example.com`: its host is a
    /// name of this server, its origin may talk to it. Default: none.
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = Some(url.into());
        self
    }

    /// More names of this server, as `host` or `host:port`. On loopback, and with
    /// [`into_service`](Self::into_service), loopback names are known. Default: none.
    pub fn allowed_hosts<S: Into<String>>(mut self, hosts: impl IntoIterator<Item = S>) -> Self {
        self.hosts.extend(hosts.into_iter().map(Into::into));
        self
    }

    /// Origins whose pages may talk to the server, as `scheme://host[:port]`: those of extensions and
    /// apps, too, such as `chrome-extension://ID` and `tauri://localhost`. On loopback, web pages of
    /// this machine may; with [`into_service`](Self::into_service) they may anywhere, since it cannot
    /// know where it is bound. Default: none.
    pub fn cors<S: Into<String>>(mut self, origins: impl IntoIterator<Item = S>) -> Self {
        self.origins.extend(origins.into_iter().map(Into::into));
        self
    }

    /// One more way to know callers, tried after those that are there. Default: none.
    pub fn auth(mut self, authenticator: impl Authenticator) -> Self {
        self.authenticators.push(Box::new(authenticator));
        self
    }

    /// Serves nobody who has not said who they are. Default: only what
    /// [requires it](mcp_core::ToolBuilder::requires_auth) does.
    pub fn require_auth(mut self) -> Self {
        self.anonymous = Anonymous::Refused;
        self
    }

    /// Who issues tokens for this server, as issuers such as `https://login.example.com`: clients
    /// learn it from the server's metadata, and every 401 and 403 tells them where that is. Which
    /// tokens are taken is for [`auth`](Self::auth) to say. Default: none; there is no metadata then.
    ///
    /// The server is known by its URL: [`public_url`](Self::public_url), and
    /// [`path`](Self::path) behind it unless it ends with that.
    ///
    /// # Specification
    /// Authorization:
    /// [2025-11-25](https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization#authorization-server-discovery),
    /// [2026-07-28](https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/authorization-server-discovery)
    pub fn authorization_servers<S: Into<String>>(
        mut self,
        issuers: impl IntoIterator<Item = S>,
    ) -> Self {
        let issuers = issuers.into_iter().map(Into::into);
        self.published.authorization_servers.extend(issuers);
        self
    }

    /// What clients are told to ask [authorization servers](Self::authorization_servers) for at
    /// first; a 403 asks for more when it is needed. Default: all that is needed for what the
    /// server shows to strangers, without what a [filter](mcp_core::ServerBuilder::filter) hides
    /// from them.
    pub fn scopes_supported<S: Into<String>>(
        mut self,
        scopes: impl IntoIterator<Item = S>,
    ) -> Self {
        let told = self.published.scopes_supported.get_or_insert_default();
        told.extend(scopes.into_iter().map(Into::into));
        self
    }

    /// One more key that seals what clients carry, older than those that are there: the first seals,
    /// all open. It seals session ids and, in the modern era, the `requestState` of a call that asks,
    /// so replicas have to share it. Default: a random one, so that both end with the process.
    pub fn seal_key(mut self, key: impl Into<SealKey>) -> Self {
        self.sessions.keys.push(key.into());
        self
    }

    /// How long a client of the modern era may take to answer questions. Default: 15 min.
    pub fn state_lifetime(mut self, time: Duration) -> Self {
        self.modern.state_lifetime = time;
        self
    }

    /// Leaves the server's name out of results of the modern era. Default: every result has it.
    pub fn hide_server_info(mut self) -> Self {
        self.modern.server_info = false;
        self
    }

    /// How long a session lives at most. Default: 24 hours.
    pub fn session_lifetime(mut self, lifetime: Duration) -> Self {
        self.sessions.lifetime = lifetime;
        self
    }

    /// How long a session lives without a request; a stream that is open is none, and ends with it.
    /// Default: unlimited, because only this needs memory: a few bytes a session.
    pub fn session_idle(mut self, idle: Duration) -> Self {
        self.sessions.idle = Some(idle);
        self
    }

    /// Repeats the session's id as `sessionId` in the result of `initialize`, for clients that look
    /// for it there. Default: only the header that the specification names.
    pub fn session_id_in_result(mut self) -> Self {
        self.sessions.id_in_result = true;
        self
    }

    /// Lets clients of the legacy era that lose a stream come back for the rest: what is sent is kept
    /// for a while, in memory. Default: not.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use mcp_core::Server;
    /// use mcp_http::{HttpServer, Resumption};
    ///
    /// let mut kept = Resumption::default();
    /// kept.age = Duration::from_secs(60);
    /// HttpServer::new(Server::new("books", "1.0.0")).resumable(kept).into_service()?;
    /// # Ok::<(), mcp_http::Error>(())
    /// ```
    pub fn resumable(mut self, kept: Resumption) -> Self {
        self.sessions.resumption = Some(kept);
        self
    }

    /// How many bytes of subscriptions and log levels all sessions together may keep. Where they are
    /// used up, more are refused until a session ends or unsubscribes. Default: 64 MiB.
    pub fn session_memory(mut self, bytes: usize) -> Self {
        self.sessions.memory = bytes;
        self
    }

    /// When a call that has not answered turns into a stream, so that no proxy gives it up.
    /// Default: 1 s.
    pub fn stream_after(mut self, time: Duration) -> Self {
        self.patience.stream_after = time;
        self
    }

    /// How often a silent stream shows that it lives. Default: 15 s.
    pub fn keep_alive(mut self, period: Duration) -> Self {
        self.patience.keep_alive = period;
        self
    }

    /// How long a client may take to answer a question. Default: 5 min.
    pub fn answer_timeout(mut self, time: Duration) -> Self {
        self.patience.answer = time;
        self
    }

    /// How often each caller may send requests: a [`Rate`], or a text such as `"60/min"`. Default: as
    /// often as they want.
    ///
    /// A known caller is counted by issuer and subject, wherever they are; an anonymous one by address,
    /// as [`ip_rate_limit`](Self::ip_rate_limit) has it. One request too many is answered with 429 and
    /// `Retry-After`. POST, GET and DELETE count, whatever comes of them, a batch once. A request that is
    /// refused with 401 does not: it belongs to no caller, and `ip_rate_limit` is what counts it.
    ///
    /// See [`Rate`] for how requests are counted. The counts are kept in memory, in 1.6 MB at most.
    ///
    /// ```
    /// use mcp_core::Server;
    /// use mcp_http::HttpServer;
    ///
    /// HttpServer::new(Server::new("books", "1.0.0"))
    ///     .rate_limit("60/min")
    ///     .ip_rate_limit("300/min")
    ///     .into_service()?;
    /// # Ok::<(), mcp_http::Error>(())
    /// ```
    pub fn rate_limit<R>(mut self, rate: R) -> Self
    where
        R: TryInto<Rate>,
        R::Error: fmt::Display,
    {
        self.rates.caller = Some(rate.try_into().map_err(|error| error.to_string()));
        self
    }

    /// How often requests may come from one address, whoever sends them: what keeps somebody from
    /// trying keys for ever. A [`Rate`], or a text such as `"300/min"`. Default: as often as they come.
    ///
    /// It is counted before credentials are looked at; a guess that is too many is 429, right or wrong.
    /// Everybody behind one address shares it, so let it be several times the
    /// [`rate_limit`](Self::rate_limit). An IPv6 address is its network of 64 bits, since whoever has
    /// one address has all of them. Behind a proxy, the proxy is that address, unless it is one of
    /// [`trusted_proxies`](Self::trusted_proxies).
    ///
    /// `OPTIONS`, `/health` and the metadata of [`authorization_servers`](Self::authorization_servers)
    /// are never counted, and never refused: browsers, probes and clients who look for a login ask for
    /// them unasked, and they give nothing away.
    pub fn ip_rate_limit<R>(mut self, rate: R) -> Self
    where
        R: TryInto<Rate>,
        R::Error: fmt::Display,
    {
        self.rates.address = Some(rate.try_into().map_err(|error| error.to_string()));
        self
    }

    /// Proxies whose `X-Forwarded-For` is believed, as addresses or networks: `10.0.0.0/8`, `::1`. The
    /// client is the last address in it that is not one of them. Default: none, so that whoever is
    /// connected is the client.
    ///
    /// Several lines of that header are one list. It is read from its end, and no further than an entry
    /// that is not an address: everything before it counts as the proxy that comes after it. From
    /// anybody else the header means nothing.
    pub fn trusted_proxies<S: Into<String>>(
        mut self,
        networks: impl IntoIterator<Item = S>,
    ) -> Self {
        let networks = networks.into_iter().map(Into::into);
        self.rates.proxies.extend(networks);
        self
    }

    /// How large a request's body may be, in bytes. Default: 4 MiB.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes;
        self
    }

    /// How long a request's body may take to arrive. Default: 30 s.
    pub fn body_timeout(mut self, time: Duration) -> Self {
        self.limits.time = time;
        self
    }

    /// How long the head of a request may take to arrive, from its first byte on; the first one of a
    /// connection, from when it is accepted on. The connection is closed then. Default: 10 s.
    pub fn header_timeout(mut self, time: Duration) -> Self {
        self.manners.header_timeout = time;
        self
    }

    /// How long a connection may be idle between two requests; it is closed then. Default: 75 s.
    pub fn idle_timeout(mut self, time: Duration) -> Self {
        self.manners.idle_timeout = time;
        self
    }

    /// How long a client may read nothing while something waits to be sent; its connection is closed
    /// then. Default: 30 s.
    pub fn write_timeout(mut self, time: Duration) -> Self {
        self.manners.write_timeout = time;
        self
    }

    /// How many connections are open at once; more wait to be accepted. Default: 20,000.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.manners.max_connections = connections;
        self
    }

    /// How long calls may go on once the server is told to stop, those included that have lost their
    /// connection; they are dropped then. Default: 10 s.
    pub fn shutdown_grace(mut self, time: Duration) -> Self {
        self.manners.grace = time;
        self
    }

    /// Serves until Ctrl-C or SIGTERM, then lets calls finish for
    /// [`shutdown_grace`](Self::shutdown_grace). A second signal cuts them off at once.
    ///
    /// # Errors
    /// When the server cannot be built, its settings are not safe, or the address cannot be had.
    pub async fn serve(self, address: impl ToSocketAddrs) -> Result {
        self.bind(address).await?.serve().await
    }

    /// Takes the address without serving yet, so that its port can be asked for.
    ///
    /// # Errors
    /// As [`serve`](Self::serve).
    pub async fn bind(self, address: impl ToSocketAddrs) -> Result<Bound> {
        self.on(TcpListener::bind(address).await.map_err(Error::bind)?)
    }

    /// The same on a listener that is there already, such as one that systemd has opened.
    ///
    /// # Errors
    /// As [`serve`](Self::serve).
    ///
    /// ```no_run
    /// # use mcp_core::Server;
    /// # use mcp_http::HttpServer;
    /// use tokio::net::TcpListener;
    ///
    /// # async fn example(listener: std::net::TcpListener) -> Result<(), Box<dyn std::error::Error>> {
    /// // One of the standard library's: tokio takes it once it does not block.
    /// listener.set_nonblocking(true)?;
    /// let listener = TcpListener::from_std(listener)?;
    /// HttpServer::new(Server::new("books", "1.0.0")).on(listener)?.serve().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on(self, listener: TcpListener) -> Result<Bound> {
        let local = listener.local_addr().map_err(Error::bind)?;
        let shared = self.into_shared(Some(local))?;
        Ok(Bound::new(
            listener,
            local,
            McpService::new(Arc::new(shared)),
        ))
    }

    /// The server as a service for a listener or a router of your own. It cannot know where it is bound:
    /// [`public_url`](Self::public_url) or [`allowed_hosts`](Self::allowed_hosts) tell it its names;
    /// without them it answers to loopback names only. Nor can it know who is connected:
    /// [`McpService::peer`] tells it.
    ///
    /// # Errors
    /// When the server cannot be built or its settings contradict each other.
    pub fn into_service(self) -> Result<McpService> {
        Ok(McpService::new(Arc::new(self.into_shared(None)?)))
    }

    fn into_shared(self, bound: Option<SocketAddr>) -> Result<Shared> {
        let handler = self.handler?;
        if !self.path.starts_with('/') {
            return Err(Error::config(format!(
                "`path` must start with `/`: {:?}",
                self.path
            )));
        }
        let uri = self.path.parse::<Uri>().ok();
        if uri.is_none_or(|uri| uri.path() != self.path) {
            return Err(Error::config(format!(
                "`path` is a path and no more: {:?}",
                self.path
            )));
        }
        if self.patience.keep_alive.is_zero() {
            return Err(Error::config(
                "`keep_alive` of 0: nothing else would ever be sent",
            ));
        }
        if self.manners.max_connections == 0 {
            return Err(Error::config(
                "`max_connections` of 0: nobody could ever connect",
            ));
        }
        // Of a service, whoever stands in front of it may tell.
        let nobody_tells = self.authenticators.is_empty() && bound.is_some();
        if self.anonymous == Anonymous::Refused && nobody_tells {
            return Err(Error::config(
                "`require_auth` without `auth`: nobody could ever call",
            ));
        }
        if !self.published.authorization_servers.is_empty() && nobody_tells {
            return Err(Error::config(
                "`authorization_servers` without `auth`: no token would ever be taken",
            ));
        }
        if nobody_tells {
            let needed = handler.scopes(Caller::new(None, &Peer::default()));
            if !needed.is_empty() {
                let scopes = needed.join(" ");
                tracing::warn!(scopes, "nobody can have these scopes: there is no `auth`");
            }
        }
        let on_loopback = bound.is_none_or(|address| address.ip().is_loopback());
        let named = !self.hosts.is_empty() || self.public_url.is_some();
        if !on_loopback && !named && self.anonymous == Anonymous::Allowed {
            return Err(Error::config(format!(
                "{} is open to the network: say under which name (`public_url` or \
                 `allowed_hosts`), or serve known callers only (`require_auth`)",
                bound.map(|address| address.to_string()).unwrap_or_default(),
            )));
        }
        let program = &handler.info().implementation;
        let protected = ProtectedResource::new(
            self.published,
            self.public_url.as_deref(),
            &self.path,
            program.title.as_deref().unwrap_or(&program.name),
        )?;
        let allowed = allowed(self.hosts, self.origins, self.public_url, on_loopback)?;
        let rates = RateLimits::new(self.rates)?;
        let health = Shared::health(&handler.info().implementation.version);
        let places = self.manners.max_connections.min(Semaphore::MAX_PERMITS);
        let mut modern = self.modern;
        modern.keys.clone_from(&self.sessions.keys);
        let no_random = |error| Error::config(format!("there is no `seal_key`: {error}"));
        let legacy = Legacy::new(Arc::clone(&handler), self.sessions).map_err(no_random)?;
        let modern = Modern::new(Arc::clone(&handler), modern).map_err(no_random)?;
        Ok(Shared {
            health,
            handler,
            legacy,
            modern,
            path: self.path,
            allowed,
            authenticators: self.authenticators,
            anonymous: self.anonymous,
            protected,
            limits: self.limits,
            rates,
            patience: self.patience,
            places: Arc::new(Semaphore::new(places)),
            manners: self.manners,
            shutdown: Arc::new(Shutdown::new()),
        })
    }
}

/// Names and origins that are let in: those that were given, and what follows from them.
fn allowed(
    mut hosts: Vec<String>,
    mut origins: Vec<String>,
    public_url: Option<String>,
    on_loopback: bool,
) -> Result<Allowed> {
    if let Some(wrong) = hosts.iter().find(|host| parse_authority(host).is_none()) {
        return Err(Error::config(format!(
            "`allowed_hosts` takes names, `host` or `host:port`: {wrong:?}"
        )));
    }
    if let Some(url) = public_url {
        let origin = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let (_, authority) = parse_web_origin(&origin).ok_or_else(|| {
            Error::config(format!(
                "`public_url` must be http(s)://host[:port][/path]: {url:?}"
            ))
        })?;
        hosts.push(authority.host().to_owned());
        origins.push(origin);
    }
    if let Some(wrong) = origins.iter().find(|origin| parse_origin(origin).is_none()) {
        return Err(Error::config(format!(
            "`cors` takes origins, `scheme://host[:port]` and no more: {wrong:?}"
        )));
    }
    for origin in &mut origins {
        origin.truncate(without_default_port(origin).len());
    }
    // A name that was given for loopback is still loopback.
    let loopback = on_loopback || hosts.iter().any(|host| is_loopback(host));
    let hosts = (loopback || !hosts.is_empty()).then_some(hosts);
    Ok(Allowed {
        hosts,
        origins,
        loopback,
    })
}

/// An origin as browsers send it: they leave out the port that its scheme implies.
fn without_default_port(origin: &str) -> &str {
    let scheme = origin.split(':').next().unwrap_or_default();
    let port = match scheme.to_ascii_lowercase().as_str() {
        "http" => ":80",
        "https" => ":443",
        _ => return origin,
    };
    origin.strip_suffix(port).unwrap_or(origin)
}

impl fmt::Debug for HttpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpServer")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
