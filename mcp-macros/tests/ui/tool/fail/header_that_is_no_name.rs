use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(#[arg(header = "My Region")] region: String) -> String {
    region
}

fn main() {
    let _ = tools![search];
}
