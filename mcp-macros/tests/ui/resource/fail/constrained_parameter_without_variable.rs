use mcp_core::prelude::*;

/// A book
#[mcp_resource("book://{id}")]
fn book(id: u64, #[arg(default = 1)] edition: u32) -> String {
    format!("{id} {edition}")
}

fn main() {
    let _ = resources![book];
}
