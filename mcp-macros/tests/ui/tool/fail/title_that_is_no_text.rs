use mcp_core::prelude::*;

/// Search
#[mcp_tool(title = 3)]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
