use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(query: impl Into<String>) -> String {
    query.into()
}

fn main() {
    let _ = tools![search];
}
