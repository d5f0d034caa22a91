use mcp_core::prelude::*;

#[allow(non_camel_case_types)]
struct search;

/// Search
#[mcp_tool(name = "search")]
fn search_books(query: String) -> String {
    query
}

/// Search again
#[mcp_tool(ident = search)]
fn search_again(query: String) -> String {
    query
}

fn main() {
    let _ = (tools![search_books], search);
}
