//! From a listener to connections, and to an end without loss.

use std::{
    convert::Infallible, fmt, future::Future, io, net::SocketAddr, pin::pin, sync::Arc,
    time::Duration,
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::{rt::TokioIo, server::graceful::GracefulShutdown};
use mcp_core::IntoHandler;
use tokio::{
    net::{TcpListener, TcpStream, ToSocketAddrs},
    sync::Semaphore,
    task::JoinSet,
};

use crate::{
    config::HttpServer,
    error::Result,
    service::{Connection, Shared},
    stall::Impatient,
    wait::Clock,
};

/// How large the head of a request may be, and how much is read ahead.
const MAX_HEAD: usize = 64 * 1024;
/// How long to wait before accepting again when the system is out of something.
const OUT_OF_RESOURCES: Duration = Duration::from_millis(100);

/// The longest anything is waited for: what cannot be added to a clock would stop the connection.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// How connections are treated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manners {
    pub(crate) header_timeout: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) write_timeout: Duration,
    pub(crate) max_connections: usize,
    pub(crate) grace: Duration,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            write_timeout: Duration::from_secs(30),
            max_connections: 20_000,
            grace: Duration::from_secs(10),
        }
    }
}

/// Serves a server at an address until Ctrl-C or SIGTERM, with every setting at its default.
///
/// # Errors
/// When the server cannot be built, or the address cannot be had or is not loopback; see
/// [`HttpServer`] for what else there is.
///
/// # Examples
/// ```no_run
/// # use mcp_core::prelude::*;
/// # #[tokio::main]
/// # async fn main() -> mcp_http::Result {
/// mcp_http::serve(Server::new("empty", "1.0.0"), "127.0.0.1:8000").await
/// # }
/// ```
pub async fn serve(server: impl IntoHandler, address: impl ToSocketAddrs) -> Result {
    HttpServer::new(server).serve(address).await
}

/// A server that has its address and does not serve yet: see [`HttpServer::bind`].
#[must_use = "nothing is served until `serve` is called"]
pub struct Bound {
    listener: TcpListener,
    local: SocketAddr,
    shared: Arc<Shared>,
    manners: Manners,
}

impl Bound {
    pub(crate) fn new(
        listener: TcpListener,
        local: SocketAddr,
        shared: Arc<Shared>,
        manners: Manners,
    ) -> Self {
        Self {
            listener,
            local,
            shared,
            manners,
        }
    }

    /// The address, with the port that the system chose if it was to choose.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Where MCP is, for clients on this machine.
    pub fn url(&self) -> String {
        format!("http://{}{}", self.local, self.shared.path)
    }

    /// Serves until Ctrl-C or SIGTERM, then lets calls finish.
    ///
    /// # Errors
    /// None at present; what happens to one connection is that connection's.
    pub async fn serve(self) -> Result {
        self.serve_until(told_to_stop()).await
    }

    /// Serves until `stop` is ready, then lets calls finish.
    ///
    /// # Errors
    /// None at present; what happens to one connection is that connection's.
    pub async fn serve_until(self, stop: impl Future<Output = ()>) -> Result {
        let Self {
            listener,
            local,
            shared,
            manners,
        } = self;
        tracing::info!(address = %local, path = shared.path, "serving");
        let connections = GracefulShutdown::new();
        let places = manners.max_connections.min(Semaphore::MAX_PERMITS);
        let places = Arc::new(Semaphore::new(places));
        let mut tasks = JoinSet::new();
        let mut stop = pin!(stop);
        loop {
            let accepted = tokio::select! {
                () = &mut stop => break,
                accepted = accept(&listener, &places) => accepted,
            };
            let Some((stream, peer, place)) = accepted else {
                continue;
            };
            let clock = Clock::new(manners.header_timeout.min(LONGEST_WAIT));
            let stream = Impatient::new(stream, clock.clone(), manners.write_timeout);
            let connection = Arc::new(Connection::new(Arc::clone(&shared), Some(peer.ip())));
            let service = service_fn(move |request| {
                let connection = Arc::clone(&connection);
                async move { Ok::<_, Infallible>(connection.answer(request).await) }
            });
            let served = http1::Builder::new()
                .timer(clock)
                // From the end of one request to the begin of the next; the clock knows the rest.
                .header_read_timeout(manners.idle_timeout.min(LONGEST_WAIT))
                .max_buf_size(MAX_HEAD)
                .max_header_size(MAX_HEAD)
                .serve_connection(TokioIo::new(stream), service);
            let served = connections.watch(served);
            // What is left of those that have ended.
            while tasks.try_join_next().is_some() {}
            tasks.spawn(async move {
                if let Err(error) = served.await {
                    tracing::debug!(%error, "connection");
                }
                drop(place);
            });
        }
        drop(listener);
        shared.legacy.close_streams();
        shared.modern.close_streams();
        let open = connections.count();
        if tokio::time::timeout(manners.grace, connections.shutdown())
            .await
            .is_err()
        {
            tracing::warn!(open, grace = ?manners.grace, "calls were cut off (`shutdown_grace`)");
        }
        tasks.shutdown().await;
        Ok(())
    }
}

impl fmt::Debug for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bound")
            .field("local", &self.local)
            .finish_non_exhaustive()
    }
}

/// The next connection, once there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            // A response leaves in one write; holding it back would only cost time.
            stream.set_nodelay(true).ok()?;
            Some((stream, peer, place))
        }
        Err(error) if is_about_the_peer(&error) => None,
        Err(error) => {
            tracing::warn!(%error, "accept");
            tokio::time::sleep(OUT_OF_RESOURCES).await;
            None
        }
    }
}

fn is_about_the_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

async fn told_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = interrupted.await;
}
