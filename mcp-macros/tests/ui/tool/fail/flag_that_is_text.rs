use mcp_core::prelude::*;

/// Search
#[mcp_tool(read_only = "yes")]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
