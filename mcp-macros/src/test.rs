//! `#[mcp_test]`: one test, run in every era and over every transport that is asked for.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::{
    Attribute, Expr, FnArg, ItemFn, LitStr, Path, ReturnType, Token,
    ext::IdentExt as _,
    parse::{ParseStream, Parser as _},
    punctuated::Punctuated,
    spanned::Spanned as _,
};

use crate::diag::Diag;

/// The eras: how the test is called, and the variant of `Era`.
const ERAS: [(&str, &str); 2] = [("legacy", "Legacy"), ("modern", "Modern")];

/// What stands in the brackets.
struct Keys {
    server: Expr,
    over: Vec<Transport>,
    krate: Option<Path>,
}

#[derive(Clone, Copy, PartialEq)]
enum Transport {
    Memory,
    Stdio,
    Http,
}

impl Transport {
    const ALL: [Self; 3] = [Self::Memory, Self::Stdio, Self::Http];

    fn key(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Stdio => "stdio",
            Self::Http => "http",
        }
    }

    /// How the name of a test ends.
    fn suffix(self) -> &'static str {
        match self {
            Self::Memory => "in_memory",
            Self::Stdio => "over_stdio",
            Self::Http => "over_http",
        }
    }

    /// The type that has `new(server)`.
    fn path(self, core: &TokenStream) -> TokenStream {
        match self {
            Self::Memory => quote!(#core::testing::Memory),
            Self::Stdio => quote!(#core::testing::Stdio),
            Self::Http => quote!(::mcp_http::testing::Http),
        }
    }
}

/// The function, and beside it a module of its name with the tests.
pub(crate) fn expand(attr: TokenStream, item: TokenStream) -> TokenStream {
    let mut diag = Diag::default();
    let keys = diag.ok((|input: ParseStream<'_>| keys(input)).parse2(attr));
    let Ok(mut function) = syn::parse2::<ItemFn>(item.clone()) else {
        diag.at(
            Span::call_site(),
            "`#[mcp_test]` can only stand on a function",
        );
        let errors = diag.into_errors();
        return quote!(#item #errors);
    };
    check(&function, &mut diag);
    let on_tests = move_to_tests(&mut function.attrs);
    match (keys, diag.into_errors()) {
        (Some(keys), None) => {
            let tests = tests(&keys, &function, &on_tests);
            // To clippy it is an ordinary function, and so it is to a build without tests.
            quote! {
                #[cfg_attr(not(test), allow(dead_code))]
                #[allow(
                    clippy::expect_used,
                    clippy::indexing_slicing,
                    clippy::panic,
                    clippy::unwrap_used
                )]
                #function
                #tests
            }
        }
        // Still there, so that nothing else is complained of.
        (_, errors) => quote!(#[allow(dead_code)] #function #errors),
    }
}

fn keys(input: ParseStream<'_>) -> syn::Result<Keys> {
    let no_server =
        "which server is tested? `#[mcp_test(server())]`, with an expression that makes it";
    let is_key = input.fork().call(Ident::parse_any).is_ok_and(|ident| {
        ident == "crate" && input.peek2(Token![=])
            || ident == "over" && input.peek2(syn::token::Paren)
    });
    if input.is_empty() {
        return Err(syn::Error::new(Span::call_site(), no_server));
    }
    if is_key {
        return Err(input.error(no_server));
    }
    let server = input.parse()?;
    let (mut over, mut krate) = (None, None);
    while !input.is_empty() {
        input.parse::<Token![,]>()?;
        if input.is_empty() {
            break;
        }
        let key = input.call(Ident::parse_any)?;
        let twice = match key.to_string().as_str() {
            "over" => over.replace(transports(&key, input)?).is_some(),
            "crate" => krate.replace(path(input)?).is_some(),
            _ => {
                let message = format!("unknown key `{key}`; expected one of: over, crate");
                return Err(syn::Error::new_spanned(key, message));
            }
        };
        if twice {
            let message = format!("`{key}` is given twice");
            return Err(syn::Error::new_spanned(key, message));
        }
    }
    Ok(Keys {
        server,
        over: over.unwrap_or_else(|| vec![Transport::Memory, Transport::Stdio]),
        krate,
    })
}

/// `(memory, stdio, http)`, or some of them.
fn transports(key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<Transport>> {
    let expected = Transport::ALL.map(Transport::key).join(", ");
    let list;
    syn::parenthesized!(list in input);
    let mut over = Vec::new();
    for name in Punctuated::<Ident, Token![,]>::parse_terminated(&list)? {
        let known = Transport::ALL.into_iter().find(|known| name == known.key());
        let Some(transport) = known else {
            let message = format!("unknown transport `{name}`; expected one of: {expected}");
            return Err(syn::Error::new_spanned(name, message));
        };
        if over.contains(&transport) {
            let message = format!("`{name}` is given twice");
            return Err(syn::Error::new_spanned(name, message));
        }
        over.push(transport);
    }
    if over.is_empty() {
        let message = format!("over what? expected one or more of: {expected}");
        return Err(syn::Error::new_spanned(key, message));
    }
    Ok(over)
}

/// `= "some::path"`.
fn path(input: ParseStream<'_>) -> syn::Result<Path> {
    input.parse::<Token![=]>()?;
    let text: LitStr = input.parse()?;
    text.parse_with(Path::parse_mod_style).map_err(|_| {
        syn::Error::new_spanned(&text, "expected a path: `crate = \"my_crate::mcp_core\"`")
    })
}

/// Complains of a function that is no test of a client.
fn check(function: &ItemFn, diag: &mut Diag) {
    let signature = &function.sig;
    if signature.asyncness.is_none() {
        diag.on(
            signature.fn_token,
            "a test waits for its client: make this an `async fn`",
        );
    }
    if !signature.generics.params.is_empty() {
        diag.on(&signature.generics, "a test has no generic parameters");
    }
    let one = signature.inputs.len() == 1;
    match signature.inputs.first() {
        Some(FnArg::Typed(_)) if one => {}
        Some(_) => diag.on(
            &signature.inputs,
            "a test takes one parameter, its client: `client: Client`",
        ),
        None => diag.on(
            &signature.ident,
            "a test takes one parameter, its client: `client: Client`",
        ),
    }
}

/// Takes away what is meant for the tests: what ignores them, what they should panic with; and
/// copies what takes the whole function away.
fn move_to_tests(attributes: &mut Vec<Attribute>) -> Vec<Attribute> {
    let is = |attribute: &Attribute, name| attribute.path().is_ident(name);
    let on_tests = attributes.iter().filter(|attribute| {
        is(attribute, "ignore") || is(attribute, "should_panic") || is(attribute, "cfg")
    });
    let on_tests = on_tests.cloned().collect();
    attributes.retain(|attribute| !is(attribute, "ignore") && !is(attribute, "should_panic"));
    on_tests
}

fn tests(keys: &Keys, function: &ItemFn, on_tests: &[Attribute]) -> TokenStream {
    let Keys {
        server,
        over,
        krate,
    } = keys;
    let core = match krate {
        Some(path) => path.to_token_stream(),
        None => quote!(::mcp_core),
    };
    let name = &function.sig.ident;
    let output = &function.sig.output;
    // Where a parameter that is no client is complained of, and a result that is none of a test.
    let taken = function.sig.inputs.span().resolved_at(Span::mixed_site());
    let taken = quote_spanned!(taken=> |__client: #core::testing::Client| #name(__client));
    let returned = match output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => {
            let span = ty.span().resolved_at(Span::mixed_site());
            Some(quote_spanned!(span=> a_test_may_return::<#ty>();))
        }
    };
    let tests = over.iter().flat_map(|transport| {
        let (suffix, transport) = (transport.suffix(), transport.path(&core));
        ERAS.map(|(prefix, era)| {
            let test = format_ident!("{prefix}_{suffix}", span = name.span());
            let era = format_ident!("{era}");
            quote_spanned! {Span::mixed_site()=>
                #(#on_tests)*
                #[test]
                fn #test() #output {
                    #core::testing::block_on(async {
                        let __client = #core::testing::Client::over(
                            #core::era::Era::#era,
                            #transport::new(#server),
                        );
                        super::#name(__client).await
                    })
                }
            }
        })
    });
    let tests: TokenStream = tests.collect();
    quote_spanned! {Span::mixed_site()=>
        const _: () = {
            #[allow(dead_code)]
            fn __check() {
                fn a_test_may_return<T: ::std::process::Termination>() {}
                let _ = #taken;
                #returned
            }
        };

        #[cfg(test)]
        mod #name {
            #[allow(unused_imports)]
            use super::*;

            #tests
        }
    }
}
