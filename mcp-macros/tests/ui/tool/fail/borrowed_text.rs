use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(query: &str) -> String {
    query.to_owned()
}

fn main() {
    let _ = tools![search];
}
