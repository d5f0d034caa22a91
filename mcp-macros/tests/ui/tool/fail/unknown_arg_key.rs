use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(#[arg(minimum = 1)] limit: u32, #[arg] page: u32, #[arg(default)] sort: u32) -> u32 {
    limit + page + sort
}

fn main() {
    let _ = tools![search];
}
