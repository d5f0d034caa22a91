use mcp_core::prelude::*;

/// A book
#[mcp_resource("book://{id}")]
fn book(id: u64, edition: Option<u32>) -> String {
    format!("{id} {edition:?}")
}

fn main() {
    let _ = resources![book];
}
