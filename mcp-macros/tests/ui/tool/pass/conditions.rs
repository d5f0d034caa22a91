//! What is there under a condition is listed under it.
use mcp_core::prelude::*;

/// Delete everything
#[cfg(any())]
#[mcp_tool]
fn wipe() {}

/// Count
#[cfg(all())]
#[mcp_tool]
fn count() -> usize {
    1
}

/// Never there
#[cfg(any())]
#[mcp_resource("docs://secret")]
fn secret() -> &'static str {
    ""
}

/// How to read
#[mcp_resource("docs://{page}")]
fn page(page: String) -> String {
    page
}

/// Ask for nothing
#[cfg(any())]
#[mcp_prompt]
fn nothing() -> String {
    String::new()
}

#[cfg(any())]
#[mcp_complete(page, page)]
fn pages(typed: &str) -> Vec<String> {
    vec![typed.to_owned()]
}

fn main() {
    let tools = tools![
        #[cfg(any())]
        wipe,
        #[cfg(all())]
        count,
        #[cfg(not(all()))]
        wipe,
    ];
    assert_eq!(tools.len(), 1);
    let resources = resources![#[cfg(any())] secret, page];
    assert_eq!(resources.len(), 1);
    assert!(prompts![#[cfg(any())] nothing].is_empty());
    assert!(completions![#[cfg(any())] pages].is_empty());
}
