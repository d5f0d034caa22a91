//! How long a server takes from its start to its first answer, and what it holds then.
//!
//! `cargo bench -p mcp-http --bench start` starts a server of 100 tools again and again.

#![expect(clippy::print_stdout, clippy::expect_used)]

#[path = "rig/mod.rs"]
mod rig;

use std::{env, time::Instant};

use mcp_http::HttpServer;
use rig::{
    connection::Connection,
    machine,
    message::{Asked, Speech},
    ours,
    process::{Process, host},
    values::{median, quantile},
};

const TOOLS: usize = 100;
const STARTS: usize = 51;
/// What is promised.
const IN_TIME: f64 = 20.0;
const MOST_MIB: f64 = 8.0;

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    if args.iter().any(|arg| arg == "--serve") {
        host(|stop| ours::serve(HttpServer::new(ours::server(TOOLS)), stop));
        return;
    }
    // `cargo test --benches` only wants to see that it runs.
    let is_bench = args.iter().any(|arg| arg == "--bench");
    measure(if is_bench { STARTS } else { 1 });
}

#[tokio::main(flavor = "current_thread")]
async fn measure(starts: usize) {
    machine::run_on(machine::Side::Load);
    println!("{}", machine::description());
    let (mut times, mut sizes) = (Vec::new(), Vec::new());
    for _ in 0..starts {
        let start = Instant::now();
        let process = Process::start("ours");
        let asked = Asked::hello(Speech::Modern, "echo");
        let _connection = Connection::open(process.address(), &asked).await;
        times.push(start.elapsed().as_secs_f64() * 1e3);
        sizes.push(process.resident() / 1024.0);
    }
    let (time, size) = (median(&times), median(&sizes));
    println!("{TOOLS} tools, {starts} starts");
    println!(
        "  to the first answer  {time:>6.1} ms    (nine of ten in {:.1} ms; promised: {IN_TIME} ms at most)",
        quantile(&times, 0.9)
    );
    println!("  resident memory      {size:>6.1} MiB   (promised: {MOST_MIB} MiB at most)");
    assert!(time <= IN_TIME || cfg!(debug_assertions), "{time} ms");
    assert!(size <= MOST_MIB || cfg!(debug_assertions), "{size} MiB");
}
