//! `#[mcp_resource]`

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::Ident;

use super::{Item, call, declare, described, mixed, output_span, split};
use crate::{
    ast::{Common, Function, ResourceFn},
    diag::Diag,
    valid,
};

impl Item for ResourceFn {
    const ATTRIBUTE: &'static str = "mcp_resource";

    fn parse(tokens: TokenStream, diag: &mut Diag) -> Self {
        Self::read(tokens, diag)
    }

    fn common(&self) -> &Common {
        &self.common
    }

    fn validate(&self, function: &Function, diag: &mut Diag) {
        valid::resource(self, function, diag);
    }

    fn register(&self, function: &Function) -> TokenStream {
        let uri = &self.uri;
        let name = self.common.name_of(function);
        let described = described(&self.common, function);
        let mime = match &self.mime {
            Some(mime) => mixed!(::core::option::Option::Some(#mime)),
            None => mixed!(::core::option::Option::None),
        };
        let declare = declare(function);
        let split = split(function);
        let output = quote_spanned!(output_span(function)=> __mcp::resource_output(#mime, __split));
        let call = call(
            function,
            |returned| mixed!(__answer(__split(#returned), &__uri, __mime)),
        );
        mixed! {
            #declare
            let __split = #split;
            let (__mime, __answer) = #output;
            __mcp::Resource::builder(#uri, #name)
                #described
                .declared(__declared)
                .output(__mime)
                .invoke(move |mut __arguments, __uri| { #call })
        }
    }

    fn implement(&self, ident: &Ident, body: &TokenStream) -> TokenStream {
        mixed! {
            impl __mcp::ResourceFn for #ident {
                fn resource() -> __mcp::Resource { #body }
            }
        }
    }
}
