use mcp_core::prelude::*;

/// Search
#[mcp_tool(icon = "search.png")]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
