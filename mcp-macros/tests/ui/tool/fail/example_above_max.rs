use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(#[arg(min = 1, max = 9, example = 10)] query: u32) -> String {
    query.to_string()
}

fn main() {
    let _ = tools![search];
}
