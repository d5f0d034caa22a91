//! Nothing that is emitted depends on what names mean where it lands.
#![allow(dead_code, non_camel_case_types, non_upper_case_globals, unused_macros)]

mod hostile {
    use ::mcp_core::{mcp_prompt, mcp_resource, mcp_tool};

    pub struct String;
    pub struct Result;
    pub struct Option;
    pub struct Vec;
    pub struct Box;
    pub struct Reply;
    pub struct Tool;
    pub enum Some {}
    pub enum None {}
    pub enum Ok {}
    pub enum Err {}
    pub trait Into {}
    pub trait From {}
    pub trait Default {}
    pub trait Fn {}
    pub trait Send {}
    pub trait Infallible {}
    pub mod std {}
    pub mod core {}
    pub mod mcp_core {}
    pub mod mcp {}
    pub type u32 = i8;
    pub type bool = i8;
    pub type str = i8;
    pub const declared: i8 = 0;
    pub const arguments: i8 = 0;
    pub const returned: i8 = 0;
    pub static answer: i8 = 0;
    pub static a0: i8 = 0;
    pub static p0: i8 = 0;
    macro_rules! concat {
        ($($tokens:tt)*) => {
            compile_error!("not ours")
        };
    }

    /// A tool
    #[mcp_tool(
        title = "A",
        icon = "https://example.com",
        read_only,
        requires_auth,
        strict
    )]
    pub async fn a_tool(
        /// What
        #[arg(default = "x", min_len = 1, max_len = 9)]
        text: ::std::string::String,
        #[arg(default = declared, min = -1, max = 1)] number: i8,
        other: ::core::option::Option<::std::vec::Vec<i64>>,
    ) -> ::core::result::Result<::std::string::String, ::mcp_core::ToolError> {
        ::core::result::Result::Ok(::std::format!("{text} {number} {other:?}"))
    }

    /// A resource
    #[mcp_resource("a://{id}{?page}", mime = "text/plain")]
    pub fn a_resource(id: i64, page: ::core::option::Option<i64>) -> ::std::string::String {
        ::std::format!("{id} {page:?}")
    }

    /// A prompt
    #[mcp_prompt]
    pub fn a_prompt(#[arg(default = 3)] count: i64) -> ::std::string::String {
        ::std::format!("{count}")
    }
}

fn main() {
    use mcp_core::{prompts, resources, tools};

    let server = mcp_core::Server::new("hostile", "1")
        .tools(tools![hostile::a_tool])
        .resources(resources![hostile::a_resource])
        .prompts(prompts![hostile::a_prompt]);
    assert!(server.build().is_ok());
}
