use mcp_core::prelude::*;

struct Books;

#[mcp_complete(Books, id)]
fn ids(typed: &str) -> Vec<String> {
    vec![typed.to_owned()]
}

fn main() {
    let _ = (completions![ids], Books);
}
