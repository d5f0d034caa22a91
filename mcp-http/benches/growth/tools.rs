//! More tools: a call costs the same, and a list is a copy of bytes that are ready.

use std::{env, fs};

use super::rig::{
    connection::Connection,
    instructions::{can_be_counted, per_request},
    message::{Asked, Speech},
    process::Process,
    row::{Patience, Row, measure as measure_rows},
    values::median,
};

const CONNECTIONS: usize = 16;
const COUNTED: usize = 200;

/// From ten tools on, ten times as many each time.
pub(crate) async fn measure(most: usize, patience: Patience, counts: bool) {
    println!(
        "\n{:<42} {:>10} {:>12} {:>10} {:>14}",
        "more tools, 2025-11-25, 16 connections", "CPU µs", "of bare", "bytes", "instructions"
    );
    let counts = counts && can_be_counted();
    let mut tools = 10;
    while tools <= most {
        compare(tools, patience, counts).await;
        tools *= 10;
    }
}

/// So many tools, beside a server that has the same list ready.
async fn compare(tools: usize, patience: Patience, counts: bool) {
    let ours = format!("tools {tools}");
    let list = list(&ours).await;
    let file = env::temp_dir().join(format!("list.{}", std::process::id()));
    fs::write(&file, &list).expect("a file");
    let row = |name: &str, server: &str, asked| Row {
        name: format!("{tools} tools, {name}"),
        server: server.to_owned(),
        asked,
        bare: 0,
        plain: None,
    };
    let ready = format!("ready {}", file.display());
    let rows = [
        row(
            "bare: the same list, ready",
            &ready,
            Asked::list(Speech::Plain),
        ),
        row("tools/list", &ours, Asked::list(Speech::Session)),
        row("tools/call", &ours, Asked::hello(Speech::Session, "echo")),
    ];
    let costs = measure_rows(&rows, CONNECTIONS, patience).await;
    for (row, cost) in rows.iter().zip(&costs.rows) {
        let instructions = if counts {
            per_request(&row.server, &row.asked, COUNTED).await
        } else {
            f64::NAN
        };
        let bare = costs.rows.first();
        let bare = bare.filter(|_| row.asked.method == "tools/list");
        println!(
            "{:<42} {:>10.1} {:>12} {:>10} {instructions:>14.0}",
            row.name,
            median(&cost.cpu) / 1e3,
            bare.map_or_else(String::new, |bare| format!("{:.2}x", cost.ratio(bare))),
            bare.map_or_else(String::new, |_| list.len().to_string()),
        );
    }
    let _ = fs::remove_file(file);
}

/// What this server answers to `tools/list`.
async fn list(server: &str) -> String {
    let process = Process::start(server);
    let asked = Asked::list(Speech::Session);
    let connection = Connection::open(process.address(), &asked).await;
    connection.body().to_owned()
}
