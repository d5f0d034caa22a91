use mcp_core::prelude::*;

/// Search
#[mcp_tool(name = "")]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
