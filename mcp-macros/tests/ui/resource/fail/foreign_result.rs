use mcp_core::prelude::*;

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Book {
    id: u64,
}

/// A book
#[mcp_resource("book://{id}")]
async fn book(id: u64) -> Result<Book, ResourceError> {
    Ok(Book { id })
}

fn main() {
    let _ = resources![book];
}
