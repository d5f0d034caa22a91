use mcp_core::prelude::*;

/// Search
#[mcp_tool(blocking)]
async fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
