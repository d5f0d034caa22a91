use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(tags: &[String]) -> String {
    tags.concat()
}

fn main() {
    let _ = tools![search];
}
