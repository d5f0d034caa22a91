use mcp_core::prelude::*;

/// Search
#[mcp_tool(timeout = 10)]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
