//! `#[mcp_prompt]`

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::Ident;

use super::{Call, Item, declare, described, mixed, output_span, split};
use crate::{
    ast::{Function, Place, PromptFn},
    diag::Diag,
    valid,
};

impl Item for PromptFn {
    const ATTRIBUTE: &'static str = "mcp_prompt";

    fn parse(tokens: TokenStream, diag: &mut Diag) -> Self {
        Self::read(tokens, diag)
    }

    fn place(&self) -> &Place {
        &self.common.place
    }

    fn validate(&self, function: &Function, diag: &mut Diag) {
        valid::prompt(self, function, diag);
    }

    fn register(&self, function: &Function) -> TokenStream {
        let name = self.common.name_of(function);
        let described = described(&self.common, function);
        let declare = declare(&function.params, None);
        let split = split(function);
        let output = quote_spanned!(output_span(function)=> __mcp::prompt_output(__split));
        let call = Call::new(function, self.common.blocking);
        let keep_me = call.keep_me();
        let call = call.expand(|returned| mixed!(__answer(__split(#returned))));
        mixed! {
            #declare
            #keep_me
            let __split = #split;
            let __answer = #output;
            __mcp::Prompt::builder(#name)
                #described
                .declared(__declared)
                .invoke(move |mut __arguments| { #call })
        }
    }

    fn implement(&self, ident: &Ident, function: &Function, body: &TokenStream) -> TokenStream {
        let reference = self.reference(function);
        let arguments = Self::arguments(function);
        mixed! {
            #[automatically_derived]
            impl __mcp::PromptFn for #ident {
                fn prompt() -> __mcp::Prompt { #body }
            }
            #[automatically_derived]
            impl __mcp::Completed for #ident {
                const ARGUMENTS: __mcp::Names = __mcp::Some(&[#(#arguments),*]);
                fn reference() -> __mcp::Reference { #reference }
            }
        }
    }
}

impl PromptFn {
    /// What its arguments are called. Which of its parameters are none, only the compiler knows.
    pub(super) fn arguments(function: &Function) -> Vec<String> {
        let names = function
            .params
            .iter()
            .filter_map(|param| param.name.as_ref());
        names.map(|name| name.text.clone()).collect()
    }

    /// What a completion of an argument refers to.
    pub(super) fn reference(&self, function: &Function) -> TokenStream {
        let name = self.common.name_of(function);
        mixed!(__mcp::Reference::Prompt(::core::convert::Into::into(#name)))
    }
}
