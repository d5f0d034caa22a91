use mcp_core::prelude::*;

struct Hits;

type Found<T> = Result<T, ToolError>;

/// Search
#[mcp_tool]
fn search(query: String) -> Found<Hits> {
    let _ = query;
    Ok(Hits)
}

fn main() {
    let _ = tools![search];
}
