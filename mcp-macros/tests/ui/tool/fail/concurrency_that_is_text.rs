use mcp_core::prelude::*;

/// Search
#[mcp_tool(concurrency = "4")]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
