/// Search the catalogue.
///
/// Returns at most `limit` hits.
#[mcp_tool(
    name = "catalogue.search",
    title = "Search catalogue",
    icon = "https://example.com/s.png",
    read_only,
    open_world = false,
    scopes("books:read", "books:list"),
    rate_limit = "30/min",
    timeout = "10s",
    concurrency = 4,
    tags("catalogue"),
    strict
)]
#[tracing::instrument]
pub(crate) async fn search(
    /// Text to look for
    #[arg(min_len = 1, max_len = 200, pattern = "^[a-z ]+$", example = "rust")]
    query: String,
    /// Maximum number of hits
    #[arg(default = 10, min = 1, max = LIMIT)]
    limit: u32,
    #[arg(default = "friendly", name = "tone-of-voice")] tone: String,
    State(db): State<Db>,
) -> Result<Hits, AppError> {
    db.search(query, limit, tone).await
}
