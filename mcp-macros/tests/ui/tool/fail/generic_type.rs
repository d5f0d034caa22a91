use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search<T: ToString>(query: T) -> String {
    query.to_string()
}

fn main() {
    let _ = tools![search];
}
