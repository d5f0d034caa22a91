use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(#[serde(default)] limit: u32, #[schemars(range(min = 1))] page: u32) -> u32 {
    limit + page
}

fn main() {
    let _ = tools![search];
}
