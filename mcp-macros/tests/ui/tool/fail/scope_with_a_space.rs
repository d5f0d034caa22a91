use mcp_core::prelude::*;

/// Search
#[mcp_tool(scopes("books:read books:write"))]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
