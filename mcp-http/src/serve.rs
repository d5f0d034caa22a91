//! From a listener to connections, and to an end without loss.

use std::{fmt, future::Future, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use mcp_core::IntoHandler;
use tokio::{
    net::{TcpListener, TcpStream, ToSocketAddrs},
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    task::JoinSet,
};

use crate::{config::HttpServer, connection, error::Result, service::McpService};

/// How long to wait before accepting again when the system is out of something.
const OUT_OF_RESOURCES: Duration = Duration::from_millis(100);

/// Serves a server at an address until Ctrl-C or SIGTERM, with every setting at its default; a second
/// signal does not wait for calls.
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
    service: McpService,
}

impl Bound {
    pub(crate) fn new(listener: TcpListener, local: SocketAddr, service: McpService) -> Self {
        Self {
            listener,
            local,
            service,
        }
    }

    /// The address, with the port that the system chose if it was to choose.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Where MCP is, for clients on this machine. A server on all interfaces that has
    /// [names](HttpServer::allowed_hosts) answers to those only, and not to this one.
    pub fn url(&self) -> String {
        format!("http://{}{}", self.local, self.service.path())
    }

    /// Serves until Ctrl-C or SIGTERM, then lets calls finish for
    /// [`shutdown_grace`](HttpServer::shutdown_grace). A second signal cuts them off at once.
    ///
    /// # Errors
    /// None at present; what happens to one connection is that connection's.
    pub async fn serve(self) -> Result {
        let service = self.service.clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let told_twice = async {
            told_to_stop().await;
            drop(stop);
            told_to_stop().await;
        };
        let stopped = async {
            // Whether it was sent or dropped, it says the same.
            let _ = stopped.await;
        };
        tokio::select! {
            served = self.serve_until(stopped) => served,
            () = told_twice => {
                tracing::warn!("told twice to stop: calls were cut off");
                service.cut_off();
                Ok(())
            }
        }
    }

    /// Serves until `stop` is ready, then lets calls finish for
    /// [`shutdown_grace`](HttpServer::shutdown_grace).
    ///
    /// # Errors
    /// None at present; what happens to one connection is that connection's.
    pub async fn serve_until(self, stop: impl Future<Output = ()>) -> Result {
        let Self {
            listener,
            local,
            service,
        } = self;
        tracing::info!(address = %local, path = service.path(), "serving");
        let places = service.places();
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
            let connection = service.connection_from(peer);
            let awaited = connection.shutdown().awaited();
            let served = connection::serve(connection, awaited, stream);
            // What is left of those that have ended.
            while tasks.try_join_next().is_some() {}
            tasks.spawn(async move {
                served.await;
                drop(place);
            });
        }
        drop(listener);
        service.shutdown().await;
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
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
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
