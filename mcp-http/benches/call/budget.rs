//! What a plain call may cost. Instructions are the same every time, so more of them are a change of ours.

use super::{
    rig::{instructions, machine},
    rows,
};

/// By what rows are called: 5 % more than it was when somebody last looked, for other compilers and processors.
const BUDGETS: [(&str, f64); 2] = [
    ("2025-11-25, ours", 27_200.0),
    ("2026-07-28, ours", 31_000.0),
];

/// Whether they are kept.
pub(crate) async fn is_kept() -> bool {
    if !instructions::can_be_counted() {
        println!("SKIPPED: instructions are not counted, since there is no valgrind");
        return true;
    }
    machine::run_on(machine::Side::Load);
    let mut kept = true;
    for row in rows::all() {
        let Some((_, budget)) = BUDGETS.iter().find(|(name, _)| *name == row.name) else {
            continue;
        };
        let count = instructions::per_request(&row.server, &row.asked, 1_000).await;
        let verdict = if count > *budget { "OVER" } else { "within" };
        println!(
            "{}: {count:.0} instructions, {verdict} its budget of {budget:.0}",
            row.name
        );
        kept &= count <= *budget;
    }
    kept
}
