use mcp_core::prelude::*;

/// Keep a value
#[mcp_tool]
fn serde_json(value: serde_json::Value) {
    drop(value);
}

fn main() {
    let _ = tools![serde_json];
}
