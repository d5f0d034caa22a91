use mcp_core::prelude::*;

/// Search
#[mcp_tool(
    name = "search_search_search_search_search_search_search_search_search_search_search_search_search_search_search_search_search_search_search_"
)]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
