//! More tools: a call costs the same, and a list is a copy of bytes that are ready.

use std::{env, fs};

use super::rig::{
    connection::Connection,
    instructions,
    message::{Asked, Speech},
    process::Process,
    row::{Patience, Row, count, measure as measure_rows},
    values::median,
};

const CONNECTIONS: usize = 16;
const COUNTED: usize = 200;

/// From ten tools on, by tens.
pub(crate) async fn measure(most: usize, patience: Patience, counts: bool) {
    let numbers: Vec<usize> = (1..)
        .map(|power| 10_usize.pow(power))
        .take_while(|number| *number <= most)
        .collect();
    let mut rows = Vec::new();
    let mut files = Vec::new();
    let mut bytes = Vec::new();
    for tools in numbers {
        let ours = format!("tools {tools}");
        let list = list(&ours).await;
        let file = env::temp_dir().join(format!("list.{}.{tools}", std::process::id()));
        fs::write(&file, &list).expect("a file");
        let at = rows.len();
        let row = |name: &str, server: &str, asked| Row {
            name: format!("{tools} tools, {name}"),
            server: server.to_owned(),
            asked,
            bare: at,
            plain: None,
        };
        let ready = format!("ready {}", file.display());
        rows.push(row(
            "bare: the same list, ready",
            &ready,
            Asked::list(Speech::Plain),
        ));
        rows.push(row("tools/list", &ours, Asked::list(Speech::Session)));
        rows.push(row(
            "tools/call",
            &ours,
            Asked::hello(Speech::Session, "echo"),
        ));
        bytes.extend([Some(list.len()), Some(list.len()), None]);
        files.push(file);
    }
    let counts = if counts && instructions::can_be_counted() {
        count(&rows, COUNTED).await
    } else {
        vec![f64::NAN; rows.len()]
    };
    let costs = measure_rows(&rows, CONNECTIONS, patience).await;
    println!(
        "\n{:<42} {:>10} {:>14} {:>10} {:>14}",
        "more tools, 2025-11-25, 16 connections", "CPU µs", "beside bare", "bytes", "instructions"
    );
    for (((row, cost), counted), bytes) in rows.iter().zip(&costs.rows).zip(counts).zip(bytes) {
        let bare = costs.rows.get(row.bare).filter(|_| bytes.is_some());
        println!(
            "{:<42} {:>10.1} {:>14} {:>10} {counted:>14.0}",
            row.name,
            median(&cost.cpu) / 1e3,
            bare.map_or_else(String::new, |bare| format!("{:.2}x", cost.ratio(bare))),
            bytes.map_or_else(String::new, |bytes| bytes.to_string()),
        );
    }
    for file in files {
        let _ = fs::remove_file(file);
    }
}

/// What this server answers to `tools/list`.
async fn list(server: &str) -> String {
    let process = Process::start(server);
    let asked = Asked::list(Speech::Session);
    let connection = Connection::open(process.address(), &asked).await;
    connection.body().to_owned()
}
