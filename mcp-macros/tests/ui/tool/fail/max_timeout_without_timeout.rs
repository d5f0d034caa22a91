use mcp_core::prelude::*;

/// Search
#[mcp_tool(max_timeout = "5min")]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
