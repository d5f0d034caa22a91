//! What a server costs as things grow: tools, sessions, arguments, results.
//!
//! `cargo bench -p mcp-http --bench growth` takes about two minutes; `-- --sessions 1000000` drives so
//! many handshakes, which takes longer. What stays open is measured by `--bench streams`.

#![expect(clippy::print_stdout, clippy::expect_used)]

#[path = "../rig/mod.rs"]
mod rig;
mod servers;
mod sessions;
mod sizes;
mod tools;

use std::{env, time::Duration};

use rig::{machine, process::host, row::Patience};

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    let value = |name: &str| {
        let at = args.iter().position(|arg| arg == name)?;
        args.get(at + 1).cloned()
    };
    if let Some(name) = value("--serve") {
        host(|stop| servers::serve(name, stop));
        return;
    }
    let sessions = value("--sessions").map(|count| count.parse().expect("a number"));
    // `cargo test --benches` only wants to see that it runs.
    let is_bench = args.iter().any(|arg| arg == "--bench");
    measure(is_bench, sessions);
}

#[tokio::main(flavor = "current_thread")]
async fn measure(is_bench: bool, sessions: Option<usize>) {
    machine::run_on(machine::Side::Load);
    println!("{}", machine::description());
    let (rounds, window, most_tools, most_bytes, most_sessions) = if is_bench {
        (7, 200, 10_000, 1 << 20, 100_000)
    } else {
        (1, 10, 10, 100, 100)
    };
    let patience = Patience {
        rounds,
        window: Duration::from_millis(window),
    };
    tools::measure(most_tools, patience, is_bench).await;
    sizes::measure(most_bytes, patience).await;
    sessions::measure(sessions.unwrap_or(most_sessions)).await;
}
