//! What one `tools/call` costs, beside a bare hyper server that parses the same envelope.
//!
//! `cargo bench -p mcp-http --bench call` prints, from one run, server CPU time per request and the
//! ratio to bare, with 10 and with 1,000 tools; `-- --instructions` counts user-space instructions
//! instead (needs valgrind), which is repeatable where time is not.
//!
//! Each server is a process of its own with one worker thread; all are driven in turns over
//! keep-alive connections, and every answer is compared to the byte.

#![expect(clippy::print_stdout, clippy::expect_used, clippy::unwrap_used)]

use std::{
    convert::Infallible,
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, ChildStdin, Command, Stdio},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use mcp_core::{Ctx, Tool, prelude::*};
use mcp_http::HttpServer;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use tokio::net::TcpListener;

const CONNECTIONS: usize = 8;
const WINDOW: Duration = Duration::from_millis(400);
const ROUNDS: usize = 11;
const INSTRUCTION_REQUESTS: usize = 2_000;

/// Name, kind, tools, and the row that it is compared with.
const SUBJECTS: [(&str, &str, usize, usize); 5] = [
    ("bare hyper", "bare", 0, 0),
    ("session, 10 tools", "session", 10, 0),
    ("session, 1,000 tools", "session", 1_000, 0),
    ("bare, 2026-shaped", "bare-modern", 0, 3),
    ("2026-07-28, 10 tools", "modern", 10, 3),
];

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    let option = |name: &str| {
        let at = args.iter().position(|arg| arg == name)?;
        args.get(at + 1).cloned()
    };
    match option("--serve") {
        Some(kind) => serve(
            &kind,
            option("--tools").map_or(0, |tools| tools.parse().unwrap()),
        ),
        // `cargo test --benches` only wants to see that it runs.
        None if args.iter().any(|arg| arg == "--test") => {
            compare_time(1, Duration::from_millis(20))
        }
        None if args.iter().any(|arg| arg == "--instructions") => compare_instructions(),
        None => compare_time(ROUNDS, WINDOW),
    }
}

// ---- the subjects

/// Repeats a text
#[mcp_tool]
async fn echo(
    /// What to repeat
    text: String,
) -> String {
    text
}

fn server(tools: usize) -> HttpServer {
    #[derive(Deserialize, schemars::JsonSchema)]
    struct Arguments {
        text: String,
    }

    let more = (1..tools).map(|number| {
        Tool::builder(format!("extra_{number}"))
            .description("One of many")
            .handler(|Arguments { text }, _: Ctx| async move { Ok(text) })
    });
    HttpServer::new(
        Server::new("bench", "1.0.0")
            .tools(tools![echo])
            .tools(more),
    )
}

/// Serves until standard input ends.
fn serve(kind: &str, tools: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (stopped, stop) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        drop(stopped);
    });
    let stop = async {
        let _ = stop.await;
    };
    runtime.block_on(async {
        if kind.starts_with("bare") {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            println!("{}", listener.local_addr().unwrap());
            tokio::select! {
                () = stop => {}
                () = bare(listener) => {}
            }
        } else {
            let bound = server(tools).bind("127.0.0.1:0").await.unwrap();
            println!("{}", bound.local_addr());
            bound.serve_until(stop).await.unwrap();
        }
    });
}

/// Reads the body, parses the envelope, answers in a constant shape: what nobody can do without.
async fn bare(listener: TcpListener) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let connection =
            http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer_bare));
        tokio::spawn(connection);
    }
}

async fn answer_bare(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    #[derive(Deserialize)]
    struct Envelope<'a> {
        jsonrpc: &'a str,
        id: u64,
        method: &'a str,
        #[serde(borrow)]
        params: &'a RawValue,
    }

    let body = request.into_body().collect().await.unwrap().to_bytes();
    let envelope: Envelope<'_> = serde_json::from_slice(&body).unwrap();
    assert!(envelope.jsonrpc == "2.0" && envelope.method == "tools/call");
    assert!(!envelope.params.get().is_empty());
    let answer = format!(
        r#"{{"jsonrpc":"2.0","id":{},"result":{{"content":[{{"type":"text","text":"hello"}}]}}}}"#,
        envelope.id
    );
    let mut response = Response::new(Full::new(Bytes::from(answer)));
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    Ok(response)
}

// ---- the driver

/// A subject as a process, with connections on which it was already asked.
struct Subject {
    process: Child,
    stdin: Option<ChildStdin>,
    connections: Vec<Connection>,
}

struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    answer: &'static str,
    answer_length: usize,
}

impl Subject {
    fn start(kind: &str, tools: usize, mut command: Command, connections: usize) -> Self {
        let mut process = command
            .args(["--serve", kind, "--tools", &tools.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address: SocketAddr = line.trim().parse().expect("the server says its address");
        let stdin = process.stdin.take().unwrap();
        let connections = (0..connections)
            .map(|_| Connection::open(address, kind))
            .collect();
        Self {
            process,
            stdin: Some(stdin),
            connections,
        }
    }

    /// CPU time of the one thread that serves.
    fn cpu(&self) -> Duration {
        let path = format!("/proc/{0}/task/{0}/schedstat", self.process.id());
        let text = fs::read_to_string(path).expect("Linux");
        Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
    }

    /// Drives all connections in step for `window`; gives CPU time per request.
    fn drive(&mut self, window: Duration) -> f64 {
        let (before, start) = (self.cpu(), Instant::now());
        let mut requests = 0_u32;
        while start.elapsed() < window {
            for connection in &mut self.connections {
                connection.stream.write_all(&connection.request).unwrap();
            }
            for connection in &mut self.connections {
                connection.read_answer();
                requests += 1;
            }
        }
        (self.cpu() - before).as_nanos() as f64 / f64::from(requests)
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const CALL: &str = r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hello"}}}"#;
const ANSWER: &str =
    r#"{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"hello"}]}}"#;

const MODERN_CALL: &str = r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hello"},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}"#;
const MODERN_ANSWER: &str = r#"{"jsonrpc":"2.0","id":7,"result":{"resultType":"complete","content":[{"type":"text","text":"hello"}],"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"bench","version":"1.0.0"}}}}"#;

impl Connection {
    fn open(address: SocketAddr, kind: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut this = Self {
            stream,
            request: Vec::new(),
            answer: ANSWER,
            answer_length: 0,
        };
        let mut headers = String::new();
        let mut call = CALL.to_owned();
        let mut answer = ANSWER;
        if kind.ends_with("modern") {
            headers = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\n\
                       Mcp-Name: echo\r\n"
                .to_owned();
            call = MODERN_CALL.to_owned();
        }
        if kind == "modern" {
            answer = MODERN_ANSWER;
        }
        if kind == "session" {
            let initialize = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}"#;
            this.request = post(address, "", initialize);
            let (head, _) = this.first_answer();
            let session = head
                .lines()
                .find_map(|line| line.strip_prefix("mcp-session-id: "));
            headers = format!(
                "Mcp-Session-Id: {}\r\nMCP-Protocol-Version: 2025-11-25\r\n",
                session.expect("a session")
            );
        }
        this.request = post(address, &headers, &call);
        let (head, body) = this.first_answer();
        assert_eq!(body, answer);
        this.answer = answer;
        this.answer_length = head.len() + 4 + body.len();
        this
    }

    fn first_answer(&mut self) -> (String, String) {
        self.stream.write_all(&self.request).unwrap();
        let mut bytes = Vec::new();
        loop {
            let mut buffer = [0; 4096];
            let read = self.stream.read(&mut buffer).unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&bytes));
            bytes.extend_from_slice(buffer.get(..read).unwrap());
            let text = String::from_utf8_lossy(&bytes);
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            if body.len() == length.expect("a length").parse::<usize>().unwrap() {
                assert!(head.starts_with("HTTP/1.1 200"), "{text}");
                return (head.to_owned(), body.to_owned());
            }
        }
    }

    fn read_answer(&mut self) {
        let mut buffer = [0; 2048];
        let buffer = buffer.get_mut(..self.answer_length).unwrap();
        self.stream.read_exact(buffer).unwrap();
        assert!(
            buffer.ends_with(self.answer.as_bytes()),
            "{}",
            String::from_utf8_lossy(buffer)
        );
    }
}

fn post(address: SocketAddr, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "POST /mcp HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

// ---- the comparisons

fn itself() -> Command {
    Command::new(env::current_exe().unwrap())
}

/// CPU time per request: the median of rounds in which every subject had its turn.
fn compare_time(rounds: usize, window: Duration) {
    let mut subjects: Vec<_> = SUBJECTS
        .iter()
        .map(|(_, kind, tools, _)| Subject::start(kind, *tools, itself(), CONNECTIONS))
        .collect();
    for subject in &mut subjects {
        subject.drive(window);
    }
    let mut all = vec![Vec::new(); subjects.len()];
    for _ in 0..rounds {
        for (subject, costs) in subjects.iter_mut().zip(&mut all) {
            costs.push(subject.drive(window));
        }
    }
    println!(
        "{:<20} {:>16} {:>10}",
        "tools/call echo", "CPU per request", "ratio"
    );
    for ((name, _, _, with), costs) in SUBJECTS.iter().zip(&all) {
        let cost = median(costs);
        let bare = median(all.get(*with).unwrap());
        println!("{name:<20} {:>13.2} µs {:>9.2}x", cost / 1e3, cost / bare);
    }
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    *values.get(values.len() / 2).unwrap()
}

/// User-space instructions per request: what N more requests cost, divided by N.
fn compare_instructions() {
    let counts = SUBJECTS.map(|(_, kind, tools, _)| {
        let few = instructions(kind, tools, INSTRUCTION_REQUESTS);
        let many = instructions(kind, tools, 2 * INSTRUCTION_REQUESTS);
        (many - few) / INSTRUCTION_REQUESTS as f64
    });
    println!(
        "{:<20} {:>16} {:>10}",
        "tools/call echo", "instructions", "ratio"
    );
    for ((name, _, _, with), count) in SUBJECTS.iter().zip(counts) {
        let bare = counts.get(*with).unwrap();
        println!("{name:<20} {count:>16.0} {:>9.2}x", count / bare);
    }
}

fn instructions(kind: &str, tools: usize, requests: usize) -> f64 {
    let report = env::temp_dir().join(format!("callgrind.{}.{kind}.{tools}", std::process::id()));
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--quiet", "--dump-instr=no"])
        .arg(format!("--callgrind-out-file={}", report.display()))
        .arg(env::current_exe().unwrap());
    let mut subject = Subject::start(kind, tools, command, 1);
    for _ in 0..requests {
        for connection in &mut subject.connections {
            connection.stream.write_all(&connection.request).unwrap();
            connection.read_answer();
        }
    }
    // The server ends with its standard input, and valgrind then writes its report.
    subject.connections.clear();
    subject.stdin = None;
    subject.process.wait().unwrap();
    let text = fs::read_to_string(&report).expect("valgrind's report");
    let _ = fs::remove_file(&report);
    let total = text.lines().find_map(|line| line.strip_prefix("summary: "));
    let total: Value = serde_json::from_str(total.expect("a total").trim()).unwrap();
    total.as_f64().unwrap()
}
