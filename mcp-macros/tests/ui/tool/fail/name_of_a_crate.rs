use mcp_core::prelude::*;

/// Quote a text
#[mcp_tool]
fn serde_json(text: String) -> Result<String, ToolError> {
    Ok(serde_json::to_string(&text)?)
}

fn main() {
    let _ = tools![serde_json];
}
