use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(#[arg(pattern = "[a-z")] query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
