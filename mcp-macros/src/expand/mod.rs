//! From what was understood to code; nothing can fail here.
//!
//! Local names are hygienic and begin with `__` besides, since a static or a constant of the user's
//! would still be taken for them. All paths begin at a crate or at `__mcp`, which is its `__private`.

mod prompt;
mod resource;
#[cfg(test)]
mod tests;
mod tool;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Expr, ExprLit, Ident, Lit, spanned::Spanned as _};

use crate::{
    ast::{Common, Function, Param},
    attr::Flag,
    diag::Diag,
    fallback, path, valid,
};

/// What an attribute makes of a function.
pub(crate) trait Item: Sized {
    /// What the attribute is called.
    const ATTRIBUTE: &'static str;

    /// Reads what is in its brackets.
    fn parse(tokens: TokenStream, diag: &mut Diag) -> Self;

    /// The keys that every attribute has.
    fn common(&self) -> &Common;

    /// Complains of what takes more than one token to see.
    fn validate(&self, function: &Function, diag: &mut Diag);

    /// What registers the function: the body of the method below.
    fn register(&self, function: &Function) -> TokenStream;

    /// The implementation of its trait for the struct `ident`, by a method with this body.
    fn implement(&self, ident: &Ident, body: &TokenStream) -> TokenStream;
}

/// An attribute on a function: the function, and beside it what is registered for it.
pub(crate) fn attribute<I: Item>(tokens: TokenStream, item: TokenStream) -> TokenStream {
    let mut diag = Diag::default();
    let parsed = I::parse(tokens, &mut diag);
    let Some(function) = Function::parse(item.clone(), &mut diag) else {
        let message = format_args!("`#[{}]` can only stand on a function", I::ATTRIBUTE);
        diag.at(Span::call_site(), message);
        let errors = diag.into_errors();
        return quote!(#item #errors);
    };
    valid::function(&function, parsed.common(), &mut diag);
    parsed.validate(&function, &mut diag);
    if diag.is_empty() {
        return beside(&parsed, &function, &parsed.register(&function));
    }
    let fallback = fallback::expand(&parsed, &function);
    let errors = diag.into_errors();
    quote!(#fallback #errors)
}

/// `quote!` with names that the user's code cannot see, nor be seen by.
macro_rules! mixed {
    ($($tokens:tt)*) => {
        ::quote::quote_spanned!(::proc_macro2::Span::mixed_site()=> $($tokens)*)
    };
}
pub(crate) use mixed;

/// The same, for which the compiler points at `span` when it complains.
fn pointing_at(span: Span) -> Span {
    span.resolved_at(Span::mixed_site())
}

/// The function, and beside it a struct of its name that registers it by this body.
///
/// A braced struct lives among types only, so that the name still calls the function.
pub(crate) fn beside<I: Item>(item: &I, function: &Function, body: &TokenStream) -> TokenStream {
    let Common { ident, krate, .. } = item.common();
    let ident = ident.as_ref().unwrap_or(&function.sig.ident);
    let private = path::private(krate.as_ref());
    let implementation = item.implement(ident, body);
    let vis = &function.vis;
    // Where a type of the same name is complained of.
    let braced = quote_spanned!(pointing_at(ident.span())=> struct #ident {});
    mixed! {
        // How these functions have to be.
        #[allow(
            clippy::missing_const_for_fn,
            clippy::needless_pass_by_value,
            clippy::too_many_arguments
        )]
        #function

        #[doc(hidden)]
        #[allow(
            dead_code,
            missing_debug_implementations,
            non_camel_case_types,
            unnameable_types,
            unreachable_pub,
            clippy::exhaustive_structs
        )]
        #vis #braced

        #[allow(deprecated, unused, unused_qualifications, clippy::all, clippy::pedantic)]
        const _: () = {
            use #private::{self as __mcp, Infallible as _};

            #[automatically_derived]
            #implementation
        };
    }
}

/// `.method(value)` for the keys that were given, in one order for all.
fn described(common: &Common, function: &Function) -> TokenStream {
    let given = common.description.as_ref().map(ToTokens::to_token_stream);
    let description = given.as_ref().or(function.docs.as_ref()).into_iter();
    let title = common.title.iter();
    let icon = common.icon.iter();
    let requires_auth = switch("requires_auth", common.requires_auth);
    mixed! {
        #(.title(#title))*
        #(.description(#description))*
        #(.icon(__mcp::Icon::new(#icon)))*
        #requires_auth
    }
}

/// `.method()`, if the flag is on.
fn switch(method: &str, flag: Option<Flag>) -> Option<TokenStream> {
    let method = format_ident!("{method}");
    flag.filter(|flag| flag.value).map(|_| mixed!(.#method()))
}

/// A local name for each parameter.
fn numbered(prefix: &str, function: &Function) -> Vec<Ident> {
    let number = |index| format_ident!("{prefix}{index}", span = Span::mixed_site());
    (0..function.params.len()).map(number).collect()
}

/// `let mut __declared = …`, and each parameter added to it.
fn declare(function: &Function) -> TokenStream {
    let declared = format_ident!("__declared", span = Span::mixed_site());
    let slots = numbered("__p", function);
    let params = function.params.iter().map(|param| {
        let Param { ty, default, .. } = param;
        let argument = argument(param);
        let span = pointing_at(ty.span());
        match default {
            None => quote_spanned! {span=>
                __mcp::param::<#ty, _>(&mut #declared, #argument)
            },
            Some(default) => {
                let default = default_of(default);
                quote_spanned! {span=>
                    __mcp::param_or::<#ty, _>(&mut #declared, #argument, || #default)
                }
            }
        }
    });
    mixed! {
        let mut #declared = __mcp::Declaration::default();
        #(let #slots = #params;)*
    }
}

/// `Argument::new(…)` with what is known of it.
fn argument(param: &Param) -> TokenStream {
    let Param {
        name,
        description,
        min,
        max,
        min_len,
        max_len,
        header,
        ..
    } = param;
    let name = name.as_ref().map_or("", |name| &name.text);
    let description = description.iter();
    let (min, max) = (min.iter().map(bound), max.iter().map(bound));
    let (min_len, max_len) = (min_len.iter(), max_len.iter());
    let header = header.iter();
    mixed! {
        __mcp::Argument::new(#name)
            #(.description(#description))*
            #(.min(#min))*
            #(.max(#max))*
            #(.min_len(#min_len))*
            #(.max_len(#max_len))*
            #(.header(#header))*
    }
}

/// A bound on a number: a literal as wide as it needs, anything else as the type it has.
fn bound(expr: &Expr) -> TokenStream {
    let span = pointing_at(expr.span());
    let literal = match expr {
        Expr::Unary(unary) => &unary.expr,
        expr => expr,
    };
    match literal {
        Expr::Lit(ExprLit {
            lit: Lit::Int(int), ..
        }) if int.suffix().is_empty() => {
            quote_spanned!(span=> __mcp::Bound::Integer(#expr))
        }
        _ => quote_spanned!(span=> __mcp::Bound::from(#expr)),
    }
}

/// A default, where text may stand for what can be made of it, such as a `String`.
fn default_of(expr: &Expr) -> TokenStream {
    match expr {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => {
            let span = pointing_at(text.span());
            quote_spanned!(span=> __mcp::from_text(#text))
        }
        expr => expr.to_token_stream(),
    }
}

/// Where a type that cannot be returned is complained of.
fn output_span(function: &Function) -> Span {
    pointing_at(function.output().span())
}

/// `|returned: T| …`, which tells the types of what is returned and splits off the failure.
fn split(function: &Function) -> TokenStream {
    let output = function.output();
    quote_spanned! {output_span(function)=>
        |__returned: #output| __mcp::Returned(__returned).split()
    }
}

/// Takes the arguments, calls the function, and answers with `outcome` of what it returned.
fn call(function: &Function, outcome: impl FnOnce(TokenStream) -> TokenStream) -> TokenStream {
    let called = &function.sig.ident;
    let slots = numbered("__p", function);
    let args = numbered("__a", function);
    let take = (!args.is_empty()).then(|| {
        mixed! {
            let (#(#args,)*) = (#(#slots.take(&mut __arguments),)*);
        }
    });
    let unwrap = (!args.is_empty()).then(|| {
        mixed! {
            let (#(::core::option::Option::Some(#args),)*) = (#(#args,)*) else {
                return ::core::result::Result::Err(__mcp::Unfit::incomplete());
            };
        }
    });
    // Where a future that cannot be sent is complained of.
    let span = pointing_at(called.span());
    let reply = if function.sig.asyncness.is_some() {
        let outcome = outcome(quote_spanned!(span=> #called(#(#args),*).await));
        quote_spanned!(span=> __mcp::Reply::pending(async move { #outcome }))
    } else {
        let outcome = outcome(quote_spanned!(span=> #called(#(#args),*)));
        quote_spanned!(span=> __mcp::Reply::ready(#outcome))
    };
    mixed! {
        #take
        __arguments.finish()?;
        #unwrap
        ::core::result::Result::Ok(#reply)
    }
}
