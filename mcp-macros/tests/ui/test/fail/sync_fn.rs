use mcp_macros::mcp_test;

struct Client;

#[mcp_test(server())]
fn it_works(_: Client) {}

fn main() {}
