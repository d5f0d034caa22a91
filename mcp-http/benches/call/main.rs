//! What one `tools/call` costs, beside a bare hyper server that parses the same envelope.
//!
//! `cargo bench -p mcp-http --features jwt --bench call` prints one table, in about three minutes:
//! user-space instructions (where there is valgrind), then server CPU time, requests a second and
//! latencies at 1, 16 and 64 connections. `-- --quick` measures times on 16 connections only,
//! `-- --instructions` counts only, `-- --budget` fails if a plain call takes more of them than it may.
//!
//! How it is measured, and what it said: `docs/PERFORMANCE.md`.

#![expect(clippy::print_stdout, clippy::expect_used)]

mod budget;
#[path = "../rig/mod.rs"]
mod rig;
mod rows;
mod servers;
#[cfg(feature = "jwt")]
mod tokens;

use std::{env, process::ExitCode, time::Duration};

use rig::{
    process::host,
    row::Patience,
    table::{self, Plan},
};

#[tokio::main(flavor = "current_thread")]
async fn measure(args: &[String]) -> ExitCode {
    let has = |name: &str| args.iter().any(|arg| arg == name);
    if has("--budget") {
        let kept = budget::is_kept().await;
        return ExitCode::from(u8::from(!kept));
    }
    let plan = if !has("--bench") {
        // `cargo test --benches` only wants to see that it runs.
        plan(&[2], 1, 20, None)
    } else if has("--instructions") {
        plan(&[], 0, 0, Some(2_000))
    } else if has("--quick") {
        plan(&[16], 7, 200, None)
    } else {
        plan(&[1, 16, 64], 9, 250, Some(1_000))
    };
    table::print(&plan, &rows::all()).await;
    ExitCode::SUCCESS
}

fn plan(connections: &[usize], rounds: usize, window: u64, counted: Option<usize>) -> Plan {
    Plan {
        title: "tools/call of a one-string `echo`, 10 tools",
        connections: connections.to_vec(),
        patience: Patience {
            rounds,
            window: Duration::from_millis(window),
        },
        counted,
    }
}

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    match args.iter().position(|arg| arg == "--serve") {
        Some(at) => {
            let name = args.get(at + 1).expect("a name").clone();
            host(|stop| servers::serve(name, stop));
            ExitCode::SUCCESS
        }
        None => measure(&args),
    }
}
