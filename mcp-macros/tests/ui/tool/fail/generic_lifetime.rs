use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search<'a>(query: std::borrow::Cow<'a, str>) -> String {
    query.into_owned()
}

fn main() {
    let _ = tools![search];
}
