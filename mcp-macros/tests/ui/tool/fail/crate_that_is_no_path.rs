use mcp_core::prelude::*;

/// Search
#[mcp_tool(crate = "not a path")]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
