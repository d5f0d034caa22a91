use mcp_core::prelude::*;

struct Broken;

/// A book
#[mcp_resource("book://{id}")]
async fn book(id: u64) -> Result<Option<String>, Broken> {
    let _ = id;
    Err(Broken)
}

fn main() {
    let _ = resources![book];
}
