//! `#[mcp_tool]`

use proc_macro2::TokenStream;
use quote::{format_ident, quote_spanned};
use syn::Ident;

use super::{Call, Item, declare, described, mixed, output_span, split, switch};
use crate::{
    ast::{Function, Place, ToolFn},
    diag::Diag,
    valid,
};

impl Item for ToolFn {
    const ATTRIBUTE: &'static str = "mcp_tool";

    fn parse(tokens: TokenStream, diag: &mut Diag) -> Self {
        Self::read(tokens, diag)
    }

    fn place(&self) -> &Place {
        &self.common.place
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
        let rate_limit = self.rate_limit.iter();
        let max_timeout = self.max_timeout.iter().map(|(_, time)| time);
        let concurrency = self.concurrency.iter();
        let declare = declare(&function.params, None);
        let split = split(function);
        let output = quote_spanned!(output_span(function)=> __mcp::tool_output(__split));
        let call = Call::new(function, self.common.blocking);
        let keep_me = call.keep_me();
        let call = call.expand(|returned| mixed!(__answer(__split(#returned), __shape)));
        mixed! {
            #declare
            #keep_me
            let __split = #split;
            let (__output, __shape, __answer) = #output;
            __mcp::Tool::builder(#name)
                #described
                #(#hints)*
                #strict
                #(.rate_limit(#rate_limit))*
                #(.max_timeout(#max_timeout))*
                #(.concurrency(__mcp::at_least_one(#concurrency)))*
                .declared(__declared)
                .output(__shape, __output)
                .invoke(move |mut __arguments| { #call })
        }
    }

    fn implement(&self, ident: &Ident, function: &Function, body: &TokenStream) -> TokenStream {
        let name = self.common.name_of(function);
        mixed! {
            #[automatically_derived]
            impl __mcp::ToolFn for #ident {
                const NAME: &'static ::core::primitive::str = #name;
                fn tool() -> __mcp::Tool { #body }
            }
        }
    }
}
