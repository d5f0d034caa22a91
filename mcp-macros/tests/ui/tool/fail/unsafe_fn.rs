use mcp_core::prelude::*;

/// Search
#[mcp_tool]
unsafe fn search() -> u32 {
    1
}

fn main() {
    let _ = tools![search];
}
