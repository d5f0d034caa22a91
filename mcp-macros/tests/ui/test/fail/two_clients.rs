use mcp_macros::mcp_test;

struct Client;

#[mcp_test(server())]
async fn it_works(_: Client, _: Client) {}

fn main() {}
