use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(#[arg(default = 2.5, max = 1.5)] weight: f64) -> f64 {
    weight
}

fn main() {
    let _ = tools![search];
}
