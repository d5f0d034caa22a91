use mcp_core::prelude::*;

/// One book
#[mcp_resource("book://{id}", size = 1024)]
fn book(id: u64) -> String {
    id.to_string()
}

fn main() {
    let _ = resources![book];
}
