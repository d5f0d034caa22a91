//! `#[mcp_prompt]`

use proc_macro2::TokenStream;
use syn::Ident;

use super::{Item, call, declare, described, mixed, split};
use crate::{
    ast::{Common, Function, PromptFn},
    diag::Diag,
    valid,
};

impl Item for PromptFn {
    const ATTRIBUTE: &'static str = "mcp_prompt";

    fn parse(tokens: TokenStream, diag: &mut Diag) -> Self {
        Self::parse(tokens, diag)
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
        let call = call(function, |returned| mixed!(__outcome(#returned)));
        mixed! {
            #declare
            let __outcome = __mcp::prompt_output(#split);
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
