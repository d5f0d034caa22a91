//! `#[mcp_server]`: an `impl` block whose methods are registered together.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Generics, parse_quote_spanned, spanned::Spanned as _};

use super::{Item as _, mixed, pointing_at};
use crate::{
    ast::{CompleteFn, PromptFn},
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
            diag.add(error);
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
    let service = match block.of {
        None => Some(implement(&server, &block, &offer)),
        Some(_) => None,
    };
    let errors = diag.into_errors();
    quote!(#block #service #errors)
}

/// What makes the type a `Service`, by a method with this body.
fn implement(server: &ServerImpl, block: &Block, offer: &TokenStream) -> TokenStream {
    let private = path::private(server.krate.as_ref());
    let ty = &block.ty;
    let mut generics = Generics::clone(&block.generics);
    // Of a generic type only who names its parameters knows; of any other it is complained of here
    // and nowhere else.
    let shared = parse_quote_spanned! {pointing_at(ty.span())=>
        Self: ::core::marker::Send + ::core::marker::Sync + 'static
    };
    generics.make_where_clause().predicates.push(shared);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let service = quote_spanned!(pointing_at(ty.span())=> __mcp::OneMcpServerBlockPerType for #ty);
    mixed! {
        #[allow(deprecated, unused, unused_qualifications, clippy::all, clippy::pedantic)]
        const _: () = {
            use #private::{self as __mcp, Holding as _, Infallible as _, Unseen as _};

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
    for method in block.methods() {
        let function = &method.function;
        match &method.registered {
            Registered::Tool(tool) => tools.push(method.entry(&tool.register(function))),
            Registered::Resource(resource) => {
                resources.push(method.entry(&resource.register(function)));
            }
            Registered::Prompt(prompt) => prompts.push(method.entry(&prompt.register(function))),
            Registered::Completion(completion) => {
                let entries = completion_entries(completion, method, block);
                completions.extend(entries);
            }
        }
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
            let method = format_ident!("{kind}");
            mixed!(.#method([#(#bodies),*]))
        });
    mixed!(__mcp::Offer::new() #(.instructions(#instructions))* #(#kinds)*)
}

/// What registers a completion: for a method beside it, under the conditions of that, too.
fn completion_entries(completion: &CompleteFn, method: &Method, block: &Block) -> Vec<TokenStream> {
    let function = &method.function;
    let of = completion.of.as_ref().map(|(of, _)| of);
    let siblings = of.into_iter().flat_map(|of| block.siblings(of));
    let entries = siblings.filter_map(|sibling| {
        let body = completion.register_for(&sibling.reference()?, function);
        let entry = method.entry(&body);
        let conditions = sibling.function.conditions();
        Some(mixed!(#(#conditions)* #entry))
    });
    let entries: Vec<_> = entries.collect();
    if entries.is_empty() {
        return vec![method.entry(&completion.register(function))];
    }
    entries
}

impl Method {
    /// An element of a list: this body, where the method is there.
    fn entry(&self, body: &TokenStream) -> TokenStream {
        let conditions = self.function.conditions();
        mixed!(#(#conditions)* { #body })
    }

    /// What a completion of one of its arguments refers to.
    fn reference(&self) -> Option<TokenStream> {
        match &self.registered {
            Registered::Resource(resource) => Some(resource.reference()),
            Registered::Prompt(prompt) => Some(prompt.reference(&self.function)),
            Registered::Tool(_) | Registered::Completion(_) => None,
        }
    }

    /// What can be completed of it.
    pub(crate) fn completable(&self) -> Completable {
        match &self.registered {
            Registered::Resource(resource) => match resource.variables() {
                Some(variables) => Completable::These(variables),
                None => Completable::Unknown,
            },
            Registered::Prompt(_) => Completable::These(PromptFn::arguments(&self.function)),
            Registered::Tool(_) | Registered::Completion(_) => Completable::Nothing,
        }
    }
}

/// What can be completed of a method.
pub(crate) enum Completable {
    /// It has no arguments that anybody completes.
    Nothing,
    /// The arguments of these names.
    These(Vec<String>),
    /// It is mistaken, which was complained of.
    Unknown,
}

impl ToTokens for Block {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            attrs,
            generics,
            of,
            ty,
            members,
        } = self;
        let of = of.iter();
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let members = members.iter().map(|member| match member {
            Member::Method(method) => method.function.to_token_stream(),
            Member::Function(written) => written.to_token_stream(),
            Member::Other(tokens) => tokens.clone(),
        });
        tokens.extend(quote! {
            #(#attrs)*
            impl #impl_generics #(#of for)* #ty #where_clause { #(#members)* }
        });
    }
}
