//! The user's function, and what its attribute says of it, as we understand them.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{
    Attribute, Expr, FnArg, Ident, LitStr, Meta, Pat, PatType, Path, ReturnType, Signature, Type,
    Visibility,
    ext::IdentExt as _,
    parse::{Parse, ParseStream},
    parse_quote,
};

use crate::{
    attr::{Flag, Keys},
    diag::Diag,
    docs,
};

/// `#[mcp_tool(…)]`
pub(crate) struct ToolFn {
    pub(crate) common: Common,
    pub(crate) read_only: Option<Flag>,
    pub(crate) destructive: Option<Flag>,
    pub(crate) idempotent: Option<Flag>,
    pub(crate) open_world: Option<Flag>,
    pub(crate) strict: Option<Flag>,
}

/// `#[mcp_resource("…", …)]`
pub(crate) struct ResourceFn {
    pub(crate) common: Common,
    pub(crate) uri: Option<LitStr>,
    pub(crate) mime: Option<LitStr>,
}

/// `#[mcp_prompt(…)]`
pub(crate) struct PromptFn {
    pub(crate) common: Common,
}

/// The keys that every attribute has.
pub(crate) struct Common {
    pub(crate) name: Option<LitStr>,
    pub(crate) title: Option<Expr>,
    pub(crate) description: Option<Expr>,
    pub(crate) icon: Option<LitStr>,
    pub(crate) requires_auth: Option<Flag>,
    /// What the emitted struct is called, if not like the function.
    pub(crate) ident: Option<Ident>,
    /// Where `mcp_core` is, if not there.
    pub(crate) krate: Option<Path>,
}

impl ToolFn {
    /// Reads what is in the brackets.
    pub(crate) fn read(tokens: TokenStream, diag: &mut Diag) -> Self {
        let mut keys = Keys::parse(tokens, diag);
        let common = Common::take(&mut keys);
        let tool = Self {
            read_only: keys.flag("read_only"),
            destructive: keys.flag("destructive"),
            idempotent: keys.flag("idempotent"),
            open_world: keys.flag("open_world"),
            strict: keys.flag("strict"),
            common,
        };
        keys.finish();
        tool
    }

    /// What it hints at: the methods of the builder are called like the keys.
    pub(crate) fn hints(&self) -> [(&'static str, Option<Flag>); 4] {
        [
            ("read_only", self.read_only),
            ("destructive", self.destructive),
            ("idempotent", self.idempotent),
            ("open_world", self.open_world),
        ]
    }
}

impl ResourceFn {
    /// Reads what is in the brackets.
    pub(crate) fn read(tokens: TokenStream, diag: &mut Diag) -> Self {
        const EXPECTED: &str =
            "begin with the URI or its template: `#[mcp_resource(\"book://{id}\")]`";
        let (uri, mut keys) = Keys::parse_after_string(tokens, EXPECTED, diag);
        let common = Common::take(&mut keys);
        let resource = Self {
            uri,
            mime: keys.string("mime"),
            common,
        };
        keys.finish();
        resource
    }
}

impl PromptFn {
    /// Reads what is in the brackets.
    pub(crate) fn read(tokens: TokenStream, diag: &mut Diag) -> Self {
        let mut keys = Keys::parse(tokens, diag);
        let common = Common::take(&mut keys);
        keys.finish();
        Self { common }
    }
}

impl Common {
    fn take(keys: &mut Keys<'_>) -> Self {
        Self {
            name: keys.string("name"),
            title: keys.expr("title"),
            description: keys.expr("description"),
            icon: keys.string("icon"),
            requires_auth: keys.flag("requires_auth"),
            ident: keys.ident("ident"),
            krate: keys.path("crate"),
        }
    }

    /// The name that was given, or the function's.
    pub(crate) fn name_of(&self, function: &Function) -> String {
        self.name
            .as_ref()
            .map_or_else(|| function.name(), LitStr::value)
    }
}

/// A function, its parameters freed of what is ours.
pub(crate) struct Function {
    attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// Never looked into, so that what is half written in an editor does no harm.
    body: TokenStream,
    /// What its doc comment says.
    pub(crate) docs: Option<TokenStream>,
    pub(crate) params: Vec<Param>,
}

/// A parameter, and what its attributes say of it.
pub(crate) struct Param {
    pub(crate) pat: Pat,
    /// Patterns such as `State(db)` have none, and need none.
    pub(crate) name: Option<Name>,
    pub(crate) ty: Type,
    pub(crate) description: Option<TokenStream>,
    pub(crate) default: Option<Expr>,
    pub(crate) min: Option<Expr>,
    pub(crate) max: Option<Expr>,
    pub(crate) min_len: Option<Expr>,
    pub(crate) max_len: Option<Expr>,
    pub(crate) header: Option<LitStr>,
}

/// What a caller calls a parameter.
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Span,
    /// By `#[arg(name = "…")]`.
    pub(crate) renamed: bool,
}

/// A function as it is written.
struct Written {
    attrs: Vec<Attribute>,
    vis: Visibility,
    sig: Signature,
    body: TokenStream,
}

impl Parse for Written {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self {
            attrs: input.call(Attribute::parse_outer)?,
            vis: input.parse()?,
            sig: input.parse()?,
            body: input.parse()?,
        })
    }
}

impl Function {
    /// Reads a function, if it is one.
    pub(crate) fn parse(item: TokenStream, diag: &mut Diag) -> Option<Self> {
        let Written {
            attrs,
            vis,
            mut sig,
            body,
        } = syn::parse2(item).ok()?;
        let docs = docs::description(&attrs);
        let params = sig.inputs.iter_mut().filter_map(|input| match input {
            FnArg::Receiver(_) => None,
            FnArg::Typed(param) => Some(Param::take(param, diag)),
        });
        let params = params.collect();
        Some(Self {
            attrs,
            vis,
            sig,
            body,
            docs,
            params,
        })
    }

    /// Its name, without the `r#` that Rust may need.
    pub(crate) fn name(&self) -> String {
        self.sig.ident.unraw().to_string()
    }

    /// What it returns.
    pub(crate) fn output(&self) -> Type {
        match &self.sig.output {
            ReturnType::Default => parse_quote!(()),
            ReturnType::Type(_, ty) => Type::clone(ty),
        }
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            attrs,
            vis,
            sig,
            body,
            ..
        } = self;
        attrs.iter().for_each(|attr| attr.to_tokens(tokens));
        vis.to_tokens(tokens);
        sig.to_tokens(tokens);
        body.to_tokens(tokens);
    }
}

impl Param {
    /// Reads a parameter, and takes off it what the compiler does not know.
    fn take(param: &mut PatType, diag: &mut Diag) -> Self {
        let docs = docs::description(&param.attrs);
        let arg = arg_tokens(&param.attrs, diag);
        param.attrs.retain(|attr| !is_ours(attr));
        let mut keys = Keys::parse(arg, diag);
        let name = keys.string("name").map(Name::given);
        let read = Self {
            pat: Pat::clone(&param.pat),
            name: name.or_else(|| Name::of(&param.pat)),
            ty: Type::clone(&param.ty),
            description: keys
                .expr("description")
                .map(Expr::into_token_stream)
                .or(docs),
            default: keys.expr("default"),
            min: keys.expr("min"),
            max: keys.expr("max"),
            min_len: keys.expr("min_len"),
            max_len: keys.expr("max_len"),
            header: keys.string("header"),
        };
        keys.finish();
        read
    }

    /// Whether it was said what values it may have.
    pub(crate) fn is_constrained(&self) -> bool {
        let Self {
            default,
            min,
            max,
            min_len,
            max_len,
            header,
            ..
        } = self;
        let values = [default, min, max, min_len, max_len];
        values.into_iter().any(Option::is_some) || header.is_some()
    }
}

/// `#[arg(…)]` and doc comments: the compiler would refuse them on a parameter.
fn is_ours(attr: &Attribute) -> bool {
    attr.path().is_ident("arg") || attr.path().is_ident("doc")
}

/// What is in the brackets of `#[arg(…)]`.
fn arg_tokens(attrs: &[Attribute], diag: &mut Diag) -> TokenStream {
    let mut args = attrs.iter().filter(|attr| attr.path().is_ident("arg"));
    let Some(arg) = args.next() else {
        return TokenStream::new();
    };
    args.for_each(|again| diag.on(again, "one `#[arg(…)]` is enough: put all keys into it"));
    match &arg.meta {
        Meta::List(list) => list.tokens.clone(),
        other => {
            diag.on(other, "expected `#[arg(key = value, …)]`");
            TokenStream::new()
        }
    }
}

impl Name {
    /// What a pattern binds, if it is a plain name.
    fn of(pat: &Pat) -> Option<Self> {
        let Pat::Ident(pat) = pat else { return None };
        let text = pat.ident.unraw().to_string();
        Some(Self {
            text,
            span: pat.ident.span(),
            renamed: false,
        })
    }

    fn given(name: LitStr) -> Self {
        Self {
            text: name.value(),
            span: name.span(),
            renamed: true,
        }
    }
}
