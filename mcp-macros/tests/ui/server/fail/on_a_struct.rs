use mcp_core::prelude::*;

#[mcp_server]
struct Notes {
    notes: Vec<String>,
}

fn main() {
    let _ = Notes { notes: Vec::new() }.notes;
}
