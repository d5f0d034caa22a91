use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(#[arg(min)] limit: u32) -> u32 {
    limit
}

fn main() {
    let _ = tools![search];
}
