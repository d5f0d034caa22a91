use mcp_core::prelude::*;

struct Hits;

/// Search
#[mcp_tool]
async fn search(query: String) -> Hits {
    let _ = query;
    Hits
}

fn main() {
    let _ = tools![search];
}
