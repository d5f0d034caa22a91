//! Nothing that is emitted depends on what names mean where it lands.
#![allow(dead_code, non_camel_case_types, non_upper_case_globals, unused_macros)]

mod hostile {
    use ::mcp_core::{mcp_complete, mcp_prompt, mcp_resource, mcp_server, mcp_tool};

    pub struct String;
    pub struct Result;
    pub struct Option;
    pub struct Vec;
    pub struct Box;
    pub struct Reply;
    pub struct Tool;
    pub struct Arc;
    pub struct Offer;
    pub struct Cache;
    pub struct Reference;
    pub enum Some {}
    pub enum None {}
    pub enum Ok {}
    pub enum Err {}
    pub trait Into {}
    pub trait From {}
    pub trait Default {}
    pub trait Fn {}
    pub trait Send {}
    pub trait Sync {}
    pub trait Clone {}
    pub trait Infallible {}
    pub trait Service {}
    pub trait Completed {}
    pub trait Typed {}
    pub trait Methods: ::core::marker::Sized {
        fn split(self) {}
        fn take(self) {}
        fn finish(self) {}
        fn title(self) {}
        fn description(self) {}
        fn declared(self) {}
        fn invoke(self) {}
        fn clone(self) {}
        fn into(self) {}
        fn tools(self) {}
    }
    impl<T> Methods for T {}
    pub mod std {}
    pub mod core {}
    pub mod mcp_core {}
    pub mod mcp {}
    pub type u32 = i8;
    pub type u64 = i8;
    pub type usize = i8;
    pub type bool = i8;
    pub type str = i8;
    pub const declared: i8 = 0;
    pub const arguments: i8 = 0;
    pub const returned: i8 = 0;
    pub static answer: i8 = 0;
    pub static me: i8 = 0;
    pub static request: i8 = 0;
    pub static a0: i8 = 0;
    pub static p0: i8 = 0;
    macro_rules! concat {
        ($($tokens:tt)*) => {
            compile_error!("not ours")
        };
    }
    macro_rules! assert {
        ($($tokens:tt)*) => {
            compile_error!("not ours")
        };
    }

    /// A tool
    #[mcp_tool(
        title = "A",
        icon = "https://example.com",
        read_only,
        scopes("a"),
        tags("a"),
        rate_limit = "1/s",
        timeout = "1s",
        concurrency = 1,
        strict
    )]
    pub async fn a_tool(
        /// What
        #[arg(default = "x", min_len = 1, max_len = 9, pattern = "^x", example = "xx")]
        text: ::std::string::String,
        #[arg(default = declared, min = -1, max = 1)] number: i8,
        other: ::core::option::Option<::std::vec::Vec<i64>>,
    ) -> ::core::result::Result<::std::string::String, ::mcp_core::ToolError> {
        ::core::result::Result::Ok(::std::format!("{text} {number} {other:?}"))
    }

    /// A resource
    #[mcp_resource("a://{id}{?page}", mime = "text/plain", ttl = "1s", cache = "public")]
    pub fn a_resource(id: i64, page: ::core::option::Option<i64>) -> ::std::string::String {
        ::std::format!("{id} {page:?}")
    }

    /// A prompt
    #[mcp_prompt]
    pub fn a_prompt(#[arg(default = 3)] count: i64) -> ::std::string::String {
        ::std::format!("{count}")
    }

    /// A blocking tool
    #[mcp_tool(blocking)]
    pub fn a_blocking_tool(number: i64) -> i64 {
        number
    }

    #[mcp_complete(a_resource, page)]
    pub async fn a_completion(
        typed: &::core::primitive::str,
        id: ::core::option::Option<i64>,
    ) -> ::std::vec::Vec<::std::string::String> {
        ::std::vec![::std::format!("{typed} {id:?}")]
    }

    pub struct Block<T>(pub T);

    #[mcp_server(instructions = "x")]
    impl<T: ::core::marker::Copy> Block<T> {
        /// A tool
        #[mcp_tool]
        fn a_tool(&self) -> i64 {
            1
        }

        /// A blocking tool
        #[mcp_tool(blocking)]
        fn a_blocking_tool(&self) -> i64 {
            1
        }

        /// A resource
        #[mcp_resource("b://{id}", ttl = "1s")]
        async fn a_resource(self: ::std::sync::Arc<Self>, id: i64) -> ::std::string::String {
            ::std::format!("{id}")
        }

        /// A prompt
        #[mcp_prompt]
        fn a_prompt(count: i64) -> ::std::string::String {
            ::std::format!("{count}")
        }

        #[mcp_complete(a_resource, id)]
        fn a_completion(&self, typed: ::std::string::String) -> ::std::vec::Vec<::std::string::String> {
            ::std::vec![typed]
        }
    }
}

fn main() {
    use mcp_core::{completions, prompts, resources, tools};

    let server = mcp_core::Server::new("hostile", "1")
        .tools(tools![hostile::a_tool, hostile::a_blocking_tool])
        .resources(resources![hostile::a_resource])
        .prompts(prompts![hostile::a_prompt])
        .completions(completions![hostile::a_completion])
        .mount("block", hostile::Block(1));
    let built = server.build();
    assert!(built.is_ok(), "{built:?}");
}
