use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(#[arg(min = "one")] page: u32) -> u32 {
    page
}

fn main() {
    let _ = tools![search];
}
