//! One row of a table: a server, what it is asked, and what that costs.

use std::time::Duration;

use super::{
    load::Load,
    machine,
    message::Asked,
    process::Process,
    values::{median, quantile, spread},
};

/// What is measured.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    /// What `--serve` calls the server.
    pub(crate) server: String,
    pub(crate) asked: Asked,
    /// The row that shows what nobody can do without.
    pub(crate) bare: usize,
    /// The row without what this one has more.
    pub(crate) plain: Option<usize>,
}

/// How long it is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    pub(crate) rounds: usize,
    pub(crate) window: Duration,
}

/// What one row came to, round by round.
#[derive(Default)]
pub(crate) struct Cost {
    /// CPU time for each request in nanoseconds, corrected by the speed of the machine at the time.
    pub(crate) cpu: Vec<f64>,
    pub(crate) per_second: Vec<f64>,
    pub(crate) p50: Vec<f64>,
    pub(crate) p99: Vec<f64>,
}

/// What all rows came to.
pub(crate) struct Costs {
    pub(crate) rows: Vec<Cost>,
    /// How the machine's speed went up and down, as a part of its median.
    pub(crate) wander: f64,
}

impl Cost {
    /// How often this costs what the other does, round by round: what slows the machine for a while
    /// slows both.
    pub(crate) fn ratio(&self, other: &Self) -> f64 {
        let ratios = self.cpu.iter().zip(&other.cpu).map(|(a, b)| a / b);
        median(&ratios.collect::<Vec<_>>())
    }
}

impl Costs {
    /// How far the middle half of the rounds is apart, in the row where that is worst.
    pub(crate) fn spread(&self) -> f64 {
        let spreads = self.rows.iter().map(|cost| spread(&cost.cpu));
        spreads.fold(0.0, f64::max)
    }
}

/// CPU time and latencies of all rows, in rounds in which each has its turn.
pub(crate) async fn measure(rows: &[Row], connections: usize, patience: Patience) -> Costs {
    let mut subjects = Vec::new();
    for row in rows {
        let process = Process::start(&row.server);
        let mut load = Load::open(process.address(), &row.asked, connections).await;
        // Caches, and pages that are touched for the first time.
        load.drive(patience.window).await;
        subjects.push((process, load, Cost::default()));
    }
    let mut speeds = Vec::new();
    for _ in 0..patience.rounds {
        for (process, load, cost) in &mut subjects {
            let (speed, cpu, driven) = turn(process, load, patience.window).await;
            let requests = driven.latencies.len() as f64;
            speeds.push(speed);
            cost.cpu.push(cpu.as_nanos() as f64 / requests / speed);
            cost.per_second.push(requests / driven.took.as_secs_f64());
            cost.p50.push(quantile(&driven.latencies, 0.5));
            cost.p99.push(quantile(&driven.latencies, 0.99));
        }
    }
    // So far costs are in spins; one spin takes as long as it mostly did.
    let usual = median(&speeds);
    for (_, _, cost) in &mut subjects {
        cost.cpu.iter_mut().for_each(|cpu| *cpu *= usual);
    }
    Costs {
        rows: subjects.into_iter().map(|(_, _, cost)| cost).collect(),
        wander: spread(&speeds),
    }
}

/// Drives one server for a while; tells how fast its core was, and what it spent.
async fn turn(
    process: &Process,
    load: &mut Load,
    window: Duration,
) -> (f64, Duration, super::load::Driven) {
    let spin = || {
        machine::run_on(machine::Side::Server);
        let spin = machine::spin();
        machine::run_on(machine::Side::Load);
        spin.as_nanos() as f64
    };
    let (first, before) = (spin(), process.cpu());
    let driven = load.drive(window).await;
    let cpu = process.cpu() - before;
    (f64::midpoint(first, spin()), cpu, driven)
}
