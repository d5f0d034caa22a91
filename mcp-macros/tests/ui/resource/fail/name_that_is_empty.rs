use mcp_core::prelude::*;

/// A book
#[mcp_resource("book://{id}", name = "")]
fn book(id: u64) -> String {
    id.to_string()
}

fn main() {
    let _ = resources![book];
}
