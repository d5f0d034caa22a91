use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(query: Option<&str>) -> bool {
    query.is_some()
}

fn main() {
    let _ = tools![search];
}
