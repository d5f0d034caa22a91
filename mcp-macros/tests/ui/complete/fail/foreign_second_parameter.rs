use mcp_core::prelude::*;

/// A book
#[mcp_resource("book://{id}")]
fn book(id: u64) -> String {
    id.to_string()
}

struct Shelf;

#[mcp_complete(book, id)]
fn ids(typed: &str, shelf: Shelf) -> Vec<String> {
    let _ = shelf;
    vec![typed.to_owned()]
}

fn main() {
    let _ = completions![ids];
}
