//! The public clients, as their authors published them, against our servers.
//!
//! A script in `tests/clients` drives each client and prints what it saw as one JSON object. What
//! it should have seen stands here, and is mostly the same for all of them.
//! `tests/clients/install.sh` installs the clients; where they are missing these tests say
//! `SKIPPED` and pass, except in CI.

use std::{
    collections::BTreeSet,
    env, fs,
    io::{self, Read, Write as _},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread::{self, JoinHandle},
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::Example;

/// How long a script may run; they take about a second.
const LIMIT: Duration = Duration::from_secs(60);

const ATLAS_KEY: &str = "the-key-of-atlas-in-tests";
const BEACON_KEY: &str = "the-key-of-beacon-in-tests";

#[test]
fn the_npm_client_gets_everything() {
    let Some(npm) = Client::npm() else { return };
    let server = serve_everything();
    let report = npm.run("everything.mjs", &[server.url()]);
    report.has_everything();
    report.exchanged("wire", &["POST 200", "POST 202", "DELETE 204"]);
    report.has(&json!({
        "close": { "client_sees": { "type": "StreamableHTTPError", "code": 404 } },
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
    report.has_everything();
    // It asks for `server/discover` first, and takes the refusal for a wish to be initialized.
    report.exchanged("wire", &["POST 400", "POST 200", "POST 202", "DELETE 204"]);
}

#[test]
fn the_pypi_client_gets_everything_in_its_legacy_mode() {
    let Some(pypi) = Client::pypi() else { return };
    let server = serve_everything();
    let report = pypi.run("everything.py", &[server.url(), "legacy"]);
    report.has_everything();
    report.exchanged("wire", &["POST 200", "POST 202", "DELETE 204"]);
}

#[test]
fn the_npm_client_writes_from_agent_to_agent() {
    let Some(npm) = Client::npm() else { return };
    let folder = TempDir::new().unwrap();
    let server = serve_agents(&folder);
    let report = npm.run("agents.mjs", &[server.url(), ATLAS_KEY, BEACON_KEY]);
    report.has_agents();
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
fn the_pypi_client_writes_from_agent_to_agent() {
    let Some(pypi) = Client::pypi() else { return };
    let folder = TempDir::new().unwrap();
    let server = serve_agents(&folder);
    let report = pypi.run("agents.py", &[server.url(), ATLAS_KEY, BEACON_KEY]);
    report.has_agents();
    let probed = ["POST 400", "POST 200", "POST 202", "DELETE 204"];
    report.exchanged(
        "anonymous_wire",
        &["POST 400", "POST 200", "POST 202", "POST 401", "DELETE 204"],
    );
    report.exchanged("atlas_wire", &probed);
    report.exchanged("beacon_wire", &probed);
    // It shows the JSON-RPC error of a refusal, and never its status.
    let refused = |tool: &str| {
        json!({
            "type": "MCPError",
            "code": -32000,
            "message": format!("Authentication required for tool: {tool}"),
            "data": { "send": ["Authorization: Bearer <key>", "X-API-Key: <key>"] },
        })
    };
    report.has(&json!({
        "anonymous_send": refused("dm_send"),
        "anonymous_inbox": refused("dm_inbox"),
        "bad_key": { "type": "MCPError" },
    }));
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

/// What a script saw: facts by the name of the check that found them.
struct Report(Value);

impl Report {
    fn has_everything(&self) {
        self.has(&everything());
        for problem in [
            "`a`: invalid type: string \"many\", expected f64",
            "`b`: required argument is missing",
            "`c`: unknown argument",
        ] {
            self.says("bad_arguments", problem);
        }
        for capability in ["elicitation", "sampling", "roots"] {
            let problem = format!("this needs a client with the capability `{capability}`");
            self.says("calls", &problem);
        }
    }

    fn has_agents(&self) {
        self.has(&agents());
        for problem in [
            "`skills`: invalid type: integer `7`, expected a string",
            "`limit`: 500 is greater than the maximum of 50",
            "`skils`: unknown argument (did you mean `skills`?)",
            "`limits`: unknown argument (did you mean `limit`?)",
            "`page`: unknown argument",
        ] {
            self.says("mistakes", problem);
        }
        self.says("profile", r#""name":"Atlas""#);
        self.says("proposal", "a lighthouse");
        self.says("proposal_without_topic", "`topic`");
        self.says("send_to_nobody", "`agent_search`");
    }

    /// Checks that all of this was seen; there may be more.
    fn has(&self, expected: &Value) {
        let mut differences = Vec::new();
        compare("", expected, &self.0, &mut differences);
        assert!(
            differences.is_empty(),
            "the client saw:\n{}",
            differences.join("\n")
        );
    }

    /// Checks that one of the strings that a check found has this text in it.
    fn says(&self, check: &str, text: &str) {
        let found = fact(&self.0, check);
        let mut said = Vec::new();
        strings(found, &mut said);
        assert!(
            said.iter().any(|said| said.contains(text)),
            "no `{text}` in {check}: {found}"
        );
    }

    /// Checks which kinds of exchanges there were, and that a session's last one was of the last
    /// kind. GET is left out: clients ask for a stream beside everything else.
    fn exchanged(&self, check: &str, kinds: &[&str]) {
        let mut lines = Vec::new();
        strings(fact(&self.0, check), &mut lines);
        lines.retain(|line| !line.starts_with("GET "));
        assert_eq!(lines.last(), kinds.last(), "{check}: {lines:?}");
        let [seen, expected] =
            [&*lines, kinds].map(|all| all.iter().copied().collect::<BTreeSet<_>>());
        assert_eq!(seen, expected, "{check}: {lines:?}");
    }
}

/// What stands under a name; null if nothing does.
fn fact<'a>(facts: &'a Value, name: &str) -> &'a Value {
    facts.get(name).unwrap_or(&Value::Null)
}

/// Notes where `found` lacks what is expected. What is expected to be null may be absent, too.
fn compare(path: &str, expected: &Value, found: &Value, differences: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(members), Value::Object(_)) => {
            for (name, expected) in members {
                let path = format!("{path}/{name}");
                compare(&path, expected, fact(found, name), differences);
            }
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            for (index, (expected, found)) in items.iter().zip(others).enumerate() {
                compare(&format!("{path}/{index}"), expected, found, differences);
            }
        }
        // 50 and 50.0 are the same on the wire.
        (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64() => {}
        _ if expected == found => {}
        _ => differences.push(format!("{path}: expected {expected}, found {found}")),
    }
}

/// Every string in a value, in order.
fn strings<'a>(value: &'a Value, into: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => into.push(text),
        Value::Array(items) => items.iter().for_each(|item| strings(item, into)),
        Value::Object(members) => members.values().for_each(|member| strings(member, into)),
        _ => {}
    }
}

/// What every client sees of `everything`. Fixtures may be added without a word here.
fn everything() -> Value {
    const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
    const WAV: &str = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=";

    let text = |text: &str| json!({ "type": "text", "text": text });
    let said = |said: &str| json!({ "content": [text(said)] });
    let image = json!({ "type": "image", "data": PNG, "mimeType": "image/png" });
    let audio = json!({ "type": "audio", "data": WAV, "mimeType": "audio/wav" });
    let plain =
        |uri: &str, text: &str| json!({ "uri": uri, "mimeType": "text/plain", "text": text });
    let json =
        |uri: &str, text: &str| json!({ "uri": uri, "mimeType": "application/json", "text": text });
    let embedded = |resource: Value| json!({ "type": "resource", "resource": resource });
    let user = |content: Value| json!({ "role": "user", "content": content });
    let weather = text(r#"{"temperature":22.5,"conditions":"Partly cloudy"}"#);
    let structured = json!({
        "content": [weather],
        "structuredContent": { "temperature": 22.5, "conditions": "Partly cloudy" },
    });

    json!({
        "connect": {
            "version": "2025-11-25",
            "session": true,
            "server": { "name": "everything", "title": "Everything" },
            "instructions": "Fixtures of the MCP conformance suite; nothing here is of any use.",
            "capabilities": {
                "tools": { "listChanged": true },
                "resources": { "listChanged": true, "subscribe": true },
                "prompts": { "listChanged": true },
                "completions": {},
                "logging": {},
            },
        },
        "ping": {},
        "calls": {
            "test_simple_text": said("This is a simple text response for testing."),
            "test_image_content": { "content": [image] },
            "test_audio_content": { "content": [audio] },
            "test_embedded_resource": { "content": [
                embedded(plain("test://embedded-resource", "This is an embedded resource content.")),
            ] },
            "test_multiple_content_types": { "content": [
                text("Multiple content types test:"),
                image,
                embedded(json("test://mixed-content-resource", r#"{"test":"data","value":123}"#)),
            ] },
            "test_error_handling": {
                "content": [text("This tool intentionally returns an error for testing")],
                "isError": true,
            },
            "test_structured_output": structured,
            "echo": said("Grüße, 世界 🦀"),
            "add": said("2.5"),
            "json_schema_2020_12_tool": said("Called with 3 arguments"),
            // This client does not care for what comes on the way, and cannot be asked.
            "test_tool_with_progress": said("Tool with progress executed."),
            "test_tool_with_logging": said("Tool with logging executed."),
            "test_slow": said("Slow, but done."),
            "test_reconnection": said("Reconnection test completed."),
            "test_sampling": { "isError": true },
            "test_elicitation": { "isError": true },
            "test_two_questions": { "isError": true },
            "test_list_roots": { "isError": true },
        },
        "parallel": true,
        "bad_arguments": { "isError": true, "structuredContent": null },
        "unknown_tool": { "code": -32602 },
        "reads": {
            "test://static-text": [
                plain("test://static-text", "This is the content of the static text resource."),
            ],
            "test://static-binary": [
                { "uri": "test://static-binary", "mimeType": "image/png", "blob": PNG },
            ],
            "test://watched-resource": [
                plain("test://watched-resource", "Watched resource content."),
            ],
        },
        "templates": ["test://template/{id}/data"],
        "templated": [json(
            "test://template/42/data",
            r#"{"data":"Data for ID: 42","id":"42","templateTest":true}"#,
        )],
        "unknown_resource": { "code": -32002, "data": { "uri": "test://nothing" } },
        "gets": {
            "test_simple_prompt": [user(text("This is a simple prompt for testing."))],
            "test_prompt_with_arguments": [
                user(text("Prompt with arguments: arg1='one', arg2='two'")),
            ],
            "test_prompt_with_embedded_resource": [
                user(embedded(plain("test://static-text", "Embedded resource content for testing."))),
                user(text("Please process the embedded resource above.")),
            ],
            "test_prompt_with_image": [user(image), user(text("Please analyze the image above."))],
        },
        "prompt_without_arguments": { "code": -32602 },
        "unknown_prompt": { "code": -32602 },
        "close": { "status": 404 },
        "default": { "version": "2025-11-25", "echo": said("Grüße, 世界 🦀") },
        "2025-06-18": {
            "version": "2025-06-18",
            "session": true,
            "output_schemas": true,
            "call": structured,
        },
        "2025-03-26": {
            "version": "2025-03-26",
            "session": true,
            "output_schemas": false,
            "call": { "content": [weather], "structuredContent": null },
        },
    })
}

/// What every client is asked and told by `everything`.
fn streams() -> Value {
    let choices = |[one, two, three]: [&str; 3]| {
        json!([
            { "const": "value1", "title": one },
            { "const": "value2", "title": two },
            { "const": "value3", "title": three },
        ])
    };
    let progress = |progress: u8| json!({ "progress": progress, "total": 100, "message": null });
    let messages = [
        "Tool execution started",
        "Tool processing data",
        "Tool execution completed",
    ];
    let messages = messages.map(|message| json!({ "level": "info", "data": message }));

    json!({
        "defaults": {
            "action": "accept",
            "content": {
                "name": "John Doe", "age": 30, "score": 95.5, "status": "active", "verified": true,
            },
            "forms": [{ "message": "Please review and update the form fields with defaults" }],
        },
        "enums": {
            "action": "accept",
            "content": {
                "untitledSingle": "option3",
                "titledSingle": "value3",
                "legacyEnum": "opt3",
                "untitledMulti": ["option2", "option3"],
                "titledMulti": ["value2", "value3"],
            },
            "forms": [{ "requestedSchema": { "type": "object", "properties": {
                "untitledSingle": { "type": "string", "enum": ["option1", "option2", "option3"] },
                "titledSingle": {
                    "type": "string",
                    "oneOf": choices(["First Option", "Second Option", "Third Option"]),
                },
                "legacyEnum": {
                    "type": "string",
                    "enum": ["opt1", "opt2", "opt3"],
                    "enumNames": ["Option One", "Option Two", "Option Three"],
                },
                "untitledMulti": {
                    "type": "array",
                    "items": { "type": "string", "enum": ["option1", "option2", "option3"] },
                },
                "titledMulti": {
                    "type": "array",
                    "items": { "anyOf": choices(["First Choice", "Second Choice", "Third Choice"]) },
                },
            } } }],
        },
        "declined": {
            "action": "decline",
            "content": null,
            "forms": [{ "message": "Who are you?", "requestedSchema": {
                "type": "object",
                "properties": {
                    "username": { "type": "string", "description": "User's response" },
                    "email": { "type": "string", "description": "User's email address" },
                },
                "required": ["username", "email"],
            } }],
        },
        "cancelled": { "action": "cancel", "content": null },
        "sampling": {
            "said": "LLM response: As you say.",
            "requests": [{
                "messages": [{
                    "role": "user",
                    "content": { "type": "text", "text": "What do you say?" },
                }],
                "maxTokens": 100,
            }],
        },
        "roots": { "structuredContent": { "result": ["file:///one", "file:///two"] } },
        "progress": { "seen": [progress(0), progress(50), progress(100)], "tokens": true },
        "silent_without_token": 0,
        "log": { "by_default": messages, "from_error": [], "from_debug": messages },
        "completion": { "values": ["paris", "park", "party"] },
        "completion_of_nothing": { "code": -32602 },
        // The handler ran three times; what it counts, it counted once.
        "together": {
            "said": "color=to Which color?, size=to Which size?, sure=to Sure?, count=1",
            "asked": 3,
        },
        "at_once": { "names": ["one", "other"], "same_id": true },
        "subscription": [{ "uri": "test://watched-resource" }],
        // After the event that names the stream nothing but progress came, and then its end.
        "cancellation": {
            "running": 1,
            "dropped": 1,
            "running_after": 0,
            "in_time": true,
            "received": ["", "notifications/progress"],
        },
        // The stream began with its name, ended with when to come back, and went on elsewhere.
        "reconnection": {
            "said": "Reconnection test completed.",
            "left": [["id", "data"], ["retry"]],
            "back": { "line": "GET 200", "after": true },
            "with": [true],
        },
    })
}

/// What every client sees of `agents`, new and with its sample data.
fn agents() -> Value {
    json!({
        "connect": {
            "version": "2025-11-25",
            "session": true,
            "server": { "name": "agents", "title": "Agents" },
            "capabilities": { "tools": {}, "resources": {}, "prompts": {} },
        },
        "ping": {},
        "tools": ["agent_search", "platform_stats", "dm_send", "dm_inbox"],
        "resources": [],
        "templates": ["agent://profiles/{username}"],
        "prompts": ["collaboration_proposal"],
        "search": { "structuredContent": {
            "agents": [
                { "username": "cipher", "matched": ["rust"] },
                { "username": "forge", "matched": ["rust"] },
            ],
            "total": 2,
        } },
        "mistakes": { "isError": true, "structuredContent": null },
        "stats": { "structuredContent": { "agents": 10, "messages": 4 } },
        "profile": [{ "uri": "agent://profiles/atlas", "mimeType": "application/json" }],
        "unknown_profile": { "code": -32002, "data": { "uri": "agent://profiles/nobody" } },
        "proposal": { "messages": [{ "role": "user", "content": { "type": "text" } }] },
        "proposal_without_topic": { "code": -32602 },
        "unauthorized": { "status": 401, "challenge": "Bearer realm=\"mcp\"" },
        "send": { "structuredContent": { "id": 5, "to": "beacon" } },
        "send_to_nobody": { "isError": true },
        "inbox": { "structuredContent": { "messages": [
            { "id": 5, "from": "atlas", "to": "beacon", "content": "Shall we? 🤝" },
            { "id": 4, "from": "harbor", "to": "beacon" },
        ] } },
    })
}

/// A client that is installed: what runs its scripts, and where they are.
struct Client {
    program: PathBuf,
    scripts: PathBuf,
}

impl Client {
    /// `@modelcontextprotocol/sdk`.
    fn npm() -> Option<Self> {
        Self::installed("npm", "package-lock.json", |_| "node".into())
    }

    /// `mcp`.
    fn pypi() -> Option<Self> {
        Self::installed("pypi", "requirements.txt", |packages| {
            packages.join("bin/python")
        })
    }

    /// The client of a registry, if its packages are there as the lock file wants them.
    fn installed(
        registry: &str,
        lock: &str,
        program: impl FnOnce(&Path) -> PathBuf,
    ) -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let scripts = root.join("tests/clients").join(registry);
        let packages = root.join("../target/clients").join(registry);
        let wanted = fs::read(scripts.join(lock)).ok();
        // `install.sh` leaves a copy when it is done.
        let there = wanted.is_some() && wanted == fs::read(packages.join("lock")).ok();
        let program = program(&packages);
        if there && Command::new(&program).arg("--version").output().is_ok() {
            return Some(Self { program, scripts });
        }
        let reason = format!("no {registry} client: run examples/tests/clients/install.sh");
        assert!(env::var_os("CI").is_none(), "{reason}");
        // Not `eprintln!`: what tests print that pass is not shown.
        let _ = writeln!(io::stderr(), "SKIPPED: {reason}");
        None
    }

    /// Runs a script to its end. No check may have failed, and nothing was worth a warning.
    fn run(&self, script: &str, arguments: &[&str]) -> Report {
        let mut command = Command::new(&self.program);
        // What Node warns about on its own account is not about us.
        command.env("NODE_NO_WARNINGS", "1");
        let ended = run(command.arg(self.scripts.join(script)).args(arguments));
        let Ended { output, errors, .. } = &ended;
        let report: Value = serde_json::from_str(output)
            .unwrap_or_else(|error| panic!("{script} gave no report ({error}):\n{output}{errors}"));
        let failed = fact(&report, "failed");
        assert!(*failed == json!({}), "{script}: {failed:#}");
        assert_eq!(errors, "", "{script} has something to complain about");
        assert!(ended.status.success(), "{script}: {}", ended.status);
        Report(report)
    }
}

/// A process that has ended, and what it wrote.
struct Ended {
    status: ExitStatus,
    output: String,
    errors: String,
}

/// Runs a process to its end, or kills it when its time is up.
fn run(command: &mut Command) -> Ended {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    // Nothing is ever sent: the channel closes when both pipes have.
    let (open, closed) = channel();
    let output = read(child.stdout.take(), open.clone());
    let errors = read(child.stderr.take(), open);
    let in_time = closed.recv_timeout(LIMIT) == Err(RecvTimeoutError::Disconnected);
    if !in_time {
        let _ = child.kill();
    }
    let status = child
        .wait()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let [output, errors] = [output, errors].map(|text| text.join().unwrap_or_default());
    assert!(
        in_time,
        "{command:?} was killed after {LIMIT:?}; it wrote:\n{output}{errors}"
    );
    Ended {
        status,
        output,
        errors,
    }
}

/// Reads a pipe in a thread of its own, which drops `open` when there is no more.
fn read(pipe: Option<impl Read + Send + 'static>, open: Sender<()>) -> JoinHandle<String> {
    thread::spawn(move || {
        let _open = open;
        let mut text = Vec::new();
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut text));
        String::from_utf8_lossy(&text).into_owned()
    })
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
