use mcp_core::prelude::*;

/// How to use the library
#[mcp_resource("docs://readme")]
fn readme() -> String {
    String::new()
}

#[mcp_complete(readme, id)]
fn ids(typed: &str) -> Vec<String> {
    vec![typed.to_owned()]
}

fn main() {
    let _ = completions![ids];
}
