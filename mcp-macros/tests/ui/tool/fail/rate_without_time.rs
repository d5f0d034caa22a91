use mcp_core::prelude::*;

/// Search
#[mcp_tool(rate_limit = "30")]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
