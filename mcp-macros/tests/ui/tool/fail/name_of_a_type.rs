use mcp_core::prelude::*;

#[allow(non_camel_case_types)]
struct search {
    query: String,
}

/// Search
#[mcp_tool]
fn search(query: String) -> String {
    let search = search { query };
    search.query
}

fn main() {
    let _ = tools![search];
}
