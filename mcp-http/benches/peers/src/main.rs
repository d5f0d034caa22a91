//! What one `tools/call` costs elsewhere: the same load, on the same hyper.
//!
//! `cargo run --release` in this folder; `-- --quick` measures times on 16 connections only.

#[path = "../../rig/mod.rs"]
mod rig;
mod rmcp;

use std::{env, time::Duration};

use mcp_http::HttpServer;
use rig::{
    bare::{self, Answer},
    message::{Asked, Speech},
    ours,
    process::host,
    row::{Patience, Row},
    table::{self, Plan},
};
use rmcp::Mode;
use tokio::sync::oneshot;

async fn serve(name: String, stop: oneshot::Receiver<()>) {
    match name.as_str() {
        "bare" => bare::serve(Answer::Hello, stop).await,
        "ours" => ours::serve(HttpServer::new(ours::server(10)), stop).await,
        "rmcp" => rmcp::serve(Mode::Stateless, stop).await,
        "rmcp with sessions" => rmcp::serve(Mode::Sessions, stop).await,
        unknown => panic!("no server is called `{unknown}`"),
    }
}

/// Bare hyper first in each era, then ours, then the others.
fn rows() -> Vec<Row> {
    let all = [
        ("2025-11-25, bare hyper", "bare", Speech::Plain, 0, None),
        (
            "2025-11-25, ours, sessions",
            "ours",
            Speech::Session,
            0,
            None,
        ),
        (
            "2025-11-25, rmcp, no sessions",
            "rmcp",
            Speech::Plain,
            0,
            Some(1),
        ),
        (
            "2025-11-25, rmcp, sessions",
            "rmcp with sessions",
            Speech::Session,
            0,
            Some(1),
        ),
        ("2026-07-28, bare hyper", "bare", Speech::Modern, 4, None),
        ("2026-07-28, ours", "ours", Speech::Modern, 4, None),
        ("2026-07-28, rmcp", "rmcp", Speech::Modern, 4, Some(5)),
    ];
    let row = |(name, server, speech, bare, ours): (&str, &str, _, _, _)| Row {
        name: name.to_owned(),
        server: server.to_owned(),
        asked: Asked::hello(speech, "echo"),
        bare,
        plain: ours,
    };
    all.into_iter().map(row).collect()
}

#[tokio::main(flavor = "current_thread")]
async fn measure(is_quick: bool) {
    let (connections, rounds, counted) = if is_quick {
        (vec![16], 7, None)
    } else {
        (vec![1, 16, 64], 9, Some(1_000))
    };
    let plan = Plan {
        title: "tools/call of a one-string `echo`; `plain` is ours",
        connections,
        patience: Patience {
            rounds,
            window: Duration::from_millis(250),
        },
        counted,
    };
    table::print(&plan, &rows()).await;
}

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    match args.iter().position(|arg| arg == "--serve") {
        Some(at) => {
            let name = args.get(at + 1).expect("a name").clone();
            host(|stop| serve(name, stop));
        }
        None => measure(args.iter().any(|arg| arg == "--quick")),
    }
}
