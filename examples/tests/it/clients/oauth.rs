//! OAuth, with nothing of it made up: a real authorization server, and real clients that know of our
//! server no more than its URL.

use std::{io, net::SocketAddr, process::Command, sync::Mutex, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use mcp_core::prelude::*;
use mcp_http::{
    HttpServer, McpService,
    auth::{Introspection, Jwks, Jwt},
};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};
use tracing::Level;

use super::{
    driven::Client,
    report::{Report, fact},
};
use crate::process::Example;

/// Search the catalogue
#[mcp_tool(read_only, scopes("books:read"))]
fn search(who: Identity) -> String {
    format!("found for {}", who.subject())
}

/// Lend a book
#[mcp_tool(scopes("books:lend"))]
fn lend(who: Identity) -> String {
    format!("lent to {}", who.subject())
}

/// All that our servers log, of every level.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Nothing that a client keeps to itself is in the log.
fn nothing_secret_is_logged(report: &Report) {
    let log = String::from_utf8_lossy(&LOG.lock().unwrap()).into_owned();
    assert!(log.contains("refused"), "the log was heard: {log}");
    let secrets = fact(&report.0, "secrets").as_array().unwrap();
    assert!(secrets.len() >= 3, "{secrets:?}");
    for secret in secrets {
        let secret = secret.as_str().unwrap();
        assert!(!log.contains(secret), "{secret} in the log: {log}");
        // Nor what makes a token worth something. Other secrets may have a `.` anywhere.
        let signature = secret.rsplit('.').next().unwrap_or_default();
        let told = signature.len() >= 32 && log.contains(signature);
        assert!(!told, "{secret} in the log: {log}");
    }
}

/// Our server, in this process. It ends when this is dropped.
struct Library {
    url: String,
    _runtime: Runtime,
}

impl Library {
    /// Serves on a free port, by whatever these settings add.
    fn serve(path: &str, settings: impl FnOnce(HttpServer, &str) -> HttpServer) -> Self {
        // Once for all servers of this process.
        let _ = tracing_subscriber::fmt()
            .with_max_level(Level::TRACE)
            .with_ansi(false)
            .with_writer(|| Log)
            .try_init();
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let url = format!("{origin}{path}");
        let server = Server::new("library", "1.0.0").tools(tools![search, lend]);
        let server = HttpServer::new(server)
            .path(path)
            .public_url(&origin)
            .require_auth();
        let service = settings(server, &url).into_service().unwrap();
        runtime.spawn(accept(listener, service));
        Self {
            url,
            _runtime: runtime,
        }
    }
}

async fn accept(listener: TcpListener, service: McpService) {
    while let Ok((stream, _)) = listener.accept().await {
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service.clone());
        tokio::spawn(connection);
    }
}

/// One exchange over a connection of its own: what a user's HTTP client does for them.
async fn fetch(
    request: Request<Full<Bytes>>,
) -> Result<Bytes, Box<dyn std::error::Error + Send + Sync>> {
    let host = request.uri().authority().ok_or("no host")?.to_string();
    let stream = TcpStream::connect(host.parse::<SocketAddr>()?).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let (mut parts, body) = request.into_parts();
    parts.headers.insert(header::HOST, host.parse()?);
    parts.uri = parts.uri.path().parse()?;
    let response = sender
        .send_request(Request::from_parts(parts, body))
        .await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    match status {
        StatusCode::OK => Ok(body),
        _ => Err(format!("{status}").into()),
    }
}

fn get(url: &str) -> Request<Full<Bytes>> {
    Request::get(url).body(Full::default()).unwrap()
}

/// What an issuer says of itself.
fn metadata(issuer: &str) -> Value {
    let url = format!("{issuer}/.well-known/openid-configuration");
    let json = Runtime::new().unwrap().block_on(fetch(get(&url))).unwrap();
    serde_json::from_slice(&json).unwrap()
}

/// The tokens that an issuer signs for a server.
fn signed(issuer: &str, audience: &str) -> Jwt {
    let keys = metadata(issuer)["jwks_uri"].as_str().unwrap().to_owned();
    Jwt::new(issuer, audience, Jwks::fetched(move || fetch(get(&keys))))
}

/// What a client asked the issuer for, on behalf of its user.
fn asked(scopes: &[&str]) -> Value {
    json!({ "scopes": scopes, "resource": true, "pkce": "S256" })
}

/// The tokens that an issuer has to be asked about.
fn introspected(issuer: &str, audience: &str) -> Introspection {
    let endpoint = metadata(issuer)["introspection_endpoint"].clone();
    Introspection::new(issuer, audience, move |token| {
        let us = BASE64_STANDARD.encode("library:a-secret-of-tests");
        let request = Request::post(endpoint.as_str().unwrap())
            .header(header::AUTHORIZATION, format!("Basic {us}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(format!("token={token}").into());
        fetch(request.unwrap())
    })
}

fn start_issuer() -> Example {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/npm/issuer.mjs");
    Example::start(Command::new("node").arg(script))
}

/// What a client that may search at first is told when it wants to lend.
fn steps_up(client: &str) {
    let Some(npm) = Client::npm() else { return };
    let issuer = start_issuer();
    let library = Library::serve("/mcp", |server, url| {
        server
            .authorization_servers([issuer.url()])
            .scopes_supported(["books:read"])
            .auth(signed(issuer.url(), url))
    });
    let report = npm.run(
        "oauth.mjs",
        &[&library.url, client, "known-app", issuer.url()],
    );
    nothing_secret_is_logged(&report);
    // Turned away twice: without a token, and with one that is too weak.
    report.says("wire", "POST 401");
    report.says("wire", "POST 403");
    report.has(&stepped_up());
}

fn stepped_up() -> Value {
    json!({
        "search": { "said": "found for ada", "steppedUp": false },
        "lend": { "said": "lent to ada", "steppedUp": true },
        "search_again": { "said": "found for ada", "steppedUp": false },
        "asked": [asked(&["books:read"]), asked(&["books:lend", "books:read"])],
    })
}

fn registers(client: &str) {
    let Some(npm) = Client::npm() else { return };
    let issuer = start_issuer();
    let library = Library::serve("/mcp", |server, url| {
        server
            .authorization_servers([issuer.url()])
            .auth(signed(issuer.url(), url))
    });
    let report = npm.run("oauth.mjs", &[&library.url, client]);
    report.has(&json!({
        "search": { "said": "found for ada", "steppedUp": false },
        "lend": { "said": "lent to ada", "steppedUp": false },
        "asked": [asked(&["books:lend", "books:read"])],
        "registered": 1,
    }));
}

#[test]
fn the_npm_client_signs_in_for_tokens_that_the_issuer_is_asked_about() {
    let Some(npm) = Client::npm() else { return };
    let issuer = start_issuer();
    let library = Library::serve("/opaque", |server, url| {
        server
            .authorization_servers([issuer.url()])
            .scopes_supported(["books:read"])
            .auth(introspected(issuer.url(), url))
    });
    let arguments = [&library.url, "v1", "known-app", issuer.url()];
    let report = npm.run("oauth.mjs", &arguments);
    report.has(&stepped_up());
    nothing_secret_is_logged(&report);
    // A program's token is about nobody, and for another address it is not for this server.
    let report = npm.run("tokens.mjs", &[&library.url, issuer.url()]);
    for wrong in ["valid", "foreign"] {
        report.has(&json!({ wrong: { "status": 401, "message": "The credential is not valid" } }));
    }
}

#[test]
fn the_npm_client_registers_and_asks_for_all_there_is() {
    registers("v1");
}

#[test]
fn the_npm_v2_client_registers_and_asks_for_all_there_is_in_its_legacy_mode() {
    registers("legacy");
}

#[test]
fn the_npm_v2_client_registers_and_asks_for_all_there_is_in_its_modern_mode() {
    registers("modern");
}

#[test]
fn the_npm_client_signs_in_and_steps_up() {
    steps_up("v1");
}

#[test]
fn the_npm_v2_client_signs_in_and_steps_up_in_its_legacy_mode() {
    steps_up("legacy");
}

#[test]
fn the_npm_v2_client_signs_in_and_steps_up_in_its_modern_mode() {
    steps_up("modern");
}

#[test]
fn only_what_the_issuer_made_for_this_server_and_for_now_is_taken() {
    let Some(npm) = Client::npm() else { return };
    let issuer = start_issuer();
    let library = Library::serve("/mcp", |server, url| {
        server
            .authorization_servers([issuer.url()])
            .auth(signed(issuer.url(), url).leeway(Duration::ZERO))
    });
    let report = npm.run("tokens.mjs", &[&library.url, issuer.url()]);
    report.has(&json!({ "valid": { "status": 200 } }));
    for wrong in ["expired", "foreign", "forged", "altered"] {
        report.has(&json!({ wrong: { "status": 401, "message": "The credential is not valid" } }));
        report.says(wrong, r#"error="invalid_token""#);
        report.says(wrong, "/.well-known/oauth-protected-resource/mcp");
    }
}
