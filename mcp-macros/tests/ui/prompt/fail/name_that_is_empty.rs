use mcp_core::prelude::*;

/// Ask for a review
#[mcp_prompt(name = "")]
fn review(title: String) -> String {
    title
}

fn main() {
    let _ = prompts![review];
}
