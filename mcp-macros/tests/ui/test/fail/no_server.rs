use mcp_macros::mcp_test;

struct Client;

#[mcp_test]
async fn it_works(_: Client) {}

fn main() {}
