#[mcp_tool(titel = "Add")]
pub fn add(#[arg(min = 1)] a: i64, b: &i64) -> i64 {
    a + b
}
