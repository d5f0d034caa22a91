//! A server within a router: axum's, with HTTP/1 and HTTP/2.

use std::net::SocketAddr;

use axum::{
    Router,
    extract::{ConnectInfo, Request},
    middleware::map_request,
};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use mcp_http::{HttpServer, McpService};
use serde_json::{Value, json};
use tokio::{net::TcpListener, net::TcpStream, sync::oneshot, task::JoinHandle};

use crate::{
    client::{Ask, Client},
    events::get,
    fixture::{http, keys},
    modern,
};

/// A server of axum's that has one of ours in it.
struct Axum {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
}

async fn serve(app: Router, mcp: McpService) -> Axum {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, app).with_graceful_shutdown(async move {
        let _ = stopped.await;
        mcp.close();
    });
    Axum {
        address,
        stop,
        served: tokio::spawn(served.into_future()),
    }
}

/// One with nothing else in it.
async fn axum(http: HttpServer) -> Axum {
    let mcp = http.into_service().unwrap();
    let app = Router::new().route_service("/mcp", mcp.clone());
    serve(app, mcp).await
}

impl Axum {
    async fn connect(&self) -> Client<TcpStream> {
        Client::connect(self.address).await
    }
}

#[tokio::test]
async fn a_router_serves_both_eras() {
    let axum = axum(http()).await;
    let mut client = axum.connect().await;
    let session = client.initialize().await;
    let arguments = json!({ "text": "through a router" });
    let echo = Ask::call("echo", &arguments).session(&session);
    assert_eq!(client.ask(&echo).await.said().0, "through a router");
    let echo = modern::call(1, "echo", &arguments);
    assert_eq!(client.ask(&echo).await.said().0, "through a router");
}

#[tokio::test]
async fn a_router_can_nest_a_server_of_the_root() {
    let mcp = http().path("/").into_service().unwrap();
    let app = Router::new().nest_service("/books/mcp", mcp.clone());
    let axum = serve(app, mcp).await;
    let mut client = axum.connect().await;
    let initialize = Ask::initialize("2025-11-25").at("/books/mcp");
    client.ask(&initialize).await.result();
}

#[tokio::test]
async fn a_router_that_knows_its_path_serves_the_metadata() {
    let http = http()
        .auth(keys())
        .public_url("https://mcp.example.com")
        .authorization_servers(["https://login.example.com"]);
    let mcp = http.into_service().unwrap();
    let app = Router::new()
        .route_service("/mcp", mcp.clone())
        .route_service("/.well-known/oauth-protected-resource/{*path}", mcp.clone());
    let axum = serve(app, mcp).await;
    let mut client = axum.connect().await;
    let metadata = Ask::new("GET", "/.well-known/oauth-protected-resource/mcp")
        .instead("Host", "mcp.example.com");
    let metadata = client.ask(&metadata).await;
    let metadata: Value = serde_json::from_str(&metadata.body).unwrap();
    assert_eq!(metadata["resource"], "https://mcp.example.com/mcp");
}

#[tokio::test]
async fn a_router_that_stops_gracefully_ends_though_streams_are_open() {
    let axum = axum(http()).await;
    let mut client = axum.connect().await;
    let session = client.initialize().await;
    let mut listens = axum.connect().await.stream(&get(&session)).await;
    assert!(listens.block().await.is_some());
    let listen = modern::request(1, "subscriptions/listen", &json!({ "notifications": {} }));
    let mut subscribed = axum.connect().await.stream(&listen).await;
    subscribed.message().await;
    axum.stop.send(()).unwrap();
    listens.ended().await;
    assert_eq!(subscribed.messages().await.len(), 2, "cancelled, and over");
    axum.served.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_layer_can_tell_who_is_connected() {
    let mcp = http()
        .rate_limit("1/h")
        .trusted_proxies(["127.0.0.1"])
        .into_service()
        .unwrap();
    let app = Router::new()
        .route_service("/mcp", mcp.clone())
        .layer(map_request(
            async |ConnectInfo(peer): ConnectInfo<SocketAddr>, mut request: Request| {
                request.extensions_mut().insert(peer);
                request
            },
        ));
    let axum = serve(app, mcp).await;
    let mut client = axum.connect().await;
    let from = |client: &str| Ask::initialize("2025-11-25").with("X-Forwarded-For", client);
    client.ask(&from("192.0.2.1")).await.result();
    client.ask(&from("192.0.2.2")).await.result();
    assert_eq!(client.ask(&from("192.0.2.1")).await.status, 429);
}

#[tokio::test]
async fn http_2_is_served_to_the_names_of_the_server() {
    let axum = axum(http()).await;
    let stream = TcpStream::connect(axum.address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    let text = Ask::initialize("2025-11-25").text();
    let body = text.split_once("\r\n\r\n").unwrap().1.to_owned();
    for (host, status) in [("localhost", 200), ("evil.example", 403)] {
        let request = http::Request::post(format!("http://{host}/mcp"))
            .header("Content-Type", "application/json")
            .body(Full::new(bytes::Bytes::from(body.clone())))
            .unwrap();
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(response.version(), http::Version::HTTP_2);
        assert_eq!(response.status(), status, "{host}");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(!body.is_empty());
    }
}
