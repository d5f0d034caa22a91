use mcp_core::prelude::*;

///
#[mcp_tool(description = " ")]
fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
