use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(
    query: String,
    #[arg(default = "ten")] limit: i32,
    #[arg(default = 1.5)] page: u32,
    #[arg(default = 7)] tone: String,
) -> String {
    format!("{query} {limit} {page} {tone}")
}

fn main() {
    let _ = tools![search];
}
