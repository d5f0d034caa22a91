use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(query: impl Into<String>) -> Option<impl ToString> {
    Some(query.into())
}

fn main() {
    let _ = tools![search];
}
