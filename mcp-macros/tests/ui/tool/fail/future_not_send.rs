use std::rc::Rc;

use mcp_core::prelude::*;

/// Search
#[mcp_tool]
async fn search(query: String) -> String {
    let shared = Rc::new(query);
    std::future::ready(()).await;
    shared.to_string()
}

fn main() {
    let _ = tools![search];
}
