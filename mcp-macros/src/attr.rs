//! `key`, `key = value`, `key = value`: what stands in the brackets of an attribute.

use proc_macro2::{Span, TokenStream};
use syn::{
    Expr, ExprLit, ExprPath, Ident, Lit, LitStr, Path, Token,
    ext::IdentExt as _,
    parse::{Parse, ParseStream, Parser as _},
};

use crate::{diag::Diag, docs::unwrapped};

/// The keys of one attribute, taken one by one.
///
/// Whatever is asked for is valid, and what was never asked for is unknown: so the list of valid
/// keys in a complaint cannot grow old.
pub(crate) struct Keys<'d> {
    diag: &'d mut Diag,
    attribute: &'static str,
    pairs: Vec<Pair>,
    known: Vec<&'static str>,
    /// After a syntax error the rest was not read, and nothing can be said of it.
    complete: bool,
}

struct Pair {
    key: Ident,
    value: Value,
}

enum Value {
    None,
    Expr(Box<Expr>),
    List,
}

impl Parse for Pair {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        // Keywords too: `crate` is a key.
        let key = input.call(Ident::parse_any)?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Value::Expr(input.parse()?)
        } else if input.peek(syn::token::Paren) {
            let list;
            syn::parenthesized!(list in input);
            list.parse::<TokenStream>()?;
            Value::List
        } else {
            Value::None
        };
        Ok(Self { key, value })
    }
}

impl<'d> Keys<'d> {
    /// Reads `tokens`, the inside of `#[attribute(…)]`.
    pub(crate) fn parse(attribute: &'static str, tokens: TokenStream, diag: &'d mut Diag) -> Self {
        let mut keys =
            Self { diag, attribute, pairs: Vec::new(), known: Vec::new(), complete: true };
        if let Err(error) = (|input: ParseStream<'_>| keys.read(input)).parse2(tokens) {
            keys.diag.add(error);
            keys.complete = false;
        }
        keys
    }

    /// The same for an attribute that begins with a string.
    pub(crate) fn parse_after_string(
        attribute: &'static str,
        tokens: TokenStream,
        diag: &'d mut Diag,
    ) -> (Option<LitStr>, Self) {
        let split = |input: ParseStream<'_>| {
            let string = input.peek(LitStr).then(|| input.parse::<LitStr>()).transpose()?;
            if string.is_some() && input.peek(Token![,]) {
                input.parse::<Token![,]>()?;
            }
            Ok((string, input.parse()?))
        };
        let (string, rest) = diag.ok(split.parse2(tokens)).unwrap_or_default();
        (string, Self::parse(attribute, rest, diag))
    }

    fn read(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        while !input.is_empty() {
            let pair: Pair = input.parse()?;
            if self.pairs.iter().any(|first| first.key == pair.key) {
                self.diag.on(&pair.key, format_args!("`{}` is given twice", pair.key));
            } else {
                self.pairs.push(pair);
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    }

    fn take(&mut self, key: &'static str) -> Option<Pair> {
        self.known.push(key);
        let index = self.pairs.iter().position(|pair| pair.key == key)?;
        Some(self.pairs.remove(index))
    }

    /// `key = expression`.
    pub(crate) fn expr(&mut self, key: &'static str) -> Option<Expr> {
        self.expr_like(key, "…")
    }

    fn expr_like(&mut self, key: &'static str, example: &str) -> Option<Expr> {
        let pair = self.take(key)?;
        let Value::Expr(expr) = pair.value else {
            self.diag.on(&pair.key, format_args!("`{key}` needs a value: `{key} = {example}`"));
            return None;
        };
        Some(unwrapped(&expr).clone())
    }

    /// `key = "text"`.
    pub(crate) fn string(&mut self, key: &'static str) -> Option<LitStr> {
        match self.expr_like(key, "\"…\"")? {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text),
            other => {
                self.diag.on(other, format_args!("expected a string: `{key} = \"…\"`"));
                None
            }
        }
    }

    /// `key`, `key = true` or `key = false`.
    pub(crate) fn flag(&mut self, key: &'static str) -> Option<Flag> {
        let pair = self.take(key)?;
        let span = pair.key.span();
        match pair.value {
            Value::None => Some(Flag { value: true, span }),
            Value::Expr(expr) => match unwrapped(&expr) {
                Expr::Lit(ExprLit { lit: Lit::Bool(literal), .. }) => {
                    Some(Flag { value: literal.value, span })
                }
                other => {
                    self.diag.on(other, format_args!("expected `{key}`, `{key} = true` or `{key} = false`"));
                    None
                }
            },
            Value::List => {
                self.diag.on(&pair.key, format_args!("expected `{key}`, `{key} = true` or `{key} = false`"));
                None
            }
        }
    }

    /// `key = name`.
    pub(crate) fn ident(&mut self, key: &'static str) -> Option<Ident> {
        match self.expr_like(key, "name")? {
            Expr::Path(ExprPath { path, .. }) if path.get_ident().is_some() => path.get_ident().cloned(),
            other => {
                self.diag.on(other, format_args!("expected a name: `{key} = other_name`"));
                None
            }
        }
    }

    /// `key = "some::path"`.
    pub(crate) fn path(&mut self, key: &'static str) -> Option<Path> {
        let text = self.string(key)?;
        match text.parse_with(Path::parse_mod_style) {
            Ok(path) => Some(path),
            Err(_) => {
                self.diag.on(text, format_args!("expected a path: `{key} = \"my_crate::mcp_core\"`"));
                None
            }
        }
    }

    /// Complains of what nobody asked for.
    pub(crate) fn finish(self) {
        if !self.complete {
            return;
        }
        for Pair { key, .. } in self.pairs {
            self.diag.on(
                &key,
                format_args!(
                    "`{}` is no key of `#[{}]`; there are: {}",
                    key.unraw(),
                    self.attribute,
                    self.known.join(", ")
                ),
            );
        }
    }
}

/// A flag that was given, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flag {
    pub(crate) value: bool,
    pub(crate) span: Span,
}
