use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(
    #[arg(min = 1)]
    #[arg(max = 2)]
    limit: u32,
) -> u32 {
    limit
}

fn main() {
    let _ = tools![search];
}
