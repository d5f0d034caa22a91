//! `#[mcp_resource]`

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::{Ident, LitStr};

use super::{Call, Item, declare, described, mixed, output_span, split};
use crate::{
    ast::{Function, Place, ResourceFn},
    diag::Diag,
    template, valid,
};

impl Item for ResourceFn {
    const ATTRIBUTE: &'static str = "mcp_resource";

    fn parse(tokens: TokenStream, diag: &mut Diag) -> Self {
        Self::read(tokens, diag)
    }

    fn place(&self) -> &Place {
        &self.common.place
    }

    fn validate(&self, function: &Function, diag: &mut Diag) {
        valid::resource(self, function, diag);
    }

    fn register(&self, function: &Function) -> TokenStream {
        let uri = &self.uri;
        let name = self.common.name_of(function);
        let described = described(&self.common, function);
        let cache = self.cache();
        let (size, annotations) = (self.size.iter(), self.annotations.iter());
        let mime = match &self.mime {
            Some(mime) => mixed!(__mcp::Some(#mime)),
            None => mixed!(__mcp::None),
        };
        let declare = declare(&function.params, self.variables().as_deref());
        let split = split(function);
        let output = quote_spanned!(output_span(function)=> __mcp::resource_output(#mime, __split));
        let call = Call::new(function, self.common.blocking);
        let keep_me = call.keep_me();
        let call = call.expand(|returned| mixed!(__answer(__split(#returned), &__uri, __mime)));
        mixed! {
            #declare
            #keep_me
            let __split = #split;
            let (__mime, __answer) = #output;
            __mcp::Resource::builder(#uri, #name)
                #described
                #cache
                #(.size(#size))*
                #(.annotations(#annotations))*
                .declared(__declared)
                .output(__mime)
                .invoke(move |mut __arguments, __uri| { #call })
        }
    }

    fn implement(&self, ident: &Ident, _: &Function, body: &TokenStream) -> TokenStream {
        let reference = self.reference();
        let arguments = match self.variables() {
            Some(variables) => mixed!(__mcp::Some(&[#(#variables),*])),
            None => mixed!(__mcp::None),
        };
        mixed! {
            #[automatically_derived]
            impl __mcp::ResourceFn for #ident {
                fn resource() -> __mcp::Resource { #body }
            }
            #[automatically_derived]
            impl __mcp::Completed for #ident {
                const ARGUMENTS: __mcp::Names = #arguments;
                fn reference() -> __mcp::Reference { #reference }
            }
        }
    }
}

impl ResourceFn {
    /// What its variables are called, if the URI is one.
    pub(crate) fn variables(&self) -> Option<Vec<String>> {
        template::variables(&self.uri.as_ref()?.value()).ok()
    }

    /// What a completion of a variable refers to.
    pub(super) fn reference(&self) -> TokenStream {
        let uri = self.uri.as_ref().map(LitStr::value).unwrap_or_default();
        mixed!(__mcp::Reference::Template(::core::convert::Into::into(#uri)))
    }

    /// `.cache(…)`, if what is read may be kept.
    fn cache(&self) -> Option<TokenStream> {
        let ttl = self.ttl?;
        let is_public = self
            .cache
            .as_ref()
            .is_some_and(|cache| cache.value() == "public");
        let scope = if is_public {
            mixed!(__mcp::CacheScope::Public)
        } else {
            mixed!(__mcp::CacheScope::Private)
        };
        Some(mixed!(.cache(__mcp::Cache { ttl: #ttl, scope: #scope })))
    }
}
