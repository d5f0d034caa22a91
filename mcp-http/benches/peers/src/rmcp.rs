//! rmcp's server of one tool, by its public API, on the same hyper as the others.

use std::{convert::Infallible, sync::Arc};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rmcp::{
    ServerHandler,
    handler::server::{router::tool::ToolRouter, wrapper::Parameters},
    model::{ServerCapabilities, ServerConfig},
    tool, tool_handler, tool_router,
    transport::streamable_http_server::{
        StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
    },
};
use tokio::{net::TcpListener, sync::oneshot};

use super::rig::process::tell;

/// What it keeps of its clients in the legacy era.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Nothing; answers are JSON.
    Stateless,
    /// Sessions; answers are streams.
    Sessions,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Arguments {
    /// What to repeat
    text: String,
}

#[derive(Clone)]
struct Echo {
    tool_router: ToolRouter<Self>,
}

#[tool_router]
impl Echo {
    #[tool(description = "Repeats a text")]
    async fn echo(&self, Parameters(Arguments { text }): Parameters<Arguments>) -> String {
        text
    }
}

#[tool_handler(router = self.tool_router)]
impl ServerHandler for Echo {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }
}

/// Serves until it is told to stop.
pub(crate) async fn serve(mode: Mode, stop: oneshot::Receiver<()>) {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(mode == Mode::Sessions)
        .with_json_response(mode == Mode::Stateless);
    // Made once: made for each request, as its examples do, it costs more with every tool.
    let echo = Echo {
        tool_router: Echo::tool_router(),
    };
    let service = StreamableHttpService::new(
        move || Ok(echo.clone()),
        Arc::new(LocalSessionManager::default()),
        config,
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    tell(listener.local_addr().expect("an address"));
    let serve = async {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).expect("TCP");
            let service = service.clone();
            let answer = service_fn(move |request| {
                let service = service.clone();
                async move { Ok::<_, Infallible>(service.handle(request).await) }
            });
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
            tokio::spawn(connection);
        }
    };
    tokio::select! {
        _ = stop => {}
        () = serve => {}
    }
}
