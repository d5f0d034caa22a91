use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(#[arg(min_len = 1)] #[arg(max_len = 9)] query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
