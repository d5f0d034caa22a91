use std::borrow::Cow;

use mcp_core::prelude::*;

/// Search
#[mcp_tool]
fn search(query: &str, author: Option<&str>, tags: &[String]) -> String {
    format!("{query} {author:?} {tags:?}")
}

/// Look something up
#[mcp_tool]
fn look_up(word: Cow<'_, str>, db: &State<u8>) -> String {
    format!("{word} {db:?}")
}

fn main() {
    let _ = tools![search, look_up];
}
