use mcp_core::prelude::*;

/// Delete a book
#[mcp_tool(read_only, destructive)]
fn delete(id: u64) {
    let _ = id;
}

fn main() {
    let _ = tools![delete];
}
