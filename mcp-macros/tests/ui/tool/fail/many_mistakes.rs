use mcp_core::prelude::*;

#[mcp_tool(title = Search, read_only = "yes", destructive("no"), name, idempotent = maybe)]
fn search(query: &str, #[arg(max = 1, min = 2)] limit: u32) -> impl ToString {
    format!("{query} {limit}")
}

fn main() {
    let _ = tools![search];
    search("still callable", 1);
}
