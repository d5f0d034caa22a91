//! From what was understood to code; nothing can fail here.
//!
//! Local names are hygienic and begin with `__` besides, since a static or a constant of the user's
//! would still be taken for them. All paths begin at a crate or at `__mcp`, which is its `__private`.
//! Methods are called by the path of their trait, or of a type of ours: a trait of the user's may have
//! one of that name. Only builders are called like builders.

mod complete;
mod prompt;
mod resource;
pub(crate) mod server;
#[cfg(test)]
mod tests;
mod tool;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Expr, ExprLit, Ident, Lit, LitStr, spanned::Spanned as _};

use crate::{
    ast::{Common, Function, Me, Param, Place},
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

    /// Where what is emitted goes.
    fn place(&self) -> &Place;

    /// Complains of what takes more than one token to see.
    fn validate(&self, function: &Function, diag: &mut Diag);

    /// What registers the function: a block's worth of code.
    fn register(&self, function: &Function) -> TokenStream;

    /// The implementations of its traits for the struct `ident`, which register by this body.
    fn implement(&self, ident: &Ident, function: &Function, body: &TokenStream) -> TokenStream;
}

/// An attribute on a function: the function, and beside it what is registered for it.
pub(crate) fn attribute<I: Item>(tokens: TokenStream, item: TokenStream) -> TokenStream {
    let mut diag = Diag::default();
    let parsed = I::parse(tokens, &mut diag);
    let Some(mut function) = Function::parse(item.clone(), &mut diag) else {
        let message = format_args!("`#[{}]` can only stand on a function", I::ATTRIBUTE);
        diag.at(Span::call_site(), message);
        let errors = diag.into_errors();
        return quote!(#item #errors);
    };
    valid::free(&function, &mut diag);
    parsed.validate(&function, &mut diag);
    let ident = parsed.place().ident_of(&function);
    if let Some(written) = valid::namesake(ident, &function, &mut diag) {
        function.written = written;
    }
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
    let place = item.place();
    let ident = place.ident_of(function);
    let private = path::private(place.krate.as_ref());
    let implementation = item.implement(ident, function, body);
    let vis = &function.written.vis;
    // Where a type of the same name is complained of.
    let braced = quote_spanned!(pointing_at(ident.span())=> struct #ident {});
    mixed! {
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
            use #private::{self as __mcp, Holding as _, Infallible as _, Unseen as _};

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
    let meta = common.meta.iter();
    let requires_auth = switch("requires_auth", common.requires_auth);
    let scopes = listed("scopes", &common.scopes);
    let timeout = common.timeout.iter();
    let tags = listed("tags", &common.tags);
    mixed! {
        #(.title(#title))*
        #(.description(#description))*
        #(.icon(__mcp::Icon::new(#icon)))*
        #(.meta(#meta))*
        #requires_auth
        #scopes
        #(.timeout(#timeout))*
        #tags
    }
}

/// `.method(["…", "…"])`, if there is any.
fn listed(method: &str, texts: &[LitStr]) -> Option<TokenStream> {
    let method = format_ident!("{method}");
    (!texts.is_empty()).then(|| mixed!(.#method([#(#texts),*])))
}

/// `.method()`, if the flag is on.
fn switch(method: &str, flag: Option<Flag>) -> Option<TokenStream> {
    let method = format_ident!("{method}");
    is_on(flag).then(|| mixed!(.#method()))
}

fn is_on(flag: Option<Flag>) -> bool {
    flag.is_some_and(|flag| flag.value)
}

/// A local name for each parameter.
fn numbered(prefix: &str, params: &[Param]) -> Vec<Ident> {
    let number = |index| format_ident!("{prefix}{index}", span = Span::mixed_site());
    (0..params.len()).map(number).collect()
}

/// `let mut __declared = …`, and each parameter added to it. Where it is known which `arguments`
/// there are, all others have to be extractors.
fn declare(params: &[Param], arguments: Option<&[String]>) -> TokenStream {
    let declared = format_ident!("__declared", span = Span::mixed_site());
    let slots = numbered("__p", params);
    let params = params.iter().map(|param| {
        let Param { ty, default, .. } = param;
        let argument = argument(param);
        let span = pointing_at(ty.span());
        let name = param.name.as_ref().map(|name| &name.text);
        let is_argument =
            arguments.is_none_or(|arguments| name.is_some_and(|name| arguments.contains(name)));
        match default {
            None if is_argument => quote_spanned! {span=>
                __mcp::param::<#ty, _>(&mut #declared, #argument)
            },
            None => quote_spanned! {span=>
                __mcp::extracted::<#ty>(&mut #declared, #argument)
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
        pattern,
        example,
        header,
        ..
    } = param;
    let name = name.as_ref().map_or("", |name| &name.text);
    let description = description.iter();
    let (min, max) = (min.iter().map(bound), max.iter().map(bound));
    let (min_len, max_len) = (min_len.iter(), max_len.iter());
    let (pattern, example, header) = (pattern.iter(), example.iter(), header.iter());
    mixed! {
        __mcp::Argument::new(#name)
            #(.description(#description))*
            #(.min(#min))*
            #(.max(#max))*
            #(.min_len(#min_len))*
            #(.max_len(#max_len))*
            #(.pattern(#pattern))*
            #(.example(#example))*
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
        |__returned: #output| {
            let __returned = __mcp::Returned(__returned);
            let __known = (&__returned).known();
            __returned.value_or_failure(__known)
        }
    }
}

/// How a function is called.
struct Call<'f> {
    function: &'f Function,
    /// Those of its parameters that are taken from the arguments of a call: the last ones.
    params: &'f [Param],
    /// What comes before them.
    first: Option<TokenStream>,
    is_blocking: bool,
}

impl<'f> Call<'f> {
    /// With arguments only.
    fn new(function: &'f Function, blocking: Option<Flag>) -> Self {
        Self {
            function,
            params: &function.params,
            first: None,
            is_blocking: is_on(blocking),
        }
    }

    /// What a registration begins with: a method keeps what it belongs to.
    fn keep_me(&self) -> Option<TokenStream> {
        self.function.me()?;
        Some(mixed!(let __me = ::core::clone::Clone::clone(&self);))
    }

    /// Takes the arguments, calls the function, and answers with `outcome` of what it returned.
    fn expand(&self, outcome: impl FnOnce(TokenStream) -> TokenStream) -> TokenStream {
        let slots = numbered("__p", self.params);
        let args = numbered("__a", self.params);
        let take = (!args.is_empty()).then(|| {
            mixed! {
                let (#(#args,)*) = (#(__mcp::Slot::take(&#slots, &mut __arguments),)*);
            }
        });
        let unwrap = (!args.is_empty()).then(|| {
            mixed! {
                let (#(__mcp::Some(#args),)*) = (#(#args,)*) else {
                    return __mcp::Err(__mcp::Unfit::incomplete());
                };
            }
        });
        let reply = self.reply(&args, outcome);
        mixed! {
            #take
            __arguments.finish()?;
            #unwrap
            __mcp::Ok(#reply)
        }
    }

    fn reply(
        &self,
        args: &[Ident],
        outcome: impl FnOnce(TokenStream) -> TokenStream,
    ) -> TokenStream {
        let ident = &self.function.sig().ident;
        // Where a future that cannot be sent is complained of.
        let span = pointing_at(ident.span());
        let me = self.function.me();
        let called = match (me, self.function.is_associated) {
            (None, false) => quote!(#ident),
            _ => quote_spanned!(span=> Self::#ident),
        };
        // Where what it cannot be taken as is complained of.
        let at_me = self.function.sig().receiver();
        let at_me = at_me.map_or(span, |receiver| pointing_at(receiver.self_token.span));
        let me_first = me.map(|me| match me {
            Me::Borrowed => quote_spanned!(at_me=> &__me),
            Me::Shared => quote_spanned!(at_me=> __me),
        });
        let first = me_first.iter().chain(&self.first);
        let call = quote_spanned!(span=> #called(#(#first,)* #(#args),*));
        let is_async = self.function.sig().asyncness.is_some();
        // What outlives this call of a closure needs an own share.
        let shares = is_async || self.is_blocking || me == Some(Me::Shared);
        let share = (me.is_some() && shares)
            .then(|| mixed!(let __me = ::core::clone::Clone::clone(&__me);));
        let reply = if is_async {
            let outcome = outcome(quote_spanned!(span=> #call.await));
            quote_spanned!(span=> __mcp::Reply::pending(async move { #outcome }))
        } else if self.is_blocking {
            let outcome = outcome(quote_spanned!(span=> __mcp::blocking(move || #call).await));
            quote_spanned!(span=> __mcp::Reply::pending(async move { #outcome }))
        } else {
            let outcome = outcome(call);
            quote_spanned!(span=> __mcp::Reply::ready(#outcome))
        };
        match share {
            Some(share) => mixed!({ #share #reply }),
            None => reply,
        }
    }
}
