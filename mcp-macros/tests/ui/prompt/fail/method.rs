use mcp_core::prelude::*;

struct Books;

impl Books {
    /// Ask for a review
    #[mcp_prompt]
    async fn review(&self, title: String) -> String {
        format!("Review {title}.")
    }
}

fn main() {
    let _ = Books.review(String::new());
}
