use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(#[arg(min_len = 1.5)] query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
