use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(db: &State<Vec<String>>) -> String {
    db.concat()
}

fn main() {
    let _ = tools![search];
}
