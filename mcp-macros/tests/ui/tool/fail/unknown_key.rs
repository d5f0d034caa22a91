use mcp_core::prelude::*;

/// Search
#[mcp_tool(name = "search", time_limit = "10s")]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
