use mcp_core::prelude::*;

/// Search
#[mcp_tool(timeout = "10", max_timeout = "1min")]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
