//! Rules that take more than one token to see.

use std::collections::HashSet;

use quote::ToTokens;
use syn::{
    Expr, ExprLit, ExprUnary, FnArg, GenericParam, Lit, LitStr, ParenthesizedGenericArguments,
    Safety, Signature, Type, TypeFnPtr, TypeImplTrait, TypeReference, UnOp,
    visit::{self, Visit},
};

use crate::{
    ast::{Common, Function, Param, PromptFn, ResourceFn, ToolFn},
    attr::Flag,
    diag::Diag,
    template,
};

/// What holds for every function that an attribute stands on.
pub(crate) fn function(function: &Function, common: &Common, diag: &mut Diag) {
    signature(&function.sig, diag);
    output(&function.output(), diag);
    for param in &function.params {
        borrowed(param, diag);
        constraints(param, diag);
    }
    names(&function.params, diag);
    headers(&function.params, diag);
    description(common, function, diag);
    refuse(&common.icon, diag, |icon| {
        let mut schemes = ["https://", "http://", "data:"].iter();
        let wrong = schemes.all(|scheme| !icon.starts_with(scheme));
        wrong.then_some("an icon is an `https:` or a `data:` URI")
    });
}

/// What holds for tools besides.
pub(crate) fn tool(tool: &ToolFn, function: &Function, diag: &mut Diag) {
    name(&tool.common, function, diag);
    let on = |flag: Option<Flag>| flag.filter(|flag| flag.value);
    if let (Some(_), Some(destructive)) = (on(tool.read_only), on(tool.destructive)) {
        diag.at(destructive.span, "`destructive` contradicts `read_only`");
    }
}

/// What holds for prompts besides.
pub(crate) fn prompt(prompt: &PromptFn, function: &Function, diag: &mut Diag) {
    name(&prompt.common, function, diag);
}

/// What holds for resources besides.
pub(crate) fn resource(resource: &ResourceFn, function: &Function, diag: &mut Diag) {
    refuse(&resource.common.name, diag, |name| {
        name.is_empty().then_some("a name cannot be empty")
    });
    refuse(&resource.mime, diag, |mime| {
        (!mime.contains('/')).then_some("not a MIME type: expected something like `text/plain`")
    });
    let Some(uri) = &resource.uri else {
        return;
    };
    let variables = match template::variables(&uri.value()) {
        Ok(variables) => variables,
        Err(problem) => return diag.on(uri, problem),
    };
    let names = function
        .params
        .iter()
        .filter_map(|param| param.name.as_ref());
    let names: HashSet<_> = names.map(|name| &name.text).collect();
    for variable in variables
        .iter()
        .filter(|variable| !names.contains(variable))
    {
        diag.on(
            uri,
            format_args!("the function has no parameter for `{{{variable}}}`: add one"),
        );
    }
}

/// # Specification
/// [2025-11-25, Tool names](https://modelcontextprotocol.io/specification/2025-11-25/server/tools#tool-names)
fn name(common: &Common, function: &Function, diag: &mut Diag) {
    let name = common.name_of(function);
    let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let problem = if let Some(wrong) = name.chars().find(|c| !allowed(c)) {
        format!("{wrong:?} in a name: allowed are A-Z a-z 0-9 _ - .")
    } else if !(1..=128).contains(&name.len()) {
        format!("a name has 1 to 128 characters, this one {}", name.len())
    } else {
        return;
    };
    match &common.name {
        Some(given) => diag.on(given, problem),
        None => diag.on(
            &function.sig.ident,
            format_args!("{problem}; give it another with `name = \"…\"`"),
        ),
    }
}

fn description(common: &Common, function: &Function, diag: &mut Diag) {
    let described = match &common.description {
        Some(Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        })) => !text.value().trim().is_empty(),
        given => given.is_some() || function.docs.is_some(),
    };
    if !described {
        diag.on(
            &function.sig.ident,
            "document this function: its doc comment (`/// …`) is what the model reads",
        );
    }
}

fn signature(sig: &Signature, diag: &mut Diag) {
    let mut refuse = |tokens: Option<&dyn ToTokens>, message| {
        if let Some(tokens) = tokens {
            diag.on(tokens, message);
        }
    };
    refuse(
        sig.receiver().map(|receiver| receiver as _),
        "`self` is only supported inside `#[mcp_server] impl`",
    );
    refuse(
        sig.constness.as_ref().map(|constness| constness as _),
        "`const` means nothing to a client: drop it",
    );
    refuse(
        match &sig.safety {
            Safety::Unsafe(safety) => Some(safety),
            Safety::Safe(_) | Safety::Default => None,
        },
        "a client cannot promise what an `unsafe fn` asks for: wrap it in a safe one",
    );
    refuse(
        sig.abi.as_ref().map(|abi| abi as _),
        "`extern` means nothing to a client: drop it",
    );
    refuse(
        sig.variadic.as_ref().map(|variadic| variadic as _),
        "an argument needs a name and a type: take a `Vec` for any number of them",
    );
    for parameter in &sig.generics.params {
        let message = match parameter {
            GenericParam::Lifetime(_) => {
                "a client lends nothing: take it by value, such as `String`, and drop the lifetime"
            }
            GenericParam::Type(_) | GenericParam::Const(_) => {
                "a client cannot choose a type: write the function for one"
            }
        };
        refuse(Some(parameter), message);
    }
    let attrs = sig.inputs.iter().flat_map(|input| match input {
        FnArg::Receiver(_) => &[],
        FnArg::Typed(param) => param.attrs.as_slice(),
    });
    for attr in attrs {
        if attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr") {
            let message =
                "a parameter cannot be configured away: write two functions with `#[cfg]`";
            refuse(Some(attr), message);
        }
    }
}

fn output(output: &Type, diag: &mut Diag) {
    let found = Found::within(output);
    if let Some(opaque) = found.opaque {
        diag.on(
            opaque,
            "name the type that is returned: nothing is known of an `impl Trait`",
        );
    }
    if let Type::Never(never) = output {
        diag.on(
            never,
            "nothing is returned here, so there is nothing to answer",
        );
    }
}

fn borrowed(param: &Param, diag: &mut Diag) {
    let found = Found::within(&param.ty);
    let reference = match &param.ty {
        Type::Reference(reference) => Some(reference),
        _ => found.reference,
    };
    if let Some(reference) = reference {
        let owned = match &*reference.elem {
            Type::Path(path) if path.path.is_ident("str") => "`String`",
            Type::Slice(_) => "a `Vec`",
            _ => "it by value, or `State<T>` for what the server holds",
        };
        diag.on(
            reference,
            format_args!("a parameter cannot be borrowed: take {owned}"),
        );
    }
    if let Some(opaque) = found.opaque {
        diag.on(
            opaque,
            "name the type of this parameter: a client cannot choose one",
        );
    }
}

fn constraints(param: &Param, diag: &mut Diag) {
    if param.name.is_none() && param.is_constrained() {
        diag.on(
            &param.pat,
            "name this argument for its callers: `#[arg(name = \"…\")]`",
        );
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
    for (keys, default, least, most) in [
        (
            ["min", "max"],
            number(&param.default),
            &param.min,
            &param.max,
        ),
        (
            ["min_len", "max_len"],
            length(&param.default),
            &param.min_len,
            &param.max_len,
        ),
    ] {
        let [min, max] = keys;
        let (low, high) = (number(least), number(most));
        if is_more(low, high) {
            diag.on(least, format_args!("`{min}` is greater than `{max}`"));
        } else if is_more(low, default) {
            diag.on(&param.default, format_args!("the default is below `{min}`"));
        } else if is_more(default, high) {
            diag.on(&param.default, format_args!("the default is above `{max}`"));
        }
    }
}

/// Two arguments that are mirrored by one header, whose case does not matter.
fn headers(params: &[Param], diag: &mut Diag) {
    let mut seen = HashSet::new();
    for header in params.iter().filter_map(|param| param.header.as_ref()) {
        if !seen.insert(header.value().to_ascii_lowercase()) {
            diag.on(header, "two arguments are mirrored by this header");
        }
    }
}

/// Two arguments of one name, where the compiler does not see it.
fn names(params: &[Param], diag: &mut Diag) {
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

/// Complains of a text, if `problem` finds one.
fn refuse(
    text: &Option<LitStr>,
    diag: &mut Diag,
    problem: impl FnOnce(&str) -> Option<&'static str>,
) {
    if let Some(text) = text
        && let Some(problem) = problem(&text.value())
    {
        diag.on(text, problem);
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

/// How many characters the text has that is written there, if one is.
fn length(expr: &Option<Expr>) -> Option<f64> {
    let Some(Expr::Lit(ExprLit {
        lit: Lit::Str(text),
        ..
    })) = expr
    else {
        return None;
    };
    u32::try_from(text.value().chars().count())
        .ok()
        .map(f64::from)
}

fn is_more(this: Option<f64>, other: Option<f64>) -> bool {
    matches!((this, other), (Some(this), Some(other)) if this > other)
}

/// What cannot be in the type of a value that travels.
#[derive(Default)]
struct Found<'t> {
    reference: Option<&'t TypeReference>,
    opaque: Option<&'t TypeImplTrait>,
}

impl<'t> Found<'t> {
    fn within(ty: &'t Type) -> Self {
        let mut found = Self::default();
        found.visit_type(ty);
        found
    }
}

impl<'t> Visit<'t> for Found<'t> {
    fn visit_type_reference(&mut self, reference: &'t TypeReference) {
        match &reference.lifetime {
            Some(lifetime) if lifetime.ident == "static" => {
                visit::visit_type_reference(self, reference);
            }
            _ => self.reference = self.reference.or(Some(reference)),
        }
    }

    fn visit_type_impl_trait(&mut self, opaque: &'t TypeImplTrait) {
        self.opaque = self.opaque.or(Some(opaque));
    }

    // What a function borrows is its own business.
    fn visit_type_fn_ptr(&mut self, _: &'t TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments(&mut self, _: &'t ParenthesizedGenericArguments) {}
}
