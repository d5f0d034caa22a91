//! Settings that contradict each other or safety are said before anything is served.

use mcp_core::{Ctx, Server, Tool};
use mcp_http::{Error, HttpServer};
use serde_json::{Map, Value};

use crate::{
    fixture::{http, http_with_keys, keys},
    log,
};

/// Why these settings are refused.
#[track_caller]
fn refused(http: HttpServer) -> String {
    let error = http.into_service().expect_err("settings that are refused");
    assert!(error.is_config(), "{error}");
    assert!(!error.is_bind() && !error.is_build());
    error.to_string()
}

/// Why these settings are refused at this address.
async fn refused_at(http: HttpServer, address: &str) -> Error {
    http.bind(address)
        .await
        .expect_err("settings that are refused")
}

#[tokio::test]
async fn require_auth_without_auth_is_refused() {
    let error = refused_at(http().require_auth(), "127.0.0.1:0").await;
    let text = error.to_string();
    assert!(
        text.contains("`require_auth`") && text.contains("`auth`"),
        "{text}"
    );
}

#[tokio::test]
async fn scopes_that_nobody_can_have_are_said_in_the_log() {
    let scoped = || {
        let lend = Tool::builder("lend")
            .description("Lend")
            .scopes(["books:lend"]);
        let lend = lend.handler(|_: Map<String, Value>, _| async { Ok("lent") });
        HttpServer::new(Server::new("books", "1").tools([lend]))
    };
    let said = async |http: HttpServer| {
        let log = log::listen();
        drop(http.bind("127.0.0.1:0").await.unwrap());
        log.text()
    };
    let text = said(scoped()).await;
    assert!(
        text.contains("books:lend") && text.contains("`auth`"),
        "{text}"
    );
    for http in [scoped().auth(keys()), http()] {
        assert!(!said(http).await.contains("scopes"));
    }
    // Somebody in front may know who has them.
    let log = log::listen();
    drop(scoped().into_service().unwrap());
    assert!(!log.text().contains("scopes"));
}

#[test]
fn a_path_that_is_none_is_refused() {
    for path in ["", "mcp", "http://localhost/mcp"] {
        let text = refused(http().path(path));
        assert!(
            text.contains("`path`") && text.contains(&format!("{path:?}")),
            "{text}"
        );
    }
}

#[test]
fn a_path_that_no_request_could_have_is_refused() {
    for path in ["/mcp?x", "/mcp#x", "/m cp", "/mcp\r\n"] {
        let text = refused(http().path(path));
        assert!(text.contains("`path`"), "{path}: {text}");
    }
}

#[test]
fn a_public_url_that_is_none_is_refused() {
    for url in [
        "",
        "mcp.example.com",
        "ftp://mcp.example.com",
        "app://mcp.example.com",
        "https://",
        "https://user@mcp.example.com",
        "https://mcp.example.com:port",
    ] {
        let text = refused(http().public_url(url));
        assert!(
            text.contains("`public_url`") && text.contains(&format!("{url:?}")),
            "{text}"
        );
    }
}

#[test]
fn a_rate_that_is_none_is_refused() {
    for rate in ["", "60", "60/minute", "0/min"] {
        for (setting, http) in [
            ("`rate_limit`", http().rate_limit(rate)),
            ("`ip_rate_limit`", http().ip_rate_limit(rate)),
        ] {
            let text = refused(http);
            for part in [setting, &format!("{rate:?}"), "`30/min`"] {
                assert!(text.contains(part), "{part}: {text}");
            }
        }
    }
}

#[test]
fn a_trusted_proxy_that_is_no_address_is_refused() {
    for wrong in [
        "",
        "proxy.example.com",
        "10.0.0.0/33",
        "10.0.0.1/8",
        "0.0.0.0/0",
        "10.0.0.1:80",
    ] {
        let text = refused(http().trusted_proxies(["::1", wrong]));
        for part in ["`trusted_proxies`", &format!("{wrong:?}")] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}

#[test]
fn a_cors_entry_that_is_no_origin_is_refused() {
    for origin in [
        "",
        "*",
        "null",
        "app.example.com",
        "https://app.example.com/",
        "https://*.example.com",
        "://app.example.com",
        "my app://localhost",
        "chrome-extension://",
    ] {
        let text = refused(http().cors(["https://fine.example", origin]));
        assert!(
            text.contains("`cors`") && text.contains(&format!("{origin:?}")),
            "{text}"
        );
    }
}

#[test]
fn an_allowed_host_that_is_no_host_is_refused() {
    for host in [
        "",
        "https://mcp.example.com",
        "mcp.example.com/",
        "user@mcp.example.com",
        "mcp.example.com:port",
        "*.example.com",
    ] {
        let text = refused(http().allowed_hosts(["fine.example", host]));
        assert!(
            text.contains("`allowed_hosts`") && text.contains(&format!("{host:?}")),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_server_that_the_network_reaches_needs_a_name_or_known_callers() {
    let error = refused_at(http_with_keys(), "0.0.0.0:0").await;
    let text = error.to_string();
    assert!(error.is_config(), "{text}");
    for part in [
        "0.0.0.0",
        "`public_url`",
        "`allowed_hosts`",
        "`require_auth`",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    for allowed in [
        http().public_url("https://mcp.example.com"),
        http().allowed_hosts(["mcp.example.com"]),
        http_with_keys().require_auth(),
    ] {
        let bound = allowed.bind("0.0.0.0:0").await.unwrap();
        assert_ne!(bound.local_addr().port(), 0);
    }
}

#[tokio::test]
async fn a_server_without_a_place_for_a_connection_is_refused() {
    let error = refused_at(http().max_connections(0), "127.0.0.1:0").await;
    assert!(
        error.is_config() && error.to_string().contains("`max_connections`"),
        "{error}"
    );
}

#[tokio::test]
async fn an_address_that_is_taken_is_told() {
    let bound = http().bind("127.0.0.1:0").await.unwrap();
    let error = refused_at(http(), &bound.local_addr().to_string()).await;
    assert!(error.is_bind() && !error.is_config(), "{error}");
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn a_server_that_cannot_be_built_says_everything_that_stands_against_it() {
    let twice = || Tool::builder("twice").handler(|(): (), _: Ctx| async { Ok("") });
    let server = Server::new("broken", "1").tools([twice(), twice()]);
    let error = HttpServer::new(server)
        .auth(keys())
        .into_service()
        .unwrap_err();
    assert!(
        error.is_build() && error.to_string().contains("two tools are called `twice`"),
        "{error}"
    );
    assert_eq!(
        format!("{error:?}"),
        error.to_string(),
        "`main` prints the one for the other"
    );
}

#[test]
fn nothing_of_a_secret_is_in_the_debug_form() {
    let http = http_with_keys().seal_key([7; 32]);
    let shown = format!("{http:?} {:?}", keys());
    assert!(
        !shown.contains("7, 7") && !shown.contains(crate::fixture::ALICE),
        "{shown}"
    );
}
