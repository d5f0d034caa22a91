//! Longer arguments and results: what a byte costs, beside serde_json alone.

use std::hint::black_box;

use serde::Deserialize;

use super::rig::{
    machine::thread_time,
    message::{Asked, Speech, prose},
    row::{Patience, Row, measure as measure_rows},
    values::median,
};

const CONNECTIONS: usize = 16;

/// Texts from 100 bytes on.
pub(crate) async fn measure(most: usize, patience: Patience) {
    let sizes = [100, 1 << 10, 10 << 10, 100 << 10, 1 << 20];
    let sizes: Vec<usize> = sizes.into_iter().filter(|size| *size <= most).collect();
    let mut rows = Vec::new();
    for size in &sizes {
        let text = prose(*size);
        let takes = |speech| {
            Asked::call(
                speech,
                "take",
                &format!(r#""text":"{text}""#),
                &size.to_string(),
            )
        };
        let gives = |speech| Asked::call(speech, "give", &format!(r#""bytes":{size}"#), &text);
        for (server, bare, asked) in [
            ("take", 0, takes(Speech::Plain)),
            ("texts", 0, takes(Speech::Session)),
            ("give", 0, gives(Speech::Plain)),
            ("texts", 0, gives(Speech::Session)),
        ] {
            rows.push(Row {
                name: String::new(),
                server: server.to_owned(),
                asked,
                bare,
                plain: None,
            });
        }
    }
    let costs = measure_rows(&rows, CONNECTIONS, patience).await;
    println!(
        "\n{:<42} {:>10} {:>10} {:>9} {:>12} {:>14}",
        "longer texts, 2025-11-25, 16 connections",
        "CPU µs",
        "bare µs",
        "of bare",
        "ns per byte",
        "serde_json ns"
    );
    for (size, costs) in sizes.iter().zip(costs.rows.chunks(4)) {
        let [bare_takes, takes, bare_gives, gives] = costs else {
            continue;
        };
        for (what, ours, bare, alone) in [
            ("argument", takes, bare_takes, reads(*size)),
            ("result", gives, bare_gives, writes(*size)),
        ] {
            let cpu = median(&ours.cpu);
            println!(
                "{:<42} {:>10.1} {:>10.1} {:>8.2}x {:>12.2} {:>14.2}",
                format!("{what} of {size} bytes"),
                cpu / 1e3,
                median(&bare.cpu) / 1e3,
                ours.ratio(bare),
                cpu / *size as f64,
                alone / *size as f64,
            );
        }
    }
}

/// What it takes serde_json to read such an argument, in nanoseconds.
fn reads(size: usize) -> f64 {
    #[derive(Deserialize)]
    struct Arguments {
        text: String,
    }

    let json = format!(r#"{{"text":"{}"}}"#, prose(size));
    time(size, || {
        let arguments: Arguments = serde_json::from_str(black_box(&json)).expect("a text");
        arguments.text.len()
    })
}

/// What it takes serde_json to write such a result.
fn writes(size: usize) -> f64 {
    let text = prose(size);
    time(size, || {
        serde_json::to_vec(black_box(&text)).expect("memory").len()
    })
}

fn time(size: usize, work: impl Fn() -> usize) -> f64 {
    let times = (10 << 20) / (size + 1_000);
    let rounds = (0..7).map(|_| {
        let start = thread_time();
        for _ in 0..times {
            black_box(work());
        }
        (thread_time() - start).as_nanos() as f64 / times as f64
    });
    median(&rounds.collect::<Vec<_>>())
}
