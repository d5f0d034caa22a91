use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(#[arg(min = LEAST)] page: u32) -> u32 {
    page
}

const LEAST: &str = "one";

fn main() {
    let _ = tools![search];
}
