use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(#[arg(min = 1, max = -1)] limit: i32) -> i32 {
    limit
}

fn main() {
    let _ = tools![search];
}
