#[mcp_complete(book, id)]
pub async fn book_ids(typed: &str, edition: Option<u32>, db: State<Db>) -> Vec<String> {
    db.ids(typed, edition).await
}
