use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(#[arg(pattern = "^[a-z]+$", example = "Emma")] query: String) -> String {
    query.to_string()
}

fn main() {
    let _ = tools![search];
}
