//! `#[mcp_prompt]`

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::Ident;

use super::{Item, call, declare, described, mixed, output_span, split};
use crate::{
    ast::{Common, Function, PromptFn},
    diag::Diag,
    valid,
};

impl Item for PromptFn {
    const ATTRIBUTE: &'static str = "mcp_prompt";

    fn parse(tokens: TokenStream, diag: &mut Diag) -> Self {
        Self::read(tokens, diag)
    }

    fn common(&self) -> &Common {
        &self.common
    }

    fn validate(&self, function: &Function, diag: &mut Diag) {
        valid::prompt(self, function, diag);
    }

    fn register(&self, function: &Function) -> TokenStream {
        let name = self.common.name_of(function);
        let described = described(&self.common, function);
        let declare = declare(function);
        let split = split(function);
        let output = quote_spanned!(output_span(function)=> __mcp::prompt_output(__split));
        let call = call(function, |returned| mixed!(__answer(__split(#returned))));
        mixed! {
            #declare
            let __split = #split;
            let __answer = #output;
            __mcp::Prompt::builder(#name)
                #described
                .declared(__declared)
                .invoke(move |mut __arguments| { #call })
        }
    }

    fn implement(&self, ident: &Ident, body: &TokenStream) -> TokenStream {
        mixed! {
            impl __mcp::PromptFn for #ident {
                fn prompt() -> __mcp::Prompt { #body }
            }
        }
    }
}
