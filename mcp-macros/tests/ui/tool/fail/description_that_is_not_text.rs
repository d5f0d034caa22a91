use mcp_core::prelude::*;

/// Search
#[mcp_tool(description = 5)]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
