use mcp_core::prelude::*;

/// Ask for a review
#[mcp_prompt(read_only)]
fn review(title: String) -> String {
    format!("Review {title}.")
}

fn main() {
    let _ = prompts![review];
}
