use mcp_core::prelude::*;

fn search(query: String) -> String {
    query
}

fn main() {
    let _ = tools![search];
}
