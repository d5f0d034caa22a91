use mcp_core::prelude::*;

/// A book
#[mcp_resource("book://{id}")]
fn book(id: u64) -> String {
    id.to_string()
}

#[mcp_complete(book, id)]
fn ids(typed: &str) -> Vec<u64> {
    typed.parse().into_iter().collect()
}

fn main() {
    let _ = completions![ids];
}
