//! What a default says is looked up where it is written, whatever the names inside the emitted code.
use mcp_core::prelude::*;

const __DECLARED: u32 = 1;

fn output() -> u32 {
    2
}

fn arguments() -> u32 {
    3
}

/// Add up
#[mcp_tool]
fn add(
    #[arg(default = __DECLARED)] a: u32,
    #[arg(default = output())] b: u32,
    #[arg(default = self::arguments())] c: u32,
) -> u32 {
    a + b + c
}

fn main() {
    let schema = tools![add][0].definition().input_schema.to_value();
    let default = |name: &str| schema["properties"][name]["default"].clone();
    assert_eq!([default("a"), default("b"), default("c")], [1, 2, 3]);
}
