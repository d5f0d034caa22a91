use mcp_core::prelude::*;

/// A book
#[mcp_resource("book://{id}")]
fn book(id: u64) -> String {
    id.to_string()
}

struct Books;

impl Books {
    #[mcp_complete(book, id)]
    fn ids(&self, typed: &str) -> Vec<String> {
        vec![typed.to_owned()]
    }
}

fn main() {
    let _ = Books.ids("");
}
