//! What holds for arguments: what `#[arg(…)]` says of them, and their names.

use std::collections::HashSet;

use syn::{Expr, ExprLit, ExprPath, ExprUnary, Lit, UnOp, visit::Visit};

use super::refuse;
use crate::{ast::Param, diag::Diag};

/// What can be said of one argument by what is written of it.
pub(super) fn constraints(param: &Param, diag: &mut Diag) {
    if param.name.is_none() && param.is_constrained() {
        diag.on(
            &param.pat,
            "name this argument for its callers: `#[arg(name = \"…\")]`",
        );
    }
    for expr in param.exprs() {
        let mut found = Me::default();
        found.visit_expr(expr);
        if let Some(me) = found.0 {
            let message = "there is no `self` before there is a call: name a constant, `Self::…`";
            diag.on(me, message);
        }
    }
    refuse(&param.header, diag, |header| {
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        let is_name = !header.is_empty() && header.bytes().all(token);
        (!is_name).then_some("not the name of a header: letters, digits and !#$%&'*+-.^_`|~ only")
    });
    for (key, bound) in [("min", &param.min), ("max", &param.max)] {
        if let Some(Expr::Lit(ExprLit { lit, .. })) = bound
            && !matches!(lit, Lit::Int(_) | Lit::Float(_))
        {
            diag.on(lit, format_args!("`{key}` is a number"));
        }
    }
    let values = [("default", &param.default), ("example", &param.example)];
    pattern(param, values, diag);
    let numbers = (["min", "max"], number as Measure, &param.min, &param.max);
    let lengths = (
        ["min_len", "max_len"],
        length as Measure,
        &param.min_len,
        &param.max_len,
    );
    for ([min, max], measure, least, most) in [numbers, lengths] {
        let (low, high) = (number(least), number(most));
        if is_more(low, high) {
            diag.on(least, format_args!("`{min}` is greater than `{max}`"));
            continue;
        }
        for (what, value) in values {
            let measured = measure(value);
            if is_more(low, measured) {
                diag.on(value, format_args!("the {what} is below `{min}`"));
            } else if is_more(measured, high) {
                diag.on(value, format_args!("the {what} is above `{max}`"));
            }
        }
    }
}

/// What of a value that is written there has its bounds.
type Measure = fn(&Option<Expr>) -> Option<f64>;

/// The pattern, and the `values` that should match it.
fn pattern(param: &Param, values: [(&str, &Option<Expr>); 2], diag: &mut Diag) {
    let Some(pattern) = &param.pattern else {
        return;
    };
    let regex = match regex_lite::Regex::new(&pattern.value()) {
        Ok(regex) => regex,
        Err(error) => return diag.on(pattern, format_args!("not a pattern: {error}")),
    };
    for (what, value) in values {
        if text(value).is_some_and(|text| !regex.is_match(&text)) {
            diag.on(value, format_args!("the {what} does not match `pattern`"));
        }
    }
}

/// Two arguments that are mirrored by one header, whose case does not matter.
pub(super) fn headers(params: &[Param], diag: &mut Diag) {
    let mut seen = HashSet::new();
    for header in params.iter().filter_map(|param| param.header.as_ref()) {
        if !seen.insert(header.value().to_ascii_lowercase()) {
            diag.on(header, "two arguments are mirrored by this header");
        }
    }
}

/// Two arguments of one name, where the compiler does not see it.
pub(super) fn names(params: &[Param], diag: &mut Diag) {
    let names = params.iter().filter_map(|param| param.name.as_ref());
    let (given, own): (Vec<_>, Vec<_>) = names.partition(|name| name.renamed);
    let mut seen: HashSet<_> = own.iter().map(|name| &name.text).collect();
    for name in given {
        if name.text.is_empty() {
            diag.at(name.span, "a name cannot be empty");
        } else if !seen.insert(&name.text) {
            diag.at(
                name.span,
                format_args!("two arguments are called `{}`", name.text),
            );
        }
    }
}

/// The number that is written there, if one is.
fn number(expr: &Option<Expr>) -> Option<f64> {
    fn of(expr: &Expr) -> Option<f64> {
        match expr {
            Expr::Lit(ExprLit {
                lit: Lit::Int(int), ..
            }) => int.base10_parse().ok(),
            Expr::Lit(ExprLit {
                lit: Lit::Float(float),
                ..
            }) => float.base10_parse().ok(),
            Expr::Unary(ExprUnary {
                op: UnOp::Neg(_),
                expr,
                ..
            }) => of(expr).map(|number| -number),
            _ => None,
        }
    }
    of(expr.as_ref()?)
}

/// The text that is written there, if one is.
fn text(expr: &Option<Expr>) -> Option<String> {
    match expr {
        Some(Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        })) => Some(text.value()),
        _ => None,
    }
}

/// How many characters it has.
fn length(expr: &Option<Expr>) -> Option<f64> {
    let length = text(expr)?.chars().count();
    u32::try_from(length).ok().map(f64::from)
}

fn is_more(this: Option<f64>, other: Option<f64>) -> bool {
    matches!((this, other), (Some(this), Some(other)) if this > other)
}

/// `self` as a value.
#[derive(Default)]
struct Me<'e>(Option<&'e ExprPath>);

impl<'e> Visit<'e> for Me<'e> {
    fn visit_expr_path(&mut self, expr: &'e ExprPath) {
        if expr.path.is_ident("self") {
            self.0 = self.0.or(Some(expr));
        }
    }
}
