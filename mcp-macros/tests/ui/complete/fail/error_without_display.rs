use mcp_core::prelude::*;

/// A book
#[mcp_resource("book://{id}")]
fn book(id: u64) -> String {
    id.to_string()
}

struct Lost;

#[mcp_complete(book, id)]
fn ids(typed: &str) -> Result<Vec<String>, Lost> {
    if typed.is_empty() { Err(Lost) } else { Ok(Vec::new()) }
}

fn main() {
    let _ = completions![ids];
}
