use mcp_core::prelude::*;

/// A book
#[mcp_resource("book://{id}")]
fn book(id: u64) -> String {
    id.to_string()
}

#[mcp_complete(book, id)]
fn ids(#[arg(min_len = 1)] typed: &str) -> Vec<String> {
    vec![typed.to_owned()]
}

fn main() {
    let _ = completions![ids];
}
