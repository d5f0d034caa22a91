/// Hash a file
#[mcp_tool(blocking, requires_auth)]
fn hash(path: String) -> Result<String, io::Error> {
    Ok(digest(&fs::read(path)?))
}
