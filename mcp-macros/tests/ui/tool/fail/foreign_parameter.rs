use mcp_core::prelude::*;

struct Query;

/// Search
#[mcp_tool]
async fn search(query: Query, limit: u32) -> String {
    let _ = query;
    limit.to_string()
}

fn main() {
    let _ = tools![search];
}
