use mcp_macros::mcp_test;

struct Client;

#[mcp_test(server(), over(memory, tcp))]
async fn it_works(_: Client) {}

fn main() {}
