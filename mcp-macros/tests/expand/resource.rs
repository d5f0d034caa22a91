/// One book
#[mcp_resource("book://{id}{?edition}", mime = "application/json", ttl = "60s", cache = "private")]
async fn book(id: u64, edition: Option<u32>, db: State<Db>) -> Result<Json<Book>, ResourceError> {
    db.book(id, edition).await
}
