//! The public clients, as their authors published them, against our servers.
//!
//! A script in `tests/clients` drives each client and prints what it saw as one JSON object. What
//! it should have seen stands in [`expected`], and is mostly the same for all of them.
//! `tests/clients/install.sh` installs the clients; where they are missing these tests say
//! `SKIPPED` and pass, except in CI.

mod driven;
mod expected;
mod oauth;
mod report;

use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use self::{
    driven::Client,
    expected::{modern, streams},
    report::fact,
};
use crate::process::Example;

const ATLAS_KEY: &str = "the-key-of-atlas-in-tests";
const BEACON_KEY: &str = "the-key-of-beacon-in-tests";

/// Of which revision a client is.
#[derive(Clone, Copy)]
pub(super) enum Era {
    /// 2025-11-25: sessions.
    Legacy,
    /// 2026-07-28: every request by itself.
    Modern,
}

impl Era {
    pub(super) fn version(self) -> &'static str {
        match self {
            Self::Legacy => "2025-11-25",
            Self::Modern => "2026-07-28",
        }
    }

    /// The code for a resource that is not there.
    pub(super) fn missing_resource(self) -> i32 {
        match self {
            Self::Legacy => -32002,
            Self::Modern => -32602,
        }
    }

    /// The code for a client that lacks a capability.
    pub(super) fn missing_capability(self) -> i32 {
        match self {
            Self::Legacy => -32600,
            Self::Modern => -32021,
        }
    }
}

#[test]
fn the_npm_client_gets_everything() {
    let Some(npm) = Client::npm() else { return };
    let server = serve_everything();
    let report = npm.run("everything.mjs", &[server.url()]);
    report.has_everything(Era::Legacy);
    report.exchanged("wire", &["POST 200", "POST 202", "DELETE 204"]);
    report.has(&json!({
        "close": { "client_sees": { "type": "StreamableHTTPError", "code": 404 } },
        "default": { "version": "2025-11-25" },
        "negotiated": {
            "2025-06-18": { "version": "2025-06-18", "listed": 200 },
            "2025-03-26": { "version": "2025-03-26", "listed": 200 },
            "1999-12-31": { "version": "2025-11-25", "listed": 200 },
        },
        "noise": [],
    }));
}

#[test]
fn the_pypi_client_gets_everything_by_default() {
    let Some(pypi) = Client::pypi() else { return };
    let server = serve_everything();
    let report = pypi.run("everything.py", &[server.url()]);
    report.has_everything(Era::Modern);
    // Nothing but requests; the last one was for a prompt that is not there.
    report.exchanged("wire", &["POST 200", "POST 400"]);
    report.has(&json!({ "default": { "version": "2026-07-28" } }));
}

#[test]
fn the_pypi_client_gets_everything_in_its_legacy_mode() {
    let Some(pypi) = Client::pypi() else { return };
    let server = serve_everything();
    let report = pypi.run("everything.py", &[server.url(), "legacy"]);
    report.has_everything(Era::Legacy);
    report.exchanged("wire", &["POST 200", "POST 202", "DELETE 204"]);
}

#[test]
fn the_npm_client_writes_from_agent_to_agent() {
    let Some(npm) = Client::npm() else { return };
    let folder = TempDir::new().unwrap();
    let server = serve_agents(&folder);
    let report = npm.run("agents.mjs", &[server.url(), ATLAS_KEY, BEACON_KEY]);
    report.has_agents(Era::Legacy);
    report.exchanged(
        "anonymous_wire",
        &["POST 200", "POST 202", "POST 401", "DELETE 204"],
    );
    report.exchanged("atlas_wire", &["POST 200", "POST 202", "DELETE 204"]);
    report.exchanged("beacon_wire", &["POST 200", "POST 202", "DELETE 204"]);
    // It shows the status of a refusal and, as text, its body.
    for (check, reason) in [
        (
            "anonymous_send",
            "Authentication required for tool: dm_send",
        ),
        (
            "anonymous_inbox",
            "Authentication required for tool: dm_inbox",
        ),
        ("bad_key", "The credential is not valid"),
    ] {
        report.has(&json!({ check: { "type": "StreamableHTTPError", "code": 401 } }));
        report.says(check, reason);
    }
}

#[test]
fn the_pypi_client_writes_from_agent_to_agent_by_default() {
    let Some(pypi) = Client::pypi() else { return };
    let folder = TempDir::new().unwrap();
    let server = serve_agents(&folder);
    let report = pypi.run("agents.py", &[server.url(), "auto", ATLAS_KEY, BEACON_KEY]);
    report.has_agents(Era::Modern);
    report.exchanged("anonymous_wire", &["POST 200", "POST 400", "POST 401"]);
    report.exchanged("atlas_wire", &["POST 200"]);
    report.exchanged("beacon_wire", &["POST 200"]);
    report.has_refusals(-32600);
}

#[test]
fn the_pypi_client_writes_from_agent_to_agent_in_its_legacy_mode() {
    let Some(pypi) = Client::pypi() else { return };
    let folder = TempDir::new().unwrap();
    let server = serve_agents(&folder);
    let arguments = [server.url(), "legacy", ATLAS_KEY, BEACON_KEY];
    let report = pypi.run("agents.py", &arguments);
    report.has_agents(Era::Legacy);
    report.exchanged(
        "anonymous_wire",
        &["POST 200", "POST 202", "POST 401", "DELETE 204"],
    );
    report.exchanged("atlas_wire", &["POST 200", "POST 202", "DELETE 204"]);
    report.exchanged("beacon_wire", &["POST 200", "POST 202", "DELETE 204"]);
    report.has_refusals(-32000);
}

#[test]
fn the_npm_v2_client_is_asked_over_http_in_its_legacy_mode() {
    is_asked_over_http(Client::npm(), "questions.mjs", "legacy", Era::Legacy);
}

#[test]
fn the_npm_v2_client_is_asked_over_http_in_its_modern_mode() {
    is_asked_over_http(Client::npm(), "questions.mjs", "modern", Era::Modern);
}

#[test]
fn the_npm_v2_client_is_asked_over_stdio_in_its_legacy_mode() {
    is_asked_over_stdio(Client::npm(), "questions.mjs", "legacy", Era::Legacy);
}

#[test]
fn the_npm_v2_client_is_asked_over_stdio_in_its_modern_mode() {
    is_asked_over_stdio(Client::npm(), "questions.mjs", "modern", Era::Modern);
}

#[test]
fn the_pypi_client_is_asked_over_http_in_its_legacy_mode() {
    is_asked_over_http(Client::pypi(), "questions.py", "legacy", Era::Legacy);
}

#[test]
fn the_pypi_client_is_asked_over_http_by_default() {
    is_asked_over_http(Client::pypi(), "questions.py", "auto", Era::Modern);
}

#[test]
fn the_pypi_client_is_asked_over_stdio_in_its_legacy_mode() {
    is_asked_over_stdio(Client::pypi(), "questions.py", "legacy", Era::Legacy);
}

#[test]
fn the_pypi_client_is_asked_over_stdio_by_default() {
    is_asked_over_stdio(Client::pypi(), "questions.py", "auto", Era::Modern);
}

fn is_asked_over_http(client: Option<Client>, script: &str, mode: &str, era: Era) {
    let Some(client) = client else { return };
    let server = serve_everything();
    let report = client.run(script, &[server.url(), mode]);
    report.has_conversation(era, matches!(era, Era::Legacy));
    // Without sessions the answers come with the call, made again: for two questions, and for one.
    let calls = match era {
        Era::Legacy => 1,
        Era::Modern => 3,
    };
    report.has(&json!({ "conversation": { "calls": calls } }));
}

fn is_asked_over_stdio(client: Option<Client>, script: &str, mode: &str, era: Era) {
    let Some(client) = client else { return };
    let report = client.run(script, &[env!("CARGO_BIN_EXE_everything"), mode]);
    report.has_conversation(era, false);
}

#[test]
fn the_npm_v2_client_is_told_over_http_without_a_session() {
    is_told_over_http(Client::npm(), "modern.mjs");
}

#[test]
fn the_npm_v2_client_is_told_over_stdio_without_a_session() {
    is_told_over_stdio(Client::npm(), "modern.mjs");
}

#[test]
fn the_pypi_client_is_told_over_http_without_a_session() {
    is_told_over_http(Client::pypi(), "modern.py");
}

#[test]
fn the_pypi_client_is_told_over_stdio_without_a_session() {
    is_told_over_stdio(Client::pypi(), "modern.py");
}

fn is_told_over_http(client: Option<Client>, script: &str) {
    let Some(client) = client else { return };
    let server = serve_everything();
    let report = client.run(script, &[server.url()]);
    report.has(&modern());
    // No message told of it: the end of the connection did.
    report.has(&json!({ "cancellation": {
        "cancelled_by_message": false,
        "received": ["notifications/progress"],
    } }));
}

fn is_told_over_stdio(client: Option<Client>, script: &str) {
    let Some(client) = client else { return };
    let report = client.run(script, &[env!("CARGO_BIN_EXE_everything")]);
    report.has(&modern());
}

#[test]
fn the_inspector_lists_and_calls_over_http() {
    let Some(inspector) = Client::inspector() else {
        return;
    };
    let server = serve_everything();
    inspector.inspects(&[server.url(), "--transport", "http"]);
}

#[test]
fn the_inspector_lists_and_calls_over_stdio() {
    let Some(inspector) = Client::inspector() else {
        return;
    };
    inspector.inspects(&[env!("CARGO_BIN_EXE_everything"), "--stdio"]);
}

#[test]
fn ajv_compiles_every_schema_there_is() {
    let Some(npm) = Client::npm() else { return };
    let guide = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../mcp-core/guide/schema_reference.md"
    );
    let folder = TempDir::new().unwrap();
    let (everything, agents) = (serve_everything(), serve_agents(&folder));
    let report = npm.run("schemas.mjs", &[guide, everything.url(), agents.url()]);
    // A script that finds nothing has not looked.
    for (check, least) in [
        ("argument", 30),
        ("arguments", 10),
        ("0_legacy", 20),
        ("0_modern", 20),
        ("1_legacy", 6),
        ("1_modern", 6),
    ] {
        let count = fact(&report.0, check).as_u64();
        assert!(count >= Some(least), "{check}: {count:?}");
    }
}

#[test]
fn the_npm_client_is_asked_and_told() {
    let Some(npm) = Client::npm() else { return };
    let server = serve_everything();
    let report = npm.run("streams.mjs", &[server.url()]);
    let said = json!({ "content": [{ "type": "text", "text": "Reconnection test completed." }] });
    report.has(&streams());
    report.has(&json!({
        // It lists again by itself.
        "lists": [
            { "what": "tools", "error": null, "listed": true },
            { "what": "tools", "error": null, "listed": true },
            { "what": "prompts", "error": null, "listed": true },
        ],
        "cancellation": { "client_sees": { "type": "McpError", "code": -32001 } },
        "resumption": {
            "call": [{ "id": true, "data": "" }, { "id": false, "retry": "10" }],
            "rest": { "status": 200, "results": [said] },
            "again": true,
            "after_all": [],
            "unknown": 400,
        },
        "lost": {
            "before": "",
            "after": "notifications/prompts/list_changed",
            "other_id": true,
        },
        "noise": [],
    }));
}

#[test]
fn the_pypi_client_is_asked_and_told() {
    let Some(pypi) = Client::pypi() else { return };
    let server = serve_everything();
    let report = pypi.run("streams.py", &[server.url()]);
    report.has(&streams());
    report.has(&json!({
        "lists": [
            "notifications/tools/list_changed",
            "notifications/tools/list_changed",
            "notifications/prompts/list_changed",
        ],
        "cancellation": { "client_sees": { "cancelled": true } },
    }));
}

fn serve_everything() -> Example {
    Example::start(Command::new(env!("CARGO_BIN_EXE_everything")).args(["--addr", "127.0.0.1:0"]))
}

/// The bundled server, with a new network in this folder.
fn serve_agents(folder: &TempDir) -> Example {
    let mut command = Command::new(env!("CARGO_BIN_EXE_agents"));
    command
        .args(["--addr", "127.0.0.1:0", "--data"])
        .arg(folder.path().join("agents.redb"));
    command.env(
        "AGENTS_KEYS",
        format!("atlas:{ATLAS_KEY},beacon:{BEACON_KEY}"),
    );
    command.env("RUST_LOG", "warn");
    Example::start(&mut command)
}
