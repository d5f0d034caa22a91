use mcp_core::prelude::*;

/// Search
#[mcp_tool(title = "Search", read_only, title = "Find")]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
