use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(#[arg(header = "Region")] from: String, #[arg(header = "region")] to: String) -> String {
    from + &to
}

fn main() {
    let _ = tools![search];
}
