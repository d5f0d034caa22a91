//! Servers over standard input and output, as the processes that a client starts.

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

/// The conformance server.
fn everything() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_everything"));
    command.arg("--stdio");
    command
}

/// Runs it with this input, to the end.
fn run(command: &mut Command, messages: &[Value]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut input = child.stdin.take().expect("a pipe");
    for message in messages {
        writeln!(input, "{message}").expect("it reads");
    }
    drop(input);
    child.wait_with_output().expect("it ends")
}

/// What it wrote, which must be messages and nothing else.
fn messages(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{output:?}");
    let text = str::from_utf8(&output.stdout).expect("UTF-8");
    assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
    let messages = text.lines().map(|line| {
        let message: Value = serde_json::from_str(line).expect(line);
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
        message
    });
    messages.collect()
}

#[test]
fn a_tool_that_prints_leaves_nothing_but_messages_on_stdout() {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let output = run(
        &mut everything(),
        &[
            json!({
                "jsonrpc": "2.0", "id": "old", "method": "initialize",
                "params": {
                    "protocolVersion": "2025-11-25", "capabilities": {},
                    "clientInfo": { "name": "it", "version": "1" },
                },
            }),
            json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
            json!({
                "jsonrpc": "2.0", "id": 1, "method": "tools/call",
                "params": { "name": "prints" },
            }),
            json!({
                "jsonrpc": "2.0", "id": 2, "method": "tools/call",
                "params": { "name": "prints", "_meta": meta },
            }),
        ],
    );
    let messages = messages(&output);
    for id in [json!("old"), json!(1), json!(2)] {
        let mut answers = messages.iter().filter(|it| it["id"] == id);
        let answer = answers.next().expect("an answer");
        assert!(answer["result"].is_object(), "{answer}");
        assert_eq!(answers.next(), None);
    }
    assert_eq!(messages.len(), 3, "{messages:?}");
    // What was printed is not lost: it is where the client's user looks for it.
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(told.matches("printed by a tool").count(), 2, "{told}");
}

/// Programs that tools start read none of the client's messages, and none that is left behind keeps the
/// client waiting for the end.
#[test]
#[cfg(target_os = "linux")]
fn what_the_process_starts_has_no_part_in_the_streams_of_the_client() {
    use std::{
        fs,
        io::Read as _,
        os::fd::{AsRawFd as _, RawFd},
    };

    let mut child = everything()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut input = child.stdin.take().expect("a pipe");
    let mut output = child.stdout.take().expect("a pipe");
    writeln!(input, "no message, which is answered").expect("it reads");
    output.read_exact(&mut [0; 1]).expect("it answers");

    let pipe = |end: RawFd| fs::read_link(format!("/proc/self/fd/{end}")).expect("a pipe");
    let pipes = [pipe(input.as_raw_fd()), pipe(output.as_raw_fd())];
    let process = format!("/proc/{}", child.id());
    let streams = fs::read_dir(format!("{process}/fd")).expect("a process");
    let mut own = 0;
    for stream in streams.flatten() {
        if pipes.contains(&fs::read_link(stream.path()).expect("a stream")) {
            let number = stream.file_name().into_string().expect("a number");
            let about = fs::read_to_string(format!("{process}/fdinfo/{number}"));
            let about = about.expect("a stream");
            let flags = about.lines().find_map(|line| line.strip_prefix("flags:"));
            let flags = flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok());
            // `O_CLOEXEC`
            assert_ne!(flags.expect("flags") & 0o2_000_000, 0, "{number}: {about}");
            own += 1;
        }
    }
    assert_eq!(own, 2);
    drop(input);
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn a_process_without_input_ends_well_and_says_nothing() {
    assert_eq!(messages(&run(&mut everything(), &[])), Vec::<Value>::new());
}

#[test]
fn the_smallest_server_greets_whoever_starts_it() {
    let mut stdio = Command::new(env!("CARGO_BIN_EXE_stdio"));
    let call = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {
            "name": "hello", "arguments": { "name": "Ada" },
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        },
    });
    let messages = messages(&run(&mut stdio, &[call]));
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert_eq!(messages[0]["result"]["content"][0]["text"], "Hello, Ada!");
}

#[test]
fn a_client_that_takes_nothing_any_more_ends_the_process() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_everything"))
        .arg("--stdio")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut input = child.stdin.take().expect("a pipe");
    drop(child.stdout.take());
    writeln!(input, "no message, which is answered").expect("it reads");
    // The input is open until the process has ended.
    let status = child.wait().expect("it ends");
    assert!(!status.success(), "{status}");
    drop(input);
}
