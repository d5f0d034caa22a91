use mcp_core::prelude::*;

struct Hits;

/// Search
#[mcp_tool]
async fn search(query: String) -> Hits {
    let _ = query;
    Hits
}

/// Search again
#[mcp_tool]
fn search_again(query: String) -> Result<Hits, ToolError> {
    let _ = query;
    Ok(Hits)
}

fn main() {
    let _ = tools![search, search_again];
}
