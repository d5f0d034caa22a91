use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search<'a, T: ToString, const N: usize>(query: T, tags: [&'a str; N]) -> String {
    format!("{} {tags:?}", query.to_string())
}

fn main() {
    let _ = tools![search];
}
