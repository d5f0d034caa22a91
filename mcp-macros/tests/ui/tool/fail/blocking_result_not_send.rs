use std::rc::Rc;

use mcp_core::prelude::*;

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Hits {
    count: u32,
    #[serde(skip)]
    query: Rc<String>,
}

/// Search
#[mcp_tool(blocking)]
fn search(query: String) -> Hits {
    let query = Rc::new(query);
    Hits { count: 0, query }
}

fn main() {
    let _ = tools![search];
}
