use mcp_macros::mcp_test;

#[mcp_test(server())]
async fn it_works() {}

fn main() {}
