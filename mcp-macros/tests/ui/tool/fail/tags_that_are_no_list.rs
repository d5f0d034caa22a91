use mcp_core::prelude::*;

/// Search
#[mcp_tool(tags = ["books"])]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
