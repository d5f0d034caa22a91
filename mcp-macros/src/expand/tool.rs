//! `#[mcp_tool]`

use proc_macro2::TokenStream;
use quote::{format_ident, quote_spanned};
use syn::Ident;

use super::{Item, call, declare, described, mixed, output_span, split, switch};
use crate::{
    ast::{Common, Function, ToolFn},
    diag::Diag,
    valid,
};

impl Item for ToolFn {
    const ATTRIBUTE: &'static str = "mcp_tool";

    fn parse(tokens: TokenStream, diag: &mut Diag) -> Self {
        Self::read(tokens, diag)
    }

    fn common(&self) -> &Common {
        &self.common
    }

    fn validate(&self, function: &Function, diag: &mut Diag) {
        valid::tool(self, function, diag);
    }

    fn register(&self, function: &Function) -> TokenStream {
        let name = self.common.name_of(function);
        let described = described(&self.common, function);
        let hints = self.hints().into_iter().filter_map(|(key, flag)| {
            let (method, value) = (format_ident!("{key}"), flag?.value);
            Some(mixed!(.#method(#value)))
        });
        let strict = switch("strict", self.strict);
        let declare = declare(function);
        let split = split(function);
        let output = quote_spanned!(output_span(function)=> __mcp::tool_output(__split));
        let call = call(
            function,
            |returned| mixed!(__answer(__split(#returned), __shape)),
        );
        mixed! {
            #declare
            let __split = #split;
            let (__output, __shape, __answer) = #output;
            __mcp::Tool::builder(#name)
                #described
                #(#hints)*
                #strict
                .declared(__declared)
                .output(__output)
                .invoke(move |mut __arguments| { #call })
        }
    }

    fn implement(&self, ident: &Ident, body: &TokenStream) -> TokenStream {
        mixed! {
            impl __mcp::ToolFn for #ident {
                fn tool() -> __mcp::Tool { #body }
            }
        }
    }
}
