use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search() -> ! {
    loop {}
}

fn main() {
    let _ = tools![search];
}
