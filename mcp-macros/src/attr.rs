//! `key`, `key = value`: what stands in the brackets of an attribute.

use proc_macro2::{Span, TokenStream};
use syn::{
    Expr, ExprLit, ExprPath, Ident, Lit, LitInt, LitStr, Path, Token,
    ext::IdentExt as _,
    parse::{Parse, ParseStream, Parser as _},
    punctuated::Punctuated,
};

use crate::{
    diag::Diag,
    units::{self, Duration, Rate},
};

/// The keys of one attribute, taken one by one.
///
/// Whatever is asked for is valid, and what was never asked for is unknown: so the list of valid
/// keys in a complaint cannot grow old.
pub(crate) struct Keys<'d> {
    diag: &'d mut Diag,
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
    List(TokenStream),
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
            Value::List(list.parse()?)
        } else {
            Value::None
        };
        Ok(Self { key, value })
    }
}

impl<'d> Keys<'d> {
    /// Reads `tokens`, the inside of `#[attribute(…)]`.
    pub(crate) fn parse(tokens: TokenStream, diag: &'d mut Diag) -> Self {
        let mut keys = Self {
            diag,
            pairs: Vec::new(),
            known: Vec::new(),
            complete: true,
        };
        if let Err(error) = (|input: ParseStream<'_>| keys.read(input)).parse2(tokens) {
            keys.diag.add(error);
            keys.complete = false;
            // It may be what the error is about, and has been complained of then.
            keys.pairs.pop();
        }
        keys
    }

    /// The same for an attribute that begins with something else, which `expected` describes.
    pub(crate) fn parse_after<T>(
        begin: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
        expected: &str,
        tokens: TokenStream,
        diag: &'d mut Diag,
    ) -> (Option<T>, Self) {
        let split = |input: ParseStream<'_>| {
            let first = begin(input).map_err(|error| syn::Error::new(error.span(), expected))?;
            let rest = if input.is_empty() {
                Ok(TokenStream::new())
            } else {
                input.parse::<Token![,]>().and_then(|_| input.parse())
            };
            // Whatever else is wrong, it did begin.
            let _: TokenStream = input.parse()?;
            Ok((first, rest))
        };
        let (first, rest) = match diag.ok(split.parse2(tokens)) {
            Some((first, rest)) => (Some(first), diag.ok(rest)),
            None => (None, None),
        };
        let complete = rest.is_some();
        let mut keys = Self::parse(rest.unwrap_or_default(), diag);
        keys.complete &= complete;
        (first, keys)
    }

    fn read(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        while !input.is_empty() {
            let pair: Pair = input.parse()?;
            if self.pairs.iter().any(|first| first.key == pair.key) {
                self.diag
                    .on(&pair.key, format_args!("`{}` is given twice", pair.key));
            } else {
                self.pairs.push(pair);
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    }

    /// Whether the key is there, right or wrong, and was not read yet.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.pairs.iter().any(|pair| pair.key == key)
    }

    fn take(&mut self, key: &'static str) -> Option<Pair> {
        self.known.push(key);
        let index = self.pairs.iter().position(|pair| pair.key == key)?;
        Some(self.pairs.remove(index))
    }

    /// `key = expression`.
    pub(crate) fn expr(&mut self, key: &'static str) -> Option<Expr> {
        self.value(key, "…")
    }

    /// `key = expression`, or `key` for what it stands for.
    pub(crate) fn expr_or(
        &mut self,
        key: &'static str,
        meant: impl FnOnce(Span) -> Expr,
    ) -> Option<Expr> {
        let mut pairs = self.pairs.iter();
        let bare = pairs.find(|pair| pair.key == key && matches!(pair.value, Value::None));
        let Some(span) = bare.map(|pair| pair.key.span()) else {
            return self.expr(key);
        };
        self.take(key);
        Some(meant(span))
    }

    fn value(&mut self, key: &'static str, example: &str) -> Option<Expr> {
        let pair = self.take(key)?;
        let Value::Expr(expr) = pair.value else {
            self.diag.on(
                &pair.key,
                format_args!("`{key}` needs a value: `{key} = {example}`"),
            );
            return None;
        };
        Some(unwrapped(&expr).clone())
    }

    /// `key = "text"`.
    pub(crate) fn string(&mut self, key: &'static str) -> Option<LitStr> {
        match self.value(key, "\"…\"")? {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Some(text),
            other => {
                self.diag
                    .on(other, format_args!("expected a string: `{key} = \"…\"`"));
                None
            }
        }
    }

    /// `key("text", …)`, with one text at least.
    pub(crate) fn strings(&mut self, key: &'static str) -> Vec<LitStr> {
        let Some(pair) = self.take(key) else {
            return Vec::new();
        };
        let texts = match pair.value {
            Value::List(list) => Punctuated::<LitStr, Token![,]>::parse_terminated.parse2(list),
            Value::None | Value::Expr(_) => Ok(Punctuated::new()),
        };
        match texts {
            Ok(texts) if !texts.is_empty() => texts.into_iter().collect(),
            _ => {
                self.diag.on(
                    &pair.key,
                    format_args!("expected a list of strings: `{key}(\"…\", \"…\")`"),
                );
                Vec::new()
            }
        }
    }

    /// `key = "10s"`.
    pub(crate) fn duration(&mut self, key: &'static str) -> Option<Duration> {
        Some(self.duration_at(key)?.1)
    }

    /// The same, and where it stands.
    pub(crate) fn duration_at(&mut self, key: &'static str) -> Option<(LitStr, Duration)> {
        self.measure(key, units::duration)
    }

    /// `key = "30/min"`.
    pub(crate) fn rate(&mut self, key: &'static str) -> Option<Rate> {
        Some(self.measure(key, units::rate)?.1)
    }

    fn measure<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<(LitStr, T)> {
        let text = self.string(key)?;
        match read(&text.value()) {
            Ok(measure) => Some((text, measure)),
            Err(problem) => {
                self.diag.on(text, problem);
                None
            }
        }
    }

    /// `key = 4`, one at least.
    pub(crate) fn count(&mut self, key: &'static str) -> Option<LitInt> {
        match self.value(key, "4")? {
            Expr::Lit(ExprLit {
                lit: Lit::Int(count),
                ..
            }) if count.suffix().is_empty()
                && count.base10_parse().is_ok_and(|count: u32| count > 0) =>
            {
                Some(count)
            }
            other => {
                self.diag.on(
                    other,
                    format_args!("expected a number above zero: `{key} = 4`"),
                );
                None
            }
        }
    }

    /// `key`, `key = true` or `key = false`.
    pub(crate) fn flag(&mut self, key: &'static str) -> Option<Flag> {
        let Pair { key: given, value } = self.take(key)?;
        let expected = format_args!("expected `{key}`, `{key} = true` or `{key} = false`");
        let span = given.span();
        match value {
            Value::None => return Some(Flag { value: true, span }),
            Value::Expr(expr) => match unwrapped(&expr) {
                Expr::Lit(ExprLit {
                    lit: Lit::Bool(literal),
                    ..
                }) => {
                    return Some(Flag {
                        value: literal.value,
                        span,
                    });
                }
                other => self.diag.on(other, expected),
            },
            Value::List(_) => self.diag.on(given, expected),
        }
        None
    }

    /// `key = name`.
    pub(crate) fn ident(&mut self, key: &'static str) -> Option<Ident> {
        match self.value(key, "name")? {
            Expr::Path(ExprPath { path, .. }) if path.get_ident().is_some() => {
                path.get_ident().cloned()
            }
            other => {
                self.diag
                    .on(other, format_args!("expected a name: `{key} = other_name`"));
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
                self.diag.on(
                    text,
                    format_args!("expected a path: `{key} = \"my_crate::mcp_core\"`"),
                );
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
            let known = self.known.join(", ");
            self.diag.on(
                &key,
                format_args!("unknown key `{key}`; expected one of: {known}"),
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

/// What is inside the invisible brackets that `macro_rules!` leaves around what it was given.
pub(crate) fn unwrapped(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => unwrapped(&group.expr),
        expr => expr,
    }
}
