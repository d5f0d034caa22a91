use mcp_core::prelude::*;

/// A book
#[mcp_resource("book://{id}}")]
fn book(id: u64) -> String {
    id.to_string()
}

fn main() {
    let _ = resources![book];
}
