use mcp_macros::mcp_test;

struct Client;

#[mcp_test(server(), crate = "mcp core")]
async fn it_works(_: Client) {}

fn main() {}
