use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(query: String) -> String {
    query
}

#[mcp_complete(search, query)]
fn ids(typed: &str) -> Vec<String> {
    vec![typed.to_owned()]
}

fn main() {
    let _ = completions![ids];
}
