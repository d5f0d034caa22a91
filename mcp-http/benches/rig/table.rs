//! How measurements are printed.

use super::{
    instructions, machine,
    row::{Costs, Patience, Row, measure},
    values::median,
};

/// What a table shows.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) title: &'static str,
    /// How many connections ask at once, one section each.
    pub(crate) connections: Vec<usize>,
    pub(crate) patience: Patience,
    /// Requests that are counted under valgrind.
    pub(crate) counted: Option<usize>,
}

/// Measures all rows, and prints one table.
pub(crate) async fn print(plan: &Plan, rows: &[Row]) {
    machine::run_on(machine::Side::Load);
    println!("{}", plan.title);
    println!("{}", machine::description());
    println!("one worker thread; server and load on a core each; every answer checked");
    if cfg!(debug_assertions) {
        println!("NOT OPTIMISED: these numbers say nothing");
    }
    match plan.counted {
        Some(requests) if instructions::can_be_counted() => print_counts(rows, requests).await,
        Some(_) => println!("instructions are not counted: there is no valgrind"),
        None => {}
    }
    for connections in &plan.connections {
        let costs = measure(rows, *connections, plan.patience).await;
        print_costs(plan.patience, rows, *connections, &costs);
    }
}

/// User-space instructions, each row as it is known.
async fn print_counts(rows: &[Row], requests: usize) {
    println!(
        "\n{:<42} {:>12} {:>8} {:>9}",
        "user-space", "instructions", "of bare", "of plain"
    );
    let mut counts = Vec::new();
    for row in rows {
        let count = instructions::per_request(&row.server, &row.asked, requests).await;
        counts.push(count);
        let ratio = |to: usize| counts.get(to).map(|other| count / other);
        println!(
            "{:<42} {count:>12.0} {:>7.2}x {:>9}",
            row.name,
            ratio(row.bare).unwrap_or(f64::NAN),
            percent(row.plain.and_then(ratio))
        );
    }
}

fn print_costs(patience: Patience, rows: &[Row], connections: usize, costs: &Costs) {
    let connected = if connections == 1 {
        "1 connection".to_owned()
    } else {
        format!("{connections} connections")
    };
    println!(
        "\n{connected:<42} {:>12} {:>8} {:>9} {:>12} {:>9} {:>9}",
        "CPU µs", "of bare", "of plain", "requests/s", "p50 µs", "p99 µs"
    );
    for (row, cost) in rows.iter().zip(&costs.rows) {
        let ratio = |to: usize| costs.rows.get(to).map(|other| cost.ratio(other));
        println!(
            "{:<42} {:>12.2} {:>7.2}x {:>9} {:>12.0} {:>9.0} {:>9.0}",
            row.name,
            median(&cost.cpu) / 1e3,
            ratio(row.bare).unwrap_or(f64::NAN),
            percent(row.plain.and_then(ratio)),
            median(&cost.per_second),
            median(&cost.p50) / 1e3,
            median(&cost.p99) / 1e3,
        );
    }
    println!(
        "medians of {} rounds of {:?} in turns; the middle half of them is within {:.0} % in every row, \
         and the machine's own speed, for which CPU time is corrected, within {:.0} %",
        patience.rounds,
        patience.window,
        costs.spread() * 100.0,
        costs.wander * 100.0
    );
}

/// How much more than the whole, where there is a whole.
fn percent(ratio: Option<f64>) -> String {
    ratio.map_or_else(String::new, |ratio| {
        format!("{:+.1} %", (ratio - 1.0) * 100.0)
    })
}
