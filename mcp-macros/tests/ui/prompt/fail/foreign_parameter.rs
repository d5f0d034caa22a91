use mcp_core::prelude::*;

struct Title;

/// Ask for a review
#[mcp_prompt]
fn review(title: Title, other: Title) -> String {
    let _ = (title, other);
    String::new()
}

fn main() {
    let _ = prompts![review];
}
