//! A crate with the strictest lints sees nothing of what is emitted.
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    missing_copy_implementations
)]
#![deny(
    unreachable_pub,
    unnameable_types,
    unused_qualifications,
    unused_lifetimes
)]
#![deny(
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unused_import_braces
)]
#![deny(
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    let_underscore_drop
)]
#![deny(
    variant_size_differences,
    redundant_lifetimes,
    unit_bindings,
    meta_variable_misuse
)]
#![deny(
    nonstandard_style,
    future_incompatible,
    rust_2018_idioms,
    unsafe_code,
    unused
)]

use mcp_core::prelude::*;

/// Tools that everybody may call.
pub mod public {
    use mcp_core::prelude::*;

    /// Add two numbers
    #[mcp_tool(read_only, idempotent, open_world = false)]
    pub fn add(
        /// One
        a: i64,
        /// Another
        #[arg(default = 1, min = 0)]
        b: i64,
    ) -> i64 {
        a + b
    }

    /// Nothing at all
    #[mcp_tool]
    pub async fn nothing() {}

    #[deprecated]
    #[doc(hidden)]
    /// Old
    #[mcp_tool]
    pub fn old(text: String) -> Result<String, ToolError> {
        Ok(text)
    }

    /// A library.
    #[derive(Clone, Copy, Debug)]
    pub struct Library<T> {
        of: T,
    }

    #[mcp_server(instructions = "Ask for books.")]
    impl<T: Copy + Into<u64>> Library<T> {
        /// Founds one.
        pub const fn of(of: T) -> Self {
            Self { of }
        }

        /// How many books there are
        #[mcp_tool(read_only)]
        pub fn count(&self) -> u64 {
            self.of.into()
        }

        /// One of them
        #[mcp_resource("book://{id}", ttl = "60s")]
        pub async fn book(&self, id: u64) -> Option<String> {
            (id < self.count()).then(|| id.to_string())
        }

        #[mcp_complete(book, id)]
        fn ids(&self, typed: &str) -> Vec<String> {
            vec![typed.to_owned()]
        }
    }
}

mod private {
    use mcp_core::prelude::*;

    /// A book
    #[mcp_resource("book://{id}")]
    pub(crate) async fn book(id: u64) -> Result<Option<String>, ResourceError> {
        Ok(Some(id.to_string()))
    }

    /// Ask for a review
    #[mcp_prompt]
    pub(super) fn review(title: String) -> String {
        title
    }

    #[mcp_complete(review, title)]
    pub(super) async fn titles(typed: &str, _known: State<Vec<String>>) -> Vec<String> {
        vec![typed.to_owned()]
    }

    pub(crate) struct Shelf;

    #[mcp_server]
    impl Shelf {
        /// Sort it
        #[mcp_tool(blocking, timeout = "1min", concurrency = 1)]
        fn sort(&self) {}

        #[deprecated]
        /// Ask for more
        #[mcp_prompt]
        async fn more() -> String {
            String::new()
        }
    }
}

/// In the root
#[mcp_tool]
fn root(State(names): State<Vec<String>>) -> String {
    names.concat()
}

fn main() {
    let tools = tools![public::add, public::nothing, public::old, root];
    assert_eq!(tools.len(), 4);
    let server = Server::new("strict", "1")
        .state(vec![String::new()])
        .tools(tools)
        .resources(resources![private::book])
        .prompts(prompts![private::review])
        .completions(completions![private::titles])
        .mount("library", public::Library::of(7_u32))
        .service(private::Shelf)
        .build();
    assert!(server.is_ok(), "{server:?}");
}
