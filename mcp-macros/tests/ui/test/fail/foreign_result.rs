use mcp::testing::Client;
use mcp_macros::mcp_test;

mod mcp {
    pub mod testing {
        pub struct Client;
    }
}

#[mcp_test(server(), crate = "crate::mcp")]
async fn it_works(_: Client) -> u32 {
    1
}

fn main() {}
