use mcp_core::prelude::*;

struct Lost;

/// Ask for a review
#[mcp_prompt]
fn review(title: String) -> Result<String, Lost> {
    if title.is_empty() { Err(Lost) } else { Ok(title) }
}

fn main() {
    let _ = prompts![review];
}
