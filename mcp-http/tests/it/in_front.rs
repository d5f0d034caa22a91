//! What stands in front of a service: it may know who asks, and for whom.

use http::{Request, header};
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service as _, service_fn},
};
use hyper_util::rt::{TokioIo, TokioTimer};
use mcp_core::{Server, prelude::*};
use mcp_http::{Extension, HttpServer};
use serde_json::json;
use tokio::io::DuplexStream;

use crate::{
    client::{Ask, Client, local, session},
    fixture::{ALICE, keys},
    modern as new,
};

/// Who asks, by whose word
#[mcp_tool]
fn whoami(who: Option<Identity>) -> String {
    let Some(who) = who else {
        return "nobody".to_owned();
    };
    let issuer = who.issuer().unwrap_or("nobody");
    format!("{} by {issuer}", who.subject())
}

/// Lends
#[mcp_tool(scopes("books:lend"))]
fn lend() -> &'static str {
    "lent"
}

#[derive(Clone)]
struct Tenant(String);

/// Whose books these are
#[mcp_tool]
fn place(Extension(tenant): Extension<Tenant>) -> String {
    tenant.0
}

fn http() -> HttpServer {
    HttpServer::new(Server::new("it", "1").tools(tools![whoami, lend, place]))
}

/// A connection to this server through this layer.
fn behind(layer: fn(&mut Request<Incoming>), http: HttpServer) -> Client<DuplexStream> {
    let server = local(http).service().clone();
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let service = service_fn(move |mut request| {
        layer(&mut request);
        server.call(request)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(theirs), service);
    tokio::spawn(served);
    Client::new(ours)
}

/// A proxy of identities, which says who it is.
fn proxy(request: &mut Request<Incoming>) {
    let user = request.headers().get("x-user");
    let user = user.map(|user| user.to_str().unwrap().to_owned());
    if let Some(user) = user {
        let who = Identity::new(user).with_issuer("proxy");
        let who = who.with_scopes(["books:lend"]);
        request.extensions_mut().insert(who);
    }
}

/// The first label of the name that a request was sent to.
fn tenant(request: &mut Request<Incoming>) {
    let host = request.headers().get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.split(['.', ':']).next().unwrap_or_default();
    let tenant = Tenant(name.to_ascii_lowercase());
    request.extensions_mut().insert(tenant);
}

fn call(tool: &str) -> Ask {
    new::call(1, tool, &json!({}))
}

#[tokio::test]
async fn whoever_a_layer_names_is_who_asks() {
    let mut client = behind(proxy, http().require_auth());
    let ask = call("whoami").with("X-User", "carol");
    assert_eq!(client.ask(&ask).await.said().0, "carol by proxy");
    let ask = call("lend").with("X-User", "carol");
    assert_eq!(client.ask(&ask).await.said().0, "lent");
    // Nobody else is served, and nobody is told to send what nobody reads.
    for ask in [call("whoami"), call("whoami").key(ALICE)] {
        let answer = client.ask(&ask).await;
        answer.refuses(401, &["Authentication required"]);
        assert_eq!(answer.json()["error"].get("data"), None, "{answer:?}");
    }
    let mut client = behind(proxy, http());
    assert_eq!(client.ask(&call("whoami")).await.said().0, "nobody");
}

#[tokio::test]
async fn no_credential_is_looked_at_where_a_layer_says_who_it_is() {
    let mut client = behind(proxy, http().auth(keys()));
    for ask in [
        call("whoami").key("no key of ours"),
        call("whoami").key(ALICE),
        call("whoami").key(ALICE).with("X-API-Key", ALICE),
    ] {
        let answer = client.ask(&ask.with("X-User", "carol")).await;
        assert_eq!(answer.said().0, "carol by proxy");
    }
    let answer = client.ask(&call("whoami").key(ALICE)).await;
    assert_eq!(answer.said().0, "alice by nobody");
}

#[tokio::test]
async fn a_session_belongs_to_whoever_the_layer_named() {
    let mut client = behind(proxy, http());
    let ask = Ask::initialize("2025-11-25").with("X-User", "carol");
    let session = session(&client.ask(&ask).await);
    let ask = Ask::call("whoami", &json!({})).session(&session);
    let answer = client.ask(&ask.clone().with("X-User", "carol")).await;
    assert_eq!(answer.said().0, "carol by proxy");
    for ask in [ask.clone().with("X-User", "dave"), ask] {
        client.ask(&ask).await.refuses(404, &["Session not found"]);
    }
}

#[tokio::test]
async fn two_tenants_are_told_apart_by_the_name_that_a_request_was_sent_to() {
    let hosts = ["books.example.com", "shoes.example.com"];
    let mut client = behind(tenant, http().allowed_hosts(hosts));
    for (host, tenant) in [
        ("books.example.com", "books"),
        ("shoes.example.com", "shoes"),
        ("Books.example.com:8000", "books"),
    ] {
        let answer = client.ask(&call("place").instead("Host", host)).await;
        assert_eq!(answer.said().0, tenant);
    }
    let ask = call("place").instead("Host", "evil.example");
    client.ask(&ask).await.refuses(403, &["`allowed_hosts`"]);
}
