use mcp_core::prelude::*;

struct Title;

/// Ask for a review
#[mcp_prompt]
fn review(title: Title) -> String {
    let _ = title;
    String::new()
}

fn main() {
    let _ = prompts![review];
}
