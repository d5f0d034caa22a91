use mcp_core::prelude::*;

#[mcp_complete(book, id)]
fn ids(typed: &str) -> Vec<String> {
    vec![typed.to_owned()]
}

fn main() {
    let _ = completions![ids];
}
