use mcp_core::prelude::*;

/// Search
#[mcp_tool(rate_limit = "0/min")]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
