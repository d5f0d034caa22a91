use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(#[arg(default = "", min_len = 1)] tone: String) -> String {
    tone
}

fn main() {
    let _ = tools![search];
}
