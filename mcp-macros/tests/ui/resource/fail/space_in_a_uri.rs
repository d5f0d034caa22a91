use mcp_core::prelude::*;

/// How to read
#[mcp_resource("docs://read me")]
fn readme() -> &'static str {
    "Left to right."
}

fn main() {
    let _ = resources![readme];
}
