//! The attribute macros of `mcp-core`, which re-exports and documents them.
//!
//! Attribute and item become `ast`, which is judged by `valid` and turned into code by `expand`, or
//! by `fallback` if anything stands against it.

mod ast;
mod attr;
mod block;
mod diag;
mod docs;
mod expand;
mod fallback;
mod path;
mod template;
mod test;
mod units;
mod valid;

use proc_macro::TokenStream;

/// Makes a tool of a function.
#[proc_macro_attribute]
pub fn mcp_tool(attr: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute::<ast::ToolFn>(attr.into(), item.into()).into()
}

/// Makes a resource, or a family of them, of a function.
#[proc_macro_attribute]
pub fn mcp_resource(attr: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute::<ast::ResourceFn>(attr.into(), item.into()).into()
}

/// Makes a prompt of a function.
#[proc_macro_attribute]
pub fn mcp_prompt(attr: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute::<ast::PromptFn>(attr.into(), item.into()).into()
}

/// Suggests values for an argument of a prompt, or a variable of a resource template.
#[proc_macro_attribute]
pub fn mcp_complete(attr: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute::<ast::CompleteFn>(attr.into(), item.into()).into()
}

/// Makes a service of an `impl` block.
#[proc_macro_attribute]
pub fn mcp_server(attr: TokenStream, item: TokenStream) -> TokenStream {
    expand::server::attribute(attr.into(), item.into()).into()
}

/// Makes a test of one function for each era and transport.
#[proc_macro_attribute]
pub fn mcp_test(attr: TokenStream, item: TokenStream) -> TokenStream {
    test::expand(attr.into(), item.into()).into()
}
