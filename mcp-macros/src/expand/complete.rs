//! `#[mcp_complete]`

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Ident, spanned::Spanned as _};

use super::{Call, Item, declare, is_on, mixed, output_span, pointing_at, split};
use crate::{
    ast::{CompleteFn, Function, Place},
    diag::Diag,
    valid,
};

impl Item for CompleteFn {
    const ATTRIBUTE: &'static str = "mcp_complete";

    fn parse(tokens: TokenStream, diag: &mut Diag) -> Self {
        Self::read(tokens, diag)
    }

    fn place(&self) -> &Place {
        &self.place
    }

    fn validate(&self, function: &Function, diag: &mut Diag) {
        valid::complete(self, function, diag);
    }

    fn register(&self, function: &Function) -> TokenStream {
        let Some((of, argument)) = &self.of else {
            return TokenStream::new();
        };
        let completed = quote_spanned!(pointing_at(of.span())=> <#of as __mcp::Completed>);
        let name = &argument.text;
        let unknown = format!("`{}` has no argument `{name}` to complete", quote!(#of));
        let at_argument = pointing_at(argument.span);
        let check = quote_spanned! {at_argument=>
            const _: () = ::core::assert!(
                __mcp::is_argument(#completed::ARGUMENTS, #name),
                #unknown
            );
        };
        let register = self.register_for(&mixed!(#completed::reference()), function);
        mixed!(#check #register)
    }

    fn implement(&self, ident: &Ident, _: &Function, body: &TokenStream) -> TokenStream {
        mixed! {
            #[automatically_derived]
            impl __mcp::CompletionFn for #ident {
                fn completion() -> __mcp::Completion { #body }
            }
        }
    }
}

impl CompleteFn {
    /// What registers it for what this code refers to.
    pub(super) fn register_for(&self, reference: &TokenStream, function: &Function) -> TokenStream {
        let (Some((_, argument)), Some((typed, params))) =
            (&self.of, function.params.split_first())
        else {
            return TokenStream::new();
        };
        let name = &argument.text;
        let typed_as = &typed.ty;
        let first = quote_spanned! {pointing_at(typed_as.span())=>
            <#typed_as as __mcp::Typed<'_>>::typed(&__request)
        };
        let declare = declare(params, None);
        let split = split(function);
        let output = quote_spanned!(output_span(function)=> __mcp::completion_output(__split));
        let call = Call {
            function,
            params,
            first: Some(first),
            is_blocking: is_on(self.blocking),
        };
        let keep_me = call.keep_me();
        let call = call.expand(|returned| mixed!(__answer(__split(#returned))));
        mixed! {
            #declare
            #keep_me
            let __split = #split;
            let __answer = #output;
            __mcp::Completion::declared(#reference, #name, __declared, move |mut __arguments, __request| {
                #call
            })
        }
    }
}
