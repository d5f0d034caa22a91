use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(query: String, #[cfg(unix)] limit: u32) -> String {
    format!("{query} {limit}")
}

fn main() {
    let _ = tools![search];
}
