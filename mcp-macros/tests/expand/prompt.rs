/// Ask for a review
#[mcp_prompt(title = "Review", ident = review_prompt, crate = "sdk::mcp_core")]
pub fn review(/** Book title */ title: String, #[arg(default = Tone::Kind)] tone: Tone) -> String {
    format!("Review {title}, {tone}.")
}
