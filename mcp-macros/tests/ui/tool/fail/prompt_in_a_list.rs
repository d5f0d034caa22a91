use mcp_core::prelude::*;

/// Ask for a review
#[mcp_prompt]
fn review(title: String) -> String {
    title
}

/// Search
#[mcp_tool]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search, review];
}
