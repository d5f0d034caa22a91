//! The user's `impl` block, and what the attributes of its methods say.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{
    Attribute, Expr, Generics, Ident, Meta, Path, Signature, Token, Type, Visibility, braced,
    parse::{Parse, ParseStream},
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
    pub(crate) ty: Type,
    pub(crate) members: Vec<Member>,
}

/// What stands in it.
pub(crate) enum Member {
    /// A function with one of our attributes, freed of it.
    Method(Box<Method>),
    /// Any other function, until its attributes were looked at.
    Function(Box<Written>),
    /// Never looked into.
    Other(TokenStream),
}

/// A method, and what its attribute says of it.
pub(crate) struct Method {
    pub(crate) function: Function,
    pub(crate) registered: Registered,
}

/// What a method is registered as.
pub(crate) enum Registered {
    Tool(ToolFn),
    Resource(ResourceFn),
    Prompt(PromptFn),
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
        input.parse::<Token![impl]>()?;
        let mut generics: Generics = input.parse()?;
        let ty: Type = input.parse()?;
        if input.peek(Token![for]) {
            let message = "`#[mcp_server]` stands on the type's own `impl` block, not on a trait's";
            return Err(input.error(message));
        }
        generics.where_clause = input.parse()?;
        let content;
        braced!(content in input);
        let mut members = Vec::new();
        while !content.is_empty() {
            members.push(content.parse()?);
        }
        Ok(Self {
            attrs,
            generics,
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
        let members = std::mem::take(&mut self.members);
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

    /// What is registered of this name.
    pub(crate) fn method(&self, name: &Ident) -> Option<&Method> {
        self.methods()
            .find(|method| method.function.sig().ident == *name)
    }
}

impl Method {
    fn read(mut written: Written, diag: &mut Diag) -> Member {
        type Read = fn(TokenStream, &mut Diag) -> Registered;
        const READERS: [(&str, Read); 4] = [
            (ToolFn::ATTRIBUTE, |tokens, diag| {
                Registered::Tool(ToolFn::read(tokens, diag))
            }),
            (ResourceFn::ATTRIBUTE, |tokens, diag| {
                Registered::Resource(ResourceFn::read(tokens, diag))
            }),
            (PromptFn::ATTRIBUTE, |tokens, diag| {
                Registered::Prompt(PromptFn::read(tokens, diag))
            }),
            (CompleteFn::ATTRIBUTE, |tokens, diag| {
                Registered::Completion(CompleteFn::read(tokens, diag))
            }),
        ];
        let reader_of = |attr: &Attribute| {
            let last = attr.path().segments.last()?;
            let known = READERS.iter().find(|(name, _)| last.ident == name)?;
            Some(known.1)
        };
        let found = written
            .attrs
            .iter()
            .position(|attr| reader_of(attr).is_some());
        let Some(attr) = found.map(|index| written.attrs.remove(index)) else {
            return Member::Function(Box::new(written));
        };
        if let Some(second) = written.attrs.iter().find(|attr| reader_of(attr).is_some()) {
            diag.on(second, "a method is registered once: write another one");
        }
        let Some(read) = reader_of(&attr) else {
            return Member::Function(Box::new(written));
        };
        let tokens = match attr.meta {
            Meta::List(list) => list.tokens,
            _ => TokenStream::new(),
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
