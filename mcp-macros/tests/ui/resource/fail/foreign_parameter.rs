use mcp_core::prelude::*;

struct Id;

/// A book
#[mcp_resource("book://{id}")]
async fn book(id: Id) -> String {
    let _ = id;
    String::new()
}

fn main() {
    let _ = resources![book];
}
