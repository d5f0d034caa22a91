use mcp_core::prelude::*;

/// A
#[mcp_resource("book://{id")]
fn a(id: u64) -> String {
    id.to_string()
}

/// B
#[mcp_resource("{id}")]
fn b(id: u64) -> String {
    id.to_string()
}

/// C
#[mcp_resource("book://{#id}")]
fn c(id: u64) -> String {
    id.to_string()
}

/// D
#[mcp_resource("book://{}")]
fn d() -> String {
    String::new()
}

/// E
#[mcp_resource("book://{id}/{id}")]
fn e(id: u64) -> String {
    id.to_string()
}

fn main() {
    let _ = resources![a, b, c, d, e];
}
