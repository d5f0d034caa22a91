//! `#[mcp_server]`: an `impl` block whose methods are registered together.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Generics, parse_quote, spanned::Spanned as _};

use super::{Item as _, mixed, pointing_at};
use crate::{
    ast::PromptFn,
    block::{Block, Member, Method, Registered, ServerImpl},
    diag::Diag,
    path, valid,
};

/// The attribute on an `impl` block: the block, and beside it what registers its methods.
pub(crate) fn attribute(tokens: TokenStream, item: TokenStream) -> TokenStream {
    let mut diag = Diag::default();
    let server = ServerImpl::read(tokens, &mut diag);
    let mut block = match syn::parse2::<Block>(item.clone()) {
        Ok(block) => block,
        Err(error) => {
            let is_impl = item
                .clone()
                .into_iter()
                .any(|token| token.to_string() == "impl");
            if is_impl {
                diag.add(error);
            } else {
                diag.at(
                    Span::call_site(),
                    "`#[mcp_server]` can only stand on an `impl` block",
                );
            }
            let errors = diag.into_errors();
            return quote!(#item #errors);
        }
    };
    block.read(&mut diag);
    valid::block(&block, &mut diag);
    let offer = if diag.is_empty() {
        offer(&server, &block)
    } else {
        mixed!(loop {})
    };
    let service = implement(&server, &block, &offer);
    let errors = diag.into_errors();
    quote!(#block #service #errors)
}

/// `impl Service for …`, by a method with this body.
fn implement(server: &ServerImpl, block: &Block, offer: &TokenStream) -> TokenStream {
    let private = path::private(server.krate.as_ref());
    let ty = &block.ty;
    let mut generics = Generics::clone(&block.generics);
    if !generics.params.is_empty() {
        // Of a generic type only who names its parameters knows.
        let sendable = parse_quote!(Self: ::core::marker::Send + ::core::marker::Sync + 'static);
        generics.make_where_clause().predicates.push(sendable);
    }
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    // Where a type that cannot be shared is complained of.
    let service = quote::quote_spanned!(pointing_at(ty.span())=> __mcp::Service for #ty);
    mixed! {
        #[allow(deprecated, unused, unused_qualifications, clippy::all, clippy::pedantic)]
        const _: () = {
            use #private::{self as __mcp, Infallible as _};

            #[automatically_derived]
            impl #impl_generics #service #where_clause {
                fn offer(self: ::std::sync::Arc<Self>) -> __mcp::Offer { #offer }
            }
        };
    }
}

/// An `Offer` of all methods, each kind in source order.
fn offer(server: &ServerImpl, block: &Block) -> TokenStream {
    let (mut tools, mut resources) = (Vec::new(), Vec::new());
    let (mut prompts, mut completions) = (Vec::new(), Vec::new());
    for Method {
        function,
        registered,
    } in block.methods()
    {
        let (kind, body) = match registered {
            Registered::Tool(tool) => (&mut tools, tool.register(function)),
            Registered::Resource(resource) => (&mut resources, resource.register(function)),
            Registered::Prompt(prompt) => (&mut prompts, prompt.register(function)),
            Registered::Completion(completion) => {
                let of = completion.of.as_ref().and_then(|(of, _)| of.get_ident());
                let sibling = of.and_then(|of| block.method(of));
                let body = match sibling.and_then(Method::reference) {
                    Some(reference) => completion.register_for(&reference, function),
                    None => completion.register(function),
                };
                (&mut completions, body)
            }
        };
        kind.push(mixed!({ #body }));
    }
    let instructions = server.instructions.iter();
    let kinds = [
        ("tools", tools),
        ("resources", resources),
        ("prompts", prompts),
        ("completions", completions),
    ];
    let kinds = kinds
        .into_iter()
        .filter(|(_, bodies)| !bodies.is_empty())
        .map(|(kind, bodies)| {
            let method = quote::format_ident!("{kind}");
            mixed!(.#method([#(#bodies),*]))
        });
    mixed!(__mcp::Offer::new() #(.instructions(#instructions))* #(#kinds)*)
}

impl Method {
    /// What a completion of one of its arguments refers to.
    fn reference(&self) -> Option<TokenStream> {
        match &self.registered {
            Registered::Resource(resource) => Some(resource.reference()),
            Registered::Prompt(prompt) => Some(prompt.reference(&self.function)),
            Registered::Tool(_) | Registered::Completion(_) => None,
        }
    }

    /// What can be completed of it.
    pub(crate) fn completable(&self) -> Option<Vec<String>> {
        match &self.registered {
            Registered::Resource(resource) => Some(resource.variables()),
            Registered::Prompt(_) => Some(PromptFn::arguments(&self.function)),
            Registered::Tool(_) | Registered::Completion(_) => None,
        }
    }
}

impl ToTokens for Block {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            attrs,
            generics,
            ty,
            members,
        } = self;
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let members = members.iter().map(|member| match member {
            Member::Method(method) => method.function.to_token_stream(),
            Member::Function(written) => written.to_token_stream(),
            Member::Other(tokens) => tokens.clone(),
        });
        tokens.extend(quote! {
            #(#attrs)*
            impl #impl_generics #ty #where_clause { #(#members)* }
        });
    }
}
