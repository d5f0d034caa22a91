use mcp_macros::mcp_test;

#[mcp_test(server())]
struct NotATest;

fn main() {}
