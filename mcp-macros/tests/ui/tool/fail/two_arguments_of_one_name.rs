use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(query: String, #[arg(name = "query")] text: String) -> String {
    query + &text
}

fn main() {
    let _ = tools![search];
}
