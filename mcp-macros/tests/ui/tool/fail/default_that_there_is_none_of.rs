use mcp_core::prelude::*;

#[derive(serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
enum Sort {
    Date,
    Title,
}

/// Search
#[mcp_tool]
fn search(#[arg(default)] sort: Sort) -> String {
    match sort {
        Sort::Date => "date".to_owned(),
        Sort::Title => "title".to_owned(),
    }
}

fn main() {
    let _ = tools![search];
}
