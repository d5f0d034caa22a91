use mcp_core::prelude::*;

/// A book
#[mcp_resource("book://{id}")]
fn book(id: u64) -> String {
    id.to_string()
}

#[mcp_complete(book, id)]
fn ids(known: State<Vec<String>>, typed: &str) -> Vec<String> {
    known.iter().filter(|id| id.starts_with(typed)).cloned().collect()
}

fn main() {
    let _ = completions![ids];
}
