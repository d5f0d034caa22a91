//! Access tokens of an issuer on this machine.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    process::Command,
    thread,
};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp, jwk::Jwk};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{command, data_in};
use crate::process::Example;

const PUBLIC: &str = "https://agents.example.com";
const AUDIENCE: &str = "https://agents.example.com/mcp";

/// Somebody who signs tokens, and tells where their key is.
struct Issuer {
    url: String,
}

impl Issuer {
    /// Serves metadata that names this issuer, or another, at this path behind the origin.
    fn start(well_known: &'static str, named: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let metadata = json!({
            "issuer": named.unwrap_or(&url),
            "jwks_uri": format!("{url}/keys"),
        });
        let mut jwk = Jwk::from_encoding_key(&key(), Algorithm::ES256).unwrap();
        jwk.common.key_id = Some("first".to_owned());
        let keys = json!({ "keys": [jwk] });
        // It ends with the process of the test.
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                answer(stream, |path| match path {
                    "/keys" => Some(&keys),
                    path if path == well_known => Some(&metadata),
                    _ => None,
                });
            }
        });
        Self { url }
    }

    /// The server that takes its tokens.
    fn agents(&self, data: &TempDir) -> Command {
        let mut command = command(&data_in(data));
        command.args(["--issuer", &self.url, "--public-url", PUBLIC]);
        command
    }

    /// A token for an agent.
    fn token(&self, subject: &str, audience: &str, scope: &str) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some("first".to_owned());
        let claims = json!({
            "iss": self.url,
            "sub": subject,
            "aud": audience,
            "scope": scope,
            "exp": get_current_timestamp() + 600,
        });
        encode(&header, &claims, &key()).unwrap()
    }
}

fn key() -> EncodingKey {
    EncodingKey::from_ec_der(include_bytes!(
        "../../../../mcp-http/tests/it/jwt/test_keys/ec.der"
    ))
}

/// Answers one request, and hangs up.
fn answer<'a>(mut stream: TcpStream, known: impl Fn(&str) -> Option<&'a Value>) {
    let mut lines = BufReader::new(&stream).lines().map(Result::unwrap);
    let head: Vec<_> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
    let path = head[0].split(' ').nth(1).unwrap();
    let (status, body) = match known(path) {
        Some(body) => ("200 OK", body.to_string()),
        None => ("404 Not Found", String::new()),
    };
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    stream.write_all((head + &body).as_bytes()).unwrap();
}

const OAUTH: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

#[test]
fn whoever_a_token_is_about_reads_and_writes_as_that_agent() {
    for well_known in [OAUTH, OPENID] {
        let issuer = Issuer::start(well_known, None);
        let folder = TempDir::new().unwrap();
        let example = Example::start(&mut issuer.agents(&folder));
        let token = issuer.token("beacon", AUDIENCE, "messages:read messages:write");
        let mut beacon = example.client().key(token).initialized();
        let arguments = json!({ "to": "beacon", "content": "to myself" });
        beacon.call("dm_send", arguments).structured();
        let inbox = beacon.call("dm_inbox", json!({})).structured();
        assert_eq!(inbox["messages"][0]["from"], "beacon", "{well_known}");
    }
}

#[test]
fn a_token_is_for_its_scopes_and_this_server() {
    let issuer = Issuer::start(OAUTH, None);
    let folder = TempDir::new().unwrap();
    let example = Example::start(&mut issuer.agents(&folder));
    let token = issuer.token("beacon", AUDIENCE, "messages:read");
    let mut beacon = example.client().key(token).initialized();
    beacon.call("dm_inbox", json!({})).structured();
    let arguments = json!({ "to": "atlas", "content": "Hi" });
    assert_eq!(beacon.call("dm_send", arguments).status, 403);
    let elsewhere = issuer.token("beacon", "https://other.example.com/mcp", "messages:read");
    let refused = example.client().key(elsewhere).initialize();
    assert_eq!(refused.status, 401);
    let challenge = refused.header("www-authenticate").unwrap();
    assert!(
        challenge.contains("https://agents.example.com/.well-known/oauth-protected-resource/mcp"),
        "{challenge}"
    );
}

#[test]
fn the_audience_is_what_the_issuer_calls_the_server() {
    let issuer = Issuer::start(OAUTH, None);
    let folder = TempDir::new().unwrap();
    let mut command = issuer.agents(&folder);
    let example = Example::start(command.args(["--audience", "agents-api"]));
    let status = |audience: &str| {
        let token = issuer.token("atlas", audience, "messages:read");
        example.client().key(token).initialize().status
    };
    assert_eq!(status("agents-api"), 200);
    assert_eq!(status(AUDIENCE), 401);
}

#[test]
fn a_token_of_somebody_who_is_no_agent_is_told_so() {
    let issuer = Issuer::start(OAUTH, None);
    let folder = TempDir::new().unwrap();
    let example = Example::start(&mut issuer.agents(&folder));
    let token = issuer.token("auth0|65f1c9", AUDIENCE, "messages:read");
    let mut client = example.client().key(token).initialized();
    let complaint = client.call("dm_inbox", json!({})).complaint();
    assert!(
        complaint.contains("`auth0|65f1c9`") && complaint.contains("no agent"),
        "{complaint}"
    );
}

#[test]
fn metadata_that_names_another_issuer_is_not_believed() {
    let issuer = Issuer::start(OAUTH, Some("https://login.example.com"));
    let folder = TempDir::new().unwrap();
    let example = Example::start(&mut issuer.agents(&folder));
    let token = issuer.token("atlas", AUDIENCE, "messages:read");
    // Nobody can tell what it is worth.
    assert_eq!(example.client().key(token).initialize().status, 503);
}

#[test]
fn an_issuer_that_does_not_answer_keeps_nobody_with_a_key_out() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let folder = TempDir::new().unwrap();
    let mut command = super::with_keys(&data_in(&folder));
    command.args(["--issuer", &url, "--public-url", PUBLIC]);
    let example = Example::start(&mut command);
    assert!(
        example
            .page()
            .contains(&format!("Tokens by {url} are taken."))
    );
    assert_eq!(example.client().key(super::ATLAS).initialize().status, 200);
}

#[test]
fn an_issuer_over_the_network_without_tls_is_refused() {
    let folder = TempDir::new().unwrap();
    let mut command = command(&data_in(&folder));
    command.args([
        "--issuer",
        "http://login.example.com",
        "--public-url",
        PUBLIC,
    ]);
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(
        text.contains("--issuer") && text.contains("`https`"),
        "{text}"
    );
}
