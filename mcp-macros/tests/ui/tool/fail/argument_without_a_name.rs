use mcp_core::prelude::*;

/// Add two numbers
#[mcp_tool]
fn add(#[arg(min = 1)] (a, b): (i64, i64)) -> i64 {
    a + b
}

fn main() {
    let _ = tools![add];
}
