use mcp_macros::mcp_test;

struct Client;

#[mcp_test(server(), over(memory), over(stdio))]
async fn it_works(_: Client) {}

fn main() {}
