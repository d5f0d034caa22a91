/// Say when
#[mcp_tool]
fn now() {
    println!("now");
}
