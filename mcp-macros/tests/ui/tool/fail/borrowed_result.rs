use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(query: String) -> Option<&str> {
    let _ = query;
    None
}

fn main() {
    let _ = tools![search];
}
