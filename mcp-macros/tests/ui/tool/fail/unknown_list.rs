use mcp_core::prelude::*;

/// Search
#[mcp_tool(name = "search", roles("books"))]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
