use mcp_core::prelude::*;

/// Measure
#[mcp_tool]
fn größe(of: String) -> usize {
    of.len()
}

fn main() {
    let _ = tools![größe];
}
