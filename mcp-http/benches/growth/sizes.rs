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
    println!(
        "\n{:<42} {:>10} {:>10} {:>9} {:>12} {:>14}",
        "longer texts, 2025-11-25, 16 connections",
        "CPU µs",
        "bare µs",
        "of bare",
        "ns per byte",
        "serde_json ns"
    );
    let sizes = [100, 1 << 10, 10 << 10, 100 << 10, 1 << 20];
    for size in sizes.into_iter().filter(|size| *size <= most) {
        let text = prose(size);
        let argument = format!(r#""text":"{text}""#);
        let takes = |speech| Asked::call(speech, "take", &argument, &size.to_string());
        compare("argument", "take", size, takes, reads(size), patience).await;
        let argument = format!(r#""bytes":{size}"#);
        let gives = |speech| Asked::call(speech, "give", &argument, &text);
        compare("result", "give", size, gives, writes(size), patience).await;
    }
}

/// Ours beside bare, and beside what serde_json alone takes.
async fn compare(
    what: &str,
    bare: &str,
    size: usize,
    asked: impl Fn(Speech) -> Asked,
    alone: f64,
    patience: Patience,
) {
    let row = |server: &str, speech| Row {
        name: server.to_owned(),
        server: server.to_owned(),
        asked: asked(speech),
        bare: 0,
        plain: None,
    };
    let rows = [row(bare, Speech::Plain), row("texts", Speech::Session)];
    let costs = measure_rows(&rows, CONNECTIONS, patience).await;
    let [bare, ours] = costs.rows.as_slice() else {
        return;
    };
    let cpu = median(&ours.cpu);
    println!(
        "{:<42} {:>10.1} {:>10.1} {:>8.2}x {:>12.2} {:>14.2}",
        format!("{what} of {size} bytes"),
        cpu / 1e3,
        median(&bare.cpu) / 1e3,
        ours.ratio(bare),
        cpu / size as f64,
        alone / size as f64,
    );
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
