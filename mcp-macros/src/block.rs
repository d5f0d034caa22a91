//! The user's `impl` block, and what the attributes of its methods say.

use std::mem;

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{
    Attribute, Error, Expr, Generics, Ident, Meta, Path, Signature, Token, Type, Visibility,
    braced,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
};

use crate::{
    ast::{CompleteFn, Function, Place, PromptFn, ResourceFn, ToolFn, Written},
    attr::Keys,
    diag::Diag,
    expand::Item,
};

/// `#[mcp_server(…)]`
pub(crate) struct ServerImpl {
    pub(crate) instructions: Option<Expr>,
    /// Where `mcp_core` is, if not there.
    pub(crate) krate: Option<Path>,
}

impl ServerImpl {
    /// Reads what is in the brackets.
    pub(crate) fn read(tokens: TokenStream, diag: &mut Diag) -> Self {
        let mut keys = Keys::parse(tokens, diag);
        let server = Self {
            instructions: keys.expr("instructions"),
            krate: keys.path("crate"),
        };
        keys.finish();
        server
    }
}

/// An `impl` block.
pub(crate) struct Block {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) generics: Generics,
    /// The trait that it implements, which it should not.
    pub(crate) of: Option<Type>,
    pub(crate) ty: Type,
    pub(crate) members: Vec<Member>,
}

/// What stands in it.
pub(crate) enum Member {
    /// A function with one of our attributes, freed of it.
    Method(Box<Method>),
    /// Any other function, until its attributes were looked at.
    Function(Box<Written>),
    /// Never looked into; inner attributes, too, which come first.
    Other(TokenStream),
}

/// A method, and what its attribute says of it.
pub(crate) struct Method {
    pub(crate) function: Function,
    pub(crate) registered: Registered,
}

/// What a method is registered as.
pub(crate) enum Registered {
    Tool(Box<ToolFn>),
    Resource(Box<ResourceFn>),
    Prompt(Box<PromptFn>),
    Completion(CompleteFn),
}

impl Registered {
    /// Where what is emitted goes.
    pub(crate) fn place(&self) -> &Place {
        match self {
            Self::Tool(tool) => &tool.common.place,
            Self::Resource(resource) => &resource.common.place,
            Self::Prompt(prompt) => &prompt.common.place,
            Self::Completion(completion) => &completion.place,
        }
    }
}

impl Parse for Block {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        if !input.peek(Token![impl]) {
            let message = "`#[mcp_server]` can only stand on an `impl` block";
            return Err(Error::new(Span::call_site(), message));
        }
        input.parse::<Token![impl]>()?;
        let mut generics: Generics = input.parse()?;
        let mut ty = input.parse()?;
        let of = if input.peek(Token![for]) {
            input.parse::<Token![for]>()?;
            Some(mem::replace(&mut ty, input.parse()?))
        } else {
            None
        };
        generics.where_clause = input.parse()?;
        let content;
        braced!(content in input);
        let mut members = Vec::new();
        for inner in content.call(Attribute::parse_inner)? {
            members.push(Member::Other(inner.into_token_stream()));
        }
        while !content.is_empty() {
            members.push(content.parse()?);
        }
        Ok(Self {
            attrs,
            generics,
            of,
            ty,
            members,
        })
    }
}

impl Parse for Member {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if starts_function(&input.fork()) {
            return Ok(Self::Function(Box::new(Written {
                attrs: input.call(Attribute::parse_outer)?,
                vis: input.parse()?,
                sig: input.parse()?,
                body: input.parse::<TokenTree>()?.into(),
            })));
        }
        let mut tokens = TokenStream::new();
        while !input.is_empty() {
            let token: TokenTree = input.parse()?;
            let ends = match &token {
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                TokenTree::Punct(punct) => punct.as_char() == ';',
                _ => false,
            };
            tokens.extend([token]);
            if ends {
                break;
            }
        }
        Ok(Self::Other(tokens))
    }
}

fn starts_function(input: ParseStream<'_>) -> bool {
    input.call(Attribute::parse_outer).is_ok()
        && input.parse::<Visibility>().is_ok()
        && input.parse::<Signature>().is_ok()
        && input.peek(syn::token::Brace)
}

impl Block {
    /// Reads the attributes of its functions.
    pub(crate) fn read(&mut self, diag: &mut Diag) {
        let members = mem::take(&mut self.members);
        self.members = members
            .into_iter()
            .map(|member| match member {
                Member::Function(written) => Method::read(*written, diag),
                other => other,
            })
            .collect();
    }

    /// What is registered, in source order.
    pub(crate) fn methods(&self) -> impl Iterator<Item = &Method> {
        self.members.iter().filter_map(|member| match member {
            Member::Method(method) => Some(&**method),
            Member::Function(_) | Member::Other(_) => None,
        })
    }

    /// What is registered under the name by which a completion refers to it. There may be several,
    /// each under a condition of its own.
    pub(crate) fn siblings<'b>(&'b self, of: &'b Path) -> impl Iterator<Item = &'b Method> {
        let name = local(of);
        self.methods()
            .filter(move |method| name == Some(&method.function.sig().ident))
    }

    /// Whether it has a function of this name that is not registered.
    pub(crate) fn has_helper(&self, of: &Path) -> bool {
        let name = local(of);
        self.members.iter().any(|member| match member {
            Member::Function(helper) => name == Some(&helper.sig.ident),
            Member::Method(_) | Member::Other(_) => false,
        })
    }
}

/// `name` or `Self::name`.
fn local(path: &Path) -> Option<&Ident> {
    let mut segments = path.segments.iter();
    match (segments.next()?, segments.next(), segments.next()) {
        (name, None, None) => Some(&name.ident),
        (first, Some(name), None) if first.ident == "Self" => Some(&name.ident),
        _ => None,
    }
}

impl Method {
    /// The function as a method, if one of our attributes stands on it.
    fn read(mut written: Written, diag: &mut Diag) -> Member {
        let mut ours = Vec::new();
        written.attrs.retain(|attr| {
            let reader = reader_of(attr.path());
            ours.extend(reader.map(|read| (attr.clone(), read)));
            reader.is_none() && !is_conditional(attr, diag)
        });
        let mut ours = ours.into_iter();
        let Some((attr, read)) = ours.next() else {
            return Member::Function(Box::new(written));
        };
        ours.for_each(|(again, _)| {
            let message = "a method is registered as one thing: write another method for the other";
            diag.on(again, message);
        });
        let tokens = match attr.meta {
            Meta::List(list) => list.tokens,
            Meta::Path(_) => TokenStream::new(),
            Meta::NameValue(given) => {
                diag.on(
                    &given.value,
                    "expected keys in brackets: `(key = value, …)`",
                );
                TokenStream::new()
            }
        };
        let registered = read(tokens, diag);
        let mut function = Function::take(written, diag);
        function.is_associated = true;
        Member::Method(Box::new(Self {
            function,
            registered,
        }))
    }
}

type Reader = fn(TokenStream, &mut Diag) -> Registered;

/// What reads the attribute of this name, if it is one of ours.
fn reader_of(path: &Path) -> Option<Reader> {
    const READERS: [(&str, Reader); 4] = [
        (ToolFn::ATTRIBUTE, |tokens, diag| {
            Registered::Tool(Box::new(ToolFn::read(tokens, diag)))
        }),
        (ResourceFn::ATTRIBUTE, |tokens, diag| {
            Registered::Resource(Box::new(ResourceFn::read(tokens, diag)))
        }),
        (PromptFn::ATTRIBUTE, |tokens, diag| {
            Registered::Prompt(Box::new(PromptFn::read(tokens, diag)))
        }),
        (CompleteFn::ATTRIBUTE, |tokens, diag| {
            Registered::Completion(CompleteFn::read(tokens, diag))
        }),
    ];
    let last = path.segments.last()?;
    let known = READERS.into_iter().find(|(name, _)| last.ident == name)?;
    Some(known.1)
}

/// Complains of one of our attributes that is there under a condition, which nothing knows yet.
fn is_conditional(attr: &Attribute, diag: &mut Diag) -> bool {
    if !attr.path().is_ident("cfg_attr") {
        return false;
    }
    let metas = attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    let mut metas = metas.into_iter().flatten().skip(1);
    let ours = metas.find(|meta| reader_of(meta.path()).is_some());
    if let Some(ours) = &ours {
        let message = "a method cannot be registered under a condition: write `#[cfg(…)]` on all \
                       of it";
        diag.on(ours, message);
    }
    ours.is_some()
}
