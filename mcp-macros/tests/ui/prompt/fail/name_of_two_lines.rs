use mcp_core::prelude::*;

/// Ask for a review
#[mcp_prompt(name = "review\na book")]
fn review(title: String) -> String {
    title
}

fn main() {
    let _ = prompts![review];
}
