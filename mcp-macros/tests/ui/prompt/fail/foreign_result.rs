use mcp_core::prelude::*;

/// Ask for a review
#[mcp_prompt]
fn review(title: String) -> u32 {
    title.len() as u32
}

fn main() {
    let _ = prompts![review];
}
