use mcp_core::prelude::*;

#[mcp_server]
fn notes() -> impl Iterator<Item = u32> {
    std::iter::empty()
}

fn main() {
    let _ = notes();
}
