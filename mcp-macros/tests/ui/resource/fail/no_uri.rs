use mcp_core::prelude::*;

/// A book
#[mcp_resource]
fn book() -> String {
    String::new()
}

/// Another book
#[mcp_resource(mime = "text/plain")]
fn another() -> String {
    String::new()
}

fn main() {
    let _ = resources![book, another];
}
