use mcp_core::prelude::*;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Rest {
    page: u32,
}

/// A book
#[mcp_resource("book://{id}")]
fn book(id: u64, Args(rest): Args<Rest>) -> String {
    format!("{id} {}", rest.page)
}

fn main() {
    let _ = resources![book];
}
