//! The contract lock: what clients rely on, written down, and a test that notices when it changes.

mod drift;
mod offer;
mod schema;
#[cfg(test)]
mod tests;

use std::{
    env, fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use serde_json::Value;

use self::drift::Drift;
use crate::Server;

/// The environment variable that has locks written instead of compared.
const BLESS: &str = "MCP_BLESS";

/// Holds what a server offers against the lock at `path`, which is reviewed and kept beside the
/// code.
///
/// Written down are the names, schemas and hints of tools; URIs and MIME types of resources and
/// templates; prompts and their arguments; the scopes that any of them needs. Descriptions and titles are not: wording may improve
/// at any time. A `path` that is not absolute begins at the folder of the crate under test.
///
/// ```no_run
/// use mcp_core::{prelude::*, testing::assert_contract};
///
/// /// Add two numbers
/// #[mcp_tool(read_only)]
/// fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// #[test]
/// fn the_contract_is_kept() {
///     let server = Server::new("calculator", "1.0.0").tools(tools![add]).build().unwrap();
///     assert_contract(&server, "mcp.lock");
/// }
/// ```
///
/// `MCP_BLESS=1 cargo test` writes the lock; what it changes is for a reviewer to read.
///
/// # Panics
/// When the server offers anything else than the lock says, with what breaks clients and what does
/// not, line by line. What does not break them fails, too: if a new tool were let through without
/// being written down, nobody would notice the day it goes away.
///
/// A lock that is not there fails, and the message says how to write it.
#[track_caller]
pub fn assert_contract(server: &Server, path: impl AsRef<Path>) {
    let path = below_the_crate(path.as_ref());
    let shown = path.display();
    let offered = offer::of(server);
    let bless = env::var_os(BLESS).is_some_and(|value| !value.is_empty() && value != "0");
    if bless {
        if let Err(error) = write(&path, &offered) {
            panic!("{shown}: {error}");
        }
        return;
    }
    let locked = match fs::read_to_string(&path) {
        Ok(locked) => locked,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            panic!("{shown} is not there yet: `{BLESS}=1 cargo test` writes it, to be reviewed")
        }
        Err(error) => panic!("{shown}: {error}"),
    };
    let locked: Value = match serde_json::from_str(&locked) {
        Ok(locked) => locked,
        Err(error) => panic!(
            "{shown} is no lock ({error}): mend it, or write it anew by `{BLESS}=1 cargo test`"
        ),
    };
    let drift = Drift::between(&locked, &offered);
    if !drift.is_empty() {
        panic!(
            "the server is not what {shown} says.\n{drift}\nIf that is meant: `{BLESS}=1 cargo \
             test` writes it down, and its diff is for a reviewer."
        );
    }
}

fn below_the_crate(path: &Path) -> PathBuf {
    // Cargo tells which it is, and starts tests there besides.
    let home = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let home = home.or_else(|| env::current_dir().ok());
    home.unwrap_or_default().join(path)
}

fn write(path: &Path, offered: &Value) -> std::io::Result<()> {
    let text = format!("{}\n", serde_json::to_string_pretty(offered)?);
    // Untouched if it is the same, since what is built may depend on it.
    if fs::read_to_string(path).is_ok_and(|locked| locked == text) {
        return Ok(());
    }
    fs::write(path, text)
}
