use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(query: String) -> Option<impl ToString> {
    Some(query)
}

fn main() {
    let _ = tools![search];
}
