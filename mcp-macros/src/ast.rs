//! The user's function, and what its attribute says of it, as we understand them.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Expr, FnArg, Ident, LitInt, LitStr, Meta, Pat, PatType, Path, ReceiverKind,
    ReturnType, Signature, Token, Type, Visibility,
    ext::IdentExt as _,
    parse::{Parse, ParseStream},
    parse_quote, parse_quote_spanned,
};

use crate::{
    attr::{Flag, Keys},
    diag::Diag,
    docs,
    expand::mixed,
    units::{Duration, Rate},
};

/// `#[mcp_tool(…)]`
pub(crate) struct ToolFn {
    pub(crate) common: Common,
    pub(crate) read_only: Option<Flag>,
    pub(crate) destructive: Option<Flag>,
    pub(crate) idempotent: Option<Flag>,
    pub(crate) open_world: Option<Flag>,
    pub(crate) strict: Option<Flag>,
    pub(crate) rate_limit: Option<Rate>,
    pub(crate) max_timeout: Option<(LitStr, Duration)>,
    pub(crate) concurrency: Option<LitInt>,
}

/// `#[mcp_resource("…", …)]`
pub(crate) struct ResourceFn {
    pub(crate) common: Common,
    pub(crate) uri: Option<LitStr>,
    pub(crate) mime: Option<LitStr>,
    pub(crate) ttl: Option<Duration>,
    pub(crate) cache: Option<LitStr>,
    pub(crate) size: Option<Expr>,
    pub(crate) annotations: Option<Expr>,
}

/// `#[mcp_prompt(…)]`
pub(crate) struct PromptFn {
    pub(crate) common: Common,
}

/// `#[mcp_complete(of, argument)]`
pub(crate) struct CompleteFn {
    /// What has the argument, and the argument.
    pub(crate) of: Option<(Path, Name)>,
    pub(crate) blocking: Option<Flag>,
    pub(crate) place: Place,
}

/// The keys of tools, resources and prompts.
pub(crate) struct Common {
    pub(crate) name: Option<LitStr>,
    pub(crate) title: Option<Expr>,
    pub(crate) description: Option<Expr>,
    pub(crate) icon: Option<LitStr>,
    pub(crate) meta: Option<Expr>,
    pub(crate) requires_auth: Option<Flag>,
    pub(crate) scopes: Vec<LitStr>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) tags: Vec<LitStr>,
    pub(crate) blocking: Option<Flag>,
    pub(crate) place: Place,
}

/// Where what is emitted goes.
#[derive(Default)]
pub(crate) struct Place {
    /// What the emitted struct is called, if not like the function.
    pub(crate) ident: Option<Ident>,
    /// Where `mcp_core` is, if not there.
    pub(crate) krate: Option<Path>,
}

impl ToolFn {
    /// Reads what is in the brackets.
    pub(crate) fn read(tokens: TokenStream, diag: &mut Diag) -> Self {
        let mut keys = Keys::parse(tokens, diag);
        let has_timeout = keys.has("timeout");
        let common = Common::take(&mut keys);
        // Beside a `timeout` that was complained of, it cannot be judged.
        let is_judged = common.timeout.is_some() || !has_timeout;
        let tool = Self {
            read_only: keys.flag("read_only"),
            destructive: keys.flag("destructive"),
            idempotent: keys.flag("idempotent"),
            open_world: keys.flag("open_world"),
            strict: keys.flag("strict"),
            rate_limit: keys.rate("rate_limit"),
            max_timeout: keys.duration_at("max_timeout").filter(|_| is_judged),
            concurrency: keys.count("concurrency"),
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
        let uri = |input: ParseStream<'_>| input.parse();
        let (uri, mut keys) = Keys::parse_after(uri, EXPECTED, tokens, diag);
        let common = Common::take(&mut keys);
        let resource = Self {
            uri,
            mime: keys.string("mime"),
            ttl: keys.duration("ttl"),
            cache: keys.string("cache"),
            size: keys.expr("size"),
            annotations: keys.expr("annotations"),
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

impl CompleteFn {
    /// Reads what is in the brackets.
    pub(crate) fn read(tokens: TokenStream, diag: &mut Diag) -> Self {
        const EXPECTED: &str = "begin with what has the argument, and the argument: \
                                `#[mcp_complete(book, id)]`";
        let begin = |input: ParseStream<'_>| {
            let of = input.call(Path::parse_mod_style)?;
            input.parse::<Token![,]>()?;
            let argument = if input.peek(LitStr) {
                Name::given(input.parse()?)
            } else {
                // Keywords too: a parameter can be `r#type`.
                Name::plain(&input.call(Ident::parse_any)?)
            };
            Ok((of, argument))
        };
        let (of, mut keys) = Keys::parse_after(begin, EXPECTED, tokens, diag);
        let complete = Self {
            of,
            blocking: keys.flag("blocking"),
            place: Place::take(&mut keys),
        };
        keys.finish();
        complete
    }
}

impl Place {
    fn take(keys: &mut Keys<'_>) -> Self {
        Self {
            ident: keys.ident("ident"),
            krate: keys.path("crate"),
        }
    }

    /// What the emitted struct is called.
    pub(crate) fn ident_of<'a>(&'a self, function: &'a Function) -> &'a Ident {
        self.ident.as_ref().unwrap_or(&function.sig().ident)
    }
}

impl Common {
    fn take(keys: &mut Keys<'_>) -> Self {
        Self {
            name: keys.string("name"),
            title: keys.expr("title"),
            description: keys.expr("description"),
            icon: keys.string("icon"),
            meta: keys.expr("meta"),
            requires_auth: keys.flag("requires_auth"),
            scopes: keys.strings("scopes"),
            timeout: keys.duration("timeout"),
            tags: keys.strings("tags"),
            blocking: keys.flag("blocking"),
            place: Place::take(keys),
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
    pub(crate) written: Written,
    /// What its doc comment says.
    pub(crate) docs: Option<TokenStream>,
    pub(crate) params: Vec<Param>,
    /// It stands in an `impl` block.
    pub(crate) is_associated: bool,
}

/// How a method takes what it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Me {
    /// `&self`, or `self: &Arc<Self>`
    Borrowed,
    /// `self: Arc<Self>`
    Shared,
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
    pub(crate) pattern: Option<LitStr>,
    pub(crate) example: Option<Expr>,
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
pub(crate) struct Written {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// Never looked into, so that what is half written in an editor does no harm.
    pub(crate) body: TokenStream,
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
        Some(Self::take(syn::parse2(item).ok()?, diag))
    }

    /// Reads a function that is one.
    pub(crate) fn take(mut written: Written, diag: &mut Diag) -> Self {
        let docs = docs::description(&written.attrs);
        let inputs = written.sig.inputs.iter_mut();
        let params = inputs.filter_map(|input| match input {
            FnArg::Receiver(_) => None,
            FnArg::Typed(param) => Some(Param::take(param, diag)),
        });
        let params = params.collect();
        Self {
            written,
            docs,
            params,
            is_associated: false,
        }
    }

    /// How it is called and what it takes and returns, as it is written.
    pub(crate) fn sig(&self) -> &Signature {
        &self.written.sig
    }

    /// How it takes what it belongs to, if it is a method.
    pub(crate) fn me(&self) -> Option<Me> {
        Some(match &self.sig().receiver()?.kind {
            ReceiverKind::Reference(..) => Me::Borrowed,
            ReceiverKind::Typed(_, ty) if matches!(**ty, Type::Reference(_)) => Me::Borrowed,
            _ => Me::Shared,
        })
    }

    /// Where its signature says `Self`, which there is in an `impl` block only.
    pub(crate) fn says_self(&self) -> Option<Span> {
        fn find(tokens: TokenStream) -> Option<Span> {
            tokens.into_iter().find_map(|token| match token {
                TokenTree::Ident(ident) => (ident == "Self").then(|| ident.span()),
                TokenTree::Group(group) => find(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => None,
            })
        }
        find(self.sig().to_token_stream())
    }

    /// Under which conditions it is there: inside of an `impl` block they are not yet decided.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Attribute> {
        let attrs = self.written.attrs.iter();
        attrs.filter(|attr| attr.path().is_ident("cfg"))
    }

    /// Whether what it returns could be borrowed from what it takes.
    pub(crate) fn is_lending(&self) -> bool {
        let first = self.params.first().map(|param| &param.ty);
        self.sig().receiver().is_some() || matches!(first, Some(Type::Reference(_)))
    }

    /// Its name, without the `r#` that Rust may need.
    pub(crate) fn name(&self) -> String {
        self.sig().ident.unraw().to_string()
    }

    /// What it returns.
    pub(crate) fn output(&self) -> Type {
        match &self.sig().output {
            ReturnType::Default => parse_quote!(()),
            ReturnType::Type(_, ty) => Type::clone(ty),
        }
    }
}

impl ToTokens for Written {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            attrs,
            vis,
            sig,
            body,
        } = self;
        attrs.iter().for_each(|attr| attr.to_tokens(tokens));
        vis.to_tokens(tokens);
        sig.to_tokens(tokens);
        body.to_tokens(tokens);
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        // How these functions have to be.
        tokens.extend(mixed! {
            #[allow(
                clippy::missing_const_for_fn,
                clippy::needless_pass_by_value,
                clippy::too_many_arguments
            )]
        });
        self.written.to_tokens(tokens);
    }
}

impl Param {
    /// Reads a parameter, and takes off it what the compiler does not know.
    fn take(param: &mut PatType, diag: &mut Diag) -> Self {
        let docs = docs::description(&param.attrs);
        let arg = arg_tokens(&param.attrs, diag);
        for attr in param.attrs.iter().filter(|attr| is_of_a_field(attr)) {
            let message =
                "this says nothing of a parameter, only of fields: use `#[arg(…)]` instead";
            diag.on(attr, message);
        }
        param
            .attrs
            .retain(|attr| !is_ours(attr) && !is_of_a_field(attr));
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
            default: keys.expr_or("default", default),
            min: keys.expr("min"),
            max: keys.expr("max"),
            min_len: keys.expr("min_len"),
            max_len: keys.expr("max_len"),
            pattern: keys.string("pattern"),
            example: keys.expr("example"),
            header: keys.string("header"),
        };
        keys.finish();
        read
    }

    /// Whether it was said what values it may have.
    pub(crate) fn is_constrained(&self) -> bool {
        self.exprs().next().is_some() || self.pattern.is_some() || self.header.is_some()
    }

    /// The values that its attribute names.
    pub(crate) fn exprs(&self) -> impl Iterator<Item = &Expr> {
        let Self {
            default,
            min,
            max,
            min_len,
            max_len,
            example,
            ..
        } = self;
        let exprs = [default, min, max, min_len, max_len, example];
        exprs.into_iter().flatten()
    }
}

/// What `default` without a value stands for, as it does for serde.
fn default(span: Span) -> Expr {
    let span = span.resolved_at(Span::mixed_site());
    parse_quote_spanned!(span=> ::core::default::Default::default())
}

/// `#[arg(…)]` and doc comments: the compiler would refuse them on a parameter.
fn is_ours(attr: &Attribute) -> bool {
    attr.path().is_ident("arg") || attr.path().is_ident("doc")
}

/// What derives read, where people look for `#[arg(…)]`.
fn is_of_a_field(attr: &Attribute) -> bool {
    attr.path().is_ident("serde") || attr.path().is_ident("schemars")
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
        match pat {
            Pat::Ident(pat) => Some(Self::plain(&pat.ident)),
            _ => None,
        }
    }

    fn plain(ident: &Ident) -> Self {
        Self {
            text: ident.unraw().to_string(),
            span: ident.span(),
            renamed: false,
        }
    }

    fn given(name: LitStr) -> Self {
        Self {
            text: name.value(),
            span: name.span(),
            renamed: true,
        }
    }
}
