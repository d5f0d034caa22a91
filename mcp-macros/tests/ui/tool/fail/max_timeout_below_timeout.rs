use mcp_core::prelude::*;

/// Search
#[mcp_tool(timeout = "10s", max_timeout = "9s")]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
