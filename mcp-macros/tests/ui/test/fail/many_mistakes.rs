use mcp_macros::mcp_test;

#[mcp_test(server(), over(tcp))]
fn it_works<T>() {}

fn main() {}
