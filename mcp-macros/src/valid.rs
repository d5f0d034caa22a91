//! Rules that take more than one token to see.

use std::collections::HashSet;

use proc_macro2::Span;
use syn::{
    Expr, ExprLit, ExprUnary, GenericParam, Lit, ParenthesizedGenericArguments,
    ReturnType, Safety, Signature, Type, TypeFnPtr, TypeImplTrait, TypeReference, UnOp,
    visit::{self, Visit},
};

use crate::{
    ast::{Common, Function, Param, PromptFn, ResourceFn, ToolFn},
    diag::Diag,
    template,
};

/// What holds for every function that an attribute stands on.
pub(crate) fn function(function: &Function, common: &Common, attribute: &str, diag: &mut Diag) {
    signature(&function.sig, attribute, diag);
    output(&function.sig.output, diag);
    function.params.iter().for_each(|param| parameter(param, diag));
    names(&function.params, diag);
    if let Some(icon) = &common.icon {
        let value = icon.value();
        if !["https://", "http://", "data:"].iter().any(|scheme| value.starts_with(scheme)) {
            diag.on(icon, "an icon is an `https:` or a `data:` URI");
        }
    }
}

pub(crate) fn tool(tool: &ToolFn, function: &Function, diag: &mut Diag) {
    name(&tool.common, function, diag);
    description(&tool.common, function, diag);
    let on = |flag: Option<_>| flag.filter(|flag: &crate::attr::Flag| flag.value);
    if let (Some(_), Some(destructive)) = (on(tool.read_only), on(tool.destructive)) {
        diag.at(destructive.span, "`destructive` contradicts `read_only`");
    }
}

pub(crate) fn prompt(prompt: &PromptFn, function: &Function, diag: &mut Diag) {
    name(&prompt.common, function, diag);
    description(&prompt.common, function, diag);
}

pub(crate) fn resource(resource: &ResourceFn, function: &Function, diag: &mut Diag) {
    description(&resource.common, function, diag);
    if let Some(name) = resource.common.name.as_ref().filter(|name| name.value().is_empty()) {
        diag.on(name, "a name cannot be empty");
    }
    if let Some(mime) = resource.mime.as_ref().filter(|mime| !mime.value().contains('/')) {
        diag.on(mime, "not a MIME type: expected something like `text/plain`");
    }
    let Some(uri) = &resource.uri else {
        diag.at(
            Span::call_site(),
            "begin with the URI or the URI template: `#[mcp_resource(\"book://{id}\", …)]`",
        );
        return;
    };
    match template::variables(&uri.value()) {
        Err(problem) => diag.on(uri, problem),
        Ok(variables) => {
            let taken = |variable: &String| {
                let mut names = function.params.iter().filter_map(|param| param.name.as_ref());
                names.any(|name| name.text == *variable)
            };
            for variable in variables.iter().filter(|variable| !taken(variable)) {
                diag.on(
                    uri,
                    format_args!("the template's `{{{variable}}}` is no parameter of the function"),
                );
            }
        }
    }
}

/// # Specification
/// [2025-11-25, Tool names](https://modelcontextprotocol.io/specification/2025-11-25/server/tools#tool-names)
fn name(common: &Common, function: &Function, diag: &mut Diag) {
    let name = common.name_of(function);
    let problem = if name.is_empty() || name.len() > 128 {
        format!("a name has 1 to 128 characters, this one has {}", name.len())
    } else if let Some(wrong) = name.chars().find(|c| !is_allowed(*c)) {
        format!("{wrong:?} in a name: allowed are A-Z a-z 0-9 _ - .")
    } else {
        return;
    };
    match &common.name {
        Some(given) => diag.on(given, problem),
        None => diag.on(
            &function.sig.ident,
            format_args!("{problem}; give it another one: `name = \"…\"`"),
        ),
    }
}

fn is_allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

fn description(common: &Common, function: &Function, diag: &mut Diag) {
    if common.description.is_none() && function.docs.is_none() {
        diag.on(
            &function.sig.ident,
            "document this function: its doc comment (`/// …`) is what the model reads",
        );
    }
}

fn signature(sig: &Signature, attribute: &str, diag: &mut Diag) {
    if let Some(receiver) = sig.receiver() {
        diag.on(receiver, "`self` is only supported inside `#[mcp_server] impl`");
    }
    if let Some(constness) = &sig.constness {
        diag.on(constness, format_args!("`#[{attribute}]` cannot stand on a `const fn`: drop `const`"));
    }
    if let Safety::Unsafe(safety) = &sig.safety {
        diag.on(
            safety,
            "whoever calls this from afar cannot keep the promises of an `unsafe fn`: wrap it in a \
             safe one",
        );
    }
    if let Some(abi) = &sig.abi {
        diag.on(abi, format_args!("`#[{attribute}]` needs a plain Rust function: drop `extern`"));
    }
    if let Some(variadic) = &sig.variadic {
        diag.on(variadic, "an argument needs a name and a type; take a `Vec` for any number of them");
    }
    for parameter in &sig.generics.params {
        diag.on(
            parameter,
            match parameter {
                GenericParam::Lifetime(_) => {
                    "an argument cannot be borrowed: take it by value, such as `String`, and drop \
                     the lifetime"
                }
                GenericParam::Type(_) | GenericParam::Const(_) => {
                    "who calls this from afar cannot choose a type: write the function for one type"
                }
            },
        );
    }
    for input in &sig.inputs {
        let syn::FnArg::Typed(param) = input else { continue };
        for attr in &param.attrs {
            if attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr") {
                diag.on(attr, "a parameter cannot be configured away: put `#[cfg]` on two functions");
            }
        }
    }
}

fn output(output: &ReturnType, diag: &mut Diag) {
    let ReturnType::Type(_, ty) = output else { return };
    let mut found = Found::default();
    found.visit_type(ty);
    if let Some(opaque) = found.opaque {
        diag.on(
            opaque,
            "the result needs a type with a name: `impl Trait` cannot be looked into for its schema",
        );
    }
    if let Some(reference) = found.reference {
        diag.on(reference, "a result cannot be borrowed: return `String` or `&'static str`");
    }
    if let Type::Never(never) = &**ty {
        diag.on(never, "a function that never returns has no result");
    }
}

fn parameter(param: &Param, diag: &mut Diag) {
    let mut found = Found::default();
    if let Type::Reference(reference) = &param.ty {
        found.reference = Some(reference.clone());
    } else {
        found.visit_type(&param.ty);
    }
    if let Some(reference) = found.reference {
        let owned = match &*reference.elem {
            Type::Path(path) if path.path.is_ident("str") => "`String`",
            Type::Slice(_) => "a `Vec`",
            _ => "it by value, or `State<T>` for what the server holds",
        };
        diag.on(&reference, format_args!("a parameter cannot be borrowed: take {owned}"));
    }
    if let Some(opaque) = found.opaque {
        diag.on(opaque, "a parameter needs a type with a name, not `impl Trait`");
    }
    if param.name.is_none() && param.is_constrained() {
        diag.on(&param.pat, "name this argument for its callers: `#[arg(name = \"…\")]`");
    }
    for (key, bound) in [("min", &param.min), ("max", &param.max)] {
        if let Some(Expr::Lit(ExprLit { lit: lit @ (Lit::Str(_) | Lit::Bool(_) | Lit::Char(_)), .. })) = bound {
            diag.on(lit, format_args!("`{key}` is a number"));
        }
    }
    for (key, least, most) in [("min", &param.min, &param.max), ("min_len", &param.min_len, &param.max_len)] {
        let (Some(least), Some(most)) = (least, most) else { continue };
        if let (Some(low), Some(high)) = (number(least), number(most))
            && low > high
        {
            diag.on(least, format_args!("`{key}` is greater than `{}`", key.replace("min", "max")));
        }
    }
}

/// Two arguments of one name, where the compiler does not see it.
fn names(params: &[Param], diag: &mut Diag) {
    let mut seen = HashSet::new();
    let (given, own): (Vec<_>, Vec<_>) =
        params.iter().filter_map(|param| param.name.as_ref()).partition(|name| name.renamed);
    seen.extend(own.iter().map(|name| &name.text));
    for name in given {
        if name.text.is_empty() {
            diag.at(name.span, "a name cannot be empty");
        } else if !seen.insert(&name.text) {
            diag.at(name.span, format_args!("two arguments are called `{}`", name.text));
        }
    }
}

/// The number that a literal stands for.
fn number(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Int(int), .. }) => int.base10_parse().ok(),
        Expr::Lit(ExprLit { lit: Lit::Float(float), .. }) => float.base10_parse().ok(),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => number(expr).map(|number| -number),
        _ => None,
    }
}

/// What cannot be in a type that a value from afar is to have.
#[derive(Default)]
struct Found {
    reference: Option<TypeReference>,
    opaque: Option<TypeImplTrait>,
}

impl<'ast> Visit<'ast> for Found {
    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        if reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static") {
            visit::visit_type_reference(self, reference);
        } else {
            self.reference.get_or_insert_with(|| reference.clone());
        }
    }

    fn visit_type_impl_trait(&mut self, opaque: &'ast TypeImplTrait) {
        self.opaque.get_or_insert_with(|| opaque.clone());
    }

    // What a function pointer or a closure borrows is its own business.
    fn visit_type_fn_ptr(&mut self, _: &'ast TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments(&mut self, _: &'ast ParenthesizedGenericArguments) {}
}
