use mcp_core::prelude::*;

#[derive(Debug)]
struct Broken;

/// Search
#[mcp_tool]
async fn search(query: String) -> Result<String, Broken> {
    let _ = query;
    Err(Broken)
}

fn main() {
    let _ = tools![search];
}
