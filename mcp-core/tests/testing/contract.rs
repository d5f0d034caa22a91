//! The contract lock: what is written, what fails, and how it says so.

use std::{
    env, fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    process::Command,
};

use mcp_core::{
    Prompt, Server, ServerBuilder, prelude::*, testing::assert_contract,
    types::prompt::PromptArgument,
};

/// Where the test that writes a lock is told to.
const LOCK: &str = "LOCK_OF_THIS_TEST";

mod before {
    use mcp_core::prelude::*;

    /// Add two numbers
    #[mcp_tool(read_only)]
    pub(super) fn add(a: i64, b: i64) -> i64 {
        a + b
    }

    /// Greet
    #[mcp_prompt]
    pub(super) fn greet(name: Option<String>) -> String {
        format!("Hello, {}!", name.unwrap_or_default())
    }
}

mod now {
    use mcp_core::prelude::*;

    /// Add three numbers, in other words
    #[mcp_tool]
    pub(super) fn add(
        /// The first
        a: i64,
        b: u8,
        c: i64,
    ) -> i64 {
        a + i64::from(b) + c
    }

    /// Subtract
    #[mcp_tool]
    pub(super) fn sub(a: i64, b: i64) -> i64 {
        a - b
    }

    /// Greet
    #[mcp_prompt]
    pub(super) fn greet(name: String) -> String {
        format!("Hello, {name}!")
    }
}

fn server() -> ServerBuilder {
    Server::new("contract", "1")
        .tools(tools![before::add])
        .prompts(prompts![before::greet])
}

/// A lock that is written by a process of its own, since one variable of the environment asks
/// for it.
fn locked(name: &str) -> PathBuf {
    let path = missing(name);
    let output = Command::new(env::current_exe().expect("this program"))
        .args(["--ignored", "--exact", "contract::writes_a_lock"])
        .env("MCP_BLESS", "1")
        .env(LOCK, &path)
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{output:?}");
    path
}

fn missing(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.lock"));
    let _ = fs::remove_file(&path);
    path
}

#[test]
#[ignore = "run by the others, to write a lock"]
fn writes_a_lock() {
    let path = env::var_os(LOCK).expect("a path");
    assert_contract(&server().build().expect("a server"), path);
}

/// What it fails with.
fn failure(server: ServerBuilder, path: PathBuf) -> String {
    let server = server.build().expect("a server");
    let failed = catch_unwind(AssertUnwindSafe(|| assert_contract(&server, path)));
    let text = failed.expect_err("it should fail").downcast::<String>();
    *text.expect("text")
}

#[test]
fn what_is_kept_passes() {
    let path = locked("kept");
    assert_contract(&server().build().expect("a server"), &path);
}

#[test]
fn the_lock_is_text_that_is_read_line_by_line() {
    let text = fs::read_to_string(locked("text")).expect("a lock");
    let expected = r#"{
  "tools": {
    "add": {
      "annotations": {
        "readOnlyHint": true
      },
      "inputSchema": {
        "additionalProperties": false,
        "properties": {
          "a": {
            "type": "integer"
          },
          "b": {
            "type": "integer"
          }
        },
        "required": [
          "a",
          "b"
        ],
        "type": "object"
      }
    }
  },
  "resources": {},
  "resourceTemplates": {},
  "prompts": {
    "greet": {
      "arguments": {
        "name": "optional"
      }
    }
  }
}
"#;
    assert_eq!(text, expected);
}

#[test]
fn drift_is_told_line_by_line_and_by_whom_it_breaks() {
    let path = locked("drift");
    let now = Server::new("contract", "1")
        .tools(tools![now::add, now::sub])
        .prompts(prompts![now::greet]);
    let why = failure(now, path);
    let (_, lines) = why.split_once("This breaks clients:\n").expect(&why);
    let (breaks, rest) = lines.split_once("\n\nThis does not:\n").expect(&why);
    assert_eq!(
        breaks.lines().collect::<Vec<_>>(),
        [
            "- tool `add`: it no longer promises `readOnlyHint: true`",
            "- tool `add`: argument `b` has a `maximum` of 255",
            "- tool `add`: argument `b` has a `minimum` of 0",
            "- tool `add`: argument `c` is new and required",
            "- prompt `greet`: argument `name` is required now",
        ]
    );
    let (harmless, remedy) = rest.split_once("\n\n").expect(&why);
    assert_eq!(harmless, "- tool `sub` is new");
    assert!(remedy.contains("`MCP_BLESS=1 cargo test`"), "{why}");
}

#[test]
fn what_breaks_nobody_fails_too() {
    let path = locked("harmless");
    let why = failure(server().tools(tools![now::sub]), path);
    assert!(
        why.contains("tool `sub` is new") && !why.contains("breaks"),
        "{why}"
    );
}

#[test]
fn a_scope_that_is_needed_now_breaks() {
    let path = locked("scope");
    let greet = Prompt::builder("greet")
        .description("Greet")
        .argument(PromptArgument::new("name"))
        .scopes(["people:greet"])
        .handler(|_, _| async { Ok("Hello!") });
    let now = Server::new("contract", "1")
        .tools(tools![before::add])
        .prompts([greet]);
    let why = failure(now, path);
    let needs = "- prompt `greet`: callers need the scope \"people:greet\"";
    assert!(why.lines().any(|line| line == needs), "{why}");
}

#[test]
fn a_lock_that_is_not_there_says_how_to_write_it() {
    let why = failure(server(), missing("missing"));
    assert!(why.contains("missing.lock is not there yet"), "{why}");
    assert!(why.contains("MCP_BLESS=1 cargo test"), "{why}");
}

#[test]
fn a_lock_that_is_none_says_how_to_mend_it() {
    let path = missing("none");
    fs::write(&path, "<<<<<<< HEAD\n{}\n").expect("a file");
    let why = failure(server(), path);
    assert!(
        why.contains("is no lock") && why.contains("MCP_BLESS=1"),
        "{why}"
    );
}

#[test]
fn a_path_begins_at_the_crate_under_test() {
    let why = failure(server(), "no/such.lock".into());
    assert!(why.starts_with(env!("CARGO_MANIFEST_DIR")), "{why}");
}
