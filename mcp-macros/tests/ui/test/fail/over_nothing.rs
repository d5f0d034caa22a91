use mcp_macros::mcp_test;

struct Client;

#[mcp_test(server(), over())]
async fn it_works(_: Client) {}

fn main() {}
