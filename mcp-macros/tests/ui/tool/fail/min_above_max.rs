use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(
    #[arg(min_len = 9, max_len = 3)] query: String,
    #[arg(min = 1, max = -1)] limit: i32,
    #[arg(min = "one")] page: u32,
) -> String {
    format!("{query} {limit} {page}")
}

fn main() {
    let _ = tools![search];
}
