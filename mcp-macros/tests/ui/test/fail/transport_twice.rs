use mcp_macros::mcp_test;

struct Client;

#[mcp_test(server(), over(stdio, stdio))]
async fn it_works(_: Client) {}

fn main() {}
