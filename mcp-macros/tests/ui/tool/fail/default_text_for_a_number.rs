use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(#[arg(default = "ten")] limit: i32) -> i32 {
    limit
}

fn main() {
    let _ = tools![search];
}
