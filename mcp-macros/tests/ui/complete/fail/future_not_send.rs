use mcp_core::prelude::*;

/// A book
#[mcp_resource("book://{id}")]
fn book(id: u64) -> String {
    id.to_string()
}

#[mcp_complete(book, id)]
async fn ids(typed: &str) -> Vec<String> {
    let shared = std::rc::Rc::new(typed.to_owned());
    std::future::ready(()).await;
    vec![shared.to_string()]
}

fn main() {
    let _ = completions![ids];
}
