use mcp_core::prelude::*;

/// Search
#[mcp_tool(ident = "find")]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
