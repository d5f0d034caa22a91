use mcp_core::prelude::*;

/// Find
#[mcp_tool(name = "search")]
fn find(query: String) -> String {
    query
}

/// Search
#[mcp_tool]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search, find];
}
