/// Keeps notes.
#[mcp_server(instructions = "Manage notes")]
impl<D: Db> Notes<D> {
    const MOST: usize = 200;

    /// Add a note
    #[mcp_tool(destructive = false)]
    pub async fn add(&self, #[arg(max_len = Self::MOST)] text: String, who: Identity) -> Result<NoteRef, Error> {
        self.db.add(who, text).await
    }

    /// Count all notes
    #[mcp_tool(blocking)]
    fn count(self: Arc<Self>) -> usize {
        self.db.count()
    }

    /// One note
    #[mcp_resource("note://{id}", ttl = "60s", cache = "public")]
    fn note(&self, id: u64) -> Option<String> {
        self.db.note(id)
    }

    #[mcp_complete(note, id)]
    fn ids(&self, typed: &str) -> Vec<String> {
        self.db.ids(typed)
    }

    fn helper(&self) {
        self.db.tidy();
    }
}
