use mcp_core::prelude::*;

/// One
#[mcp_tool]
const fn one() -> u32 {
    1
}

/// Two
#[mcp_tool]
unsafe fn two() -> u32 {
    2
}

/// Three
#[mcp_tool]
extern "C" fn three() -> u32 {
    3
}

fn main() {
    let _ = tools![one, two, three];
}
