use mcp_core::prelude::*;

/// Ask for a review
#[mcp_prompt]
fn review() -> String {
    String::new()
}

#[mcp_complete(review, author)]
fn ids(typed: &str) -> Vec<String> {
    vec![typed.to_owned()]
}

fn main() {
    let _ = completions![ids];
}
