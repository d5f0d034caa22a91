use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search<const N: usize>(query: [String; N]) -> String {
    query.concat()
}

fn main() {
    let _ = tools![search];
}
