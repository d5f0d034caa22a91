use mcp_core::prelude::*;

#[mcp_prompt]
fn review(title: String) -> String {
    format!("Review {title}.")
}

fn main() {
    let _ = prompts![review];
}
