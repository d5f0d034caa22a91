use mcp_core::prelude::*;

/// Search
#[mcp_tool(name = "search books")]
fn search(query: String) -> String {
    query
}

/// Measure
#[mcp_tool]
fn größe(of: String) -> usize {
    of.len()
}

/// Nothing
#[mcp_tool(name = "")]
fn nothing() {}

fn main() {
    let _ = tools![search, größe, nothing];
}
