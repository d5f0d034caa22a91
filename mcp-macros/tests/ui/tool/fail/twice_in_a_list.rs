use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search, search];
}
