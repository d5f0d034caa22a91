//! Rules that take more than one token to see.

use std::collections::{HashMap, HashSet};

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{
    Expr, ExprLit, ExprPath, ExprUnary, FnArg, GenericParam, Lifetime, Lit, LitStr,
    ParenthesizedGenericArguments, ReceiverKind, Safety, Signature, Type, TypeFnPtr, TypeImplTrait,
    TypeReference, UnOp,
    visit::{self, Visit},
};

use crate::{
    ast::{Common, CompleteFn, Function, Param, PromptFn, ResourceFn, ToolFn},
    attr::Flag,
    block::{Block, Method, Registered},
    diag::Diag,
    expand::server::Completable,
    template,
};

/// What holds for a function that stands by itself.
pub(crate) fn free(function: &Function, diag: &mut Diag) {
    if let Some(receiver) = function.sig().receiver() {
        diag.on(
            receiver,
            "a method needs `#[mcp_server]` on its `impl` block",
        );
    }
}

/// What holds for the methods of an `impl` block.
pub(crate) fn block(block: &Block, diag: &mut Diag) {
    if let Some(of) = &block.of {
        let message =
            "`#[mcp_server]` stands on the type's own `impl` block, not on that of a trait";
        diag.on(of, message);
    }
    let lifetimes = block.generics.lifetimes().map(ToTokens::to_token_stream);
    for lifetime in lifetimes.chain(Found::within(&block.ty).elided) {
        let message = "a service is kept as long as its server: write `'static` instead";
        diag.on(lifetime, message);
    }
    let mut names = HashMap::new();
    for method in block.methods() {
        let Method {
            function,
            registered,
        } = method;
        me(function.sig(), diag);
        let named = match registered {
            Registered::Tool(of) => {
                tool(of, function, diag);
                Some(("tools", &of.common))
            }
            Registered::Resource(of) => {
                resource(of, function, diag);
                None
            }
            Registered::Prompt(of) => {
                prompt(of, function, diag);
                Some(("prompts", &of.common))
            }
            Registered::Completion(of) => {
                complete(of, function, diag);
                sibling(of, block, diag);
                None
            }
        };
        // Of those that are there under a condition, another one may be there instead.
        if let Some((kind, common)) = named
            && function.conditions().next().is_none()
        {
            let ident = &function.sig().ident;
            let name = common.name_of(function);
            match names.insert((kind, name.clone()), ident) {
                // Of two functions of one name the compiler complains.
                Some(first) if first != ident => {
                    let again = format_args!("two {kind} here are called `{name}`");
                    match &common.name {
                        Some(given) => diag.on(given, again),
                        None => diag.on(ident, again),
                    }
                }
                _ => {}
            }
        }
        let place = registered.place();
        refuse_in_block(
            place.ident.as_ref(),
            "`ident` names a struct, and a method has none",
            diag,
        );
        refuse_in_block(
            place.krate.as_ref(),
            "`crate` is for the whole block: `#[mcp_server(crate = \"…\")]`",
            diag,
        );
    }
    if diag.is_empty() && block.methods().next().is_none() {
        diag.on(
            &block.ty,
            "nothing here is registered: put `#[mcp_tool]`, `#[mcp_resource]` or `#[mcp_prompt]` \
             on a method",
        );
    }
}

fn refuse_in_block(given: Option<&impl ToTokens>, message: &str, diag: &mut Diag) {
    if let Some(given) = given {
        diag.on(given, message);
    }
}

/// How a method may take what it belongs to: calls run at the same time, and share it.
fn me(sig: &Signature, diag: &mut Diag) {
    const EXCLUSIVE: &str =
        "take `&self`: calls run at the same time; what changes goes into a `Mutex` or an atomic";
    let Some(receiver) = sig.receiver() else {
        return;
    };
    let problem = match &receiver.kind {
        ReceiverKind::Reference(_, _, Some(_)) => EXCLUSIVE,
        ReceiverKind::Typed(_, ty) if matches!(&**ty, Type::Reference(ty) if ty.mutability.is_some()) => {
            EXCLUSIVE
        }
        ReceiverKind::Value => "take `&self`: the next call needs it, too",
        _ => return,
    };
    diag.on(receiver, problem);
}

/// What a completion says of a method beside it.
fn sibling(completion: &CompleteFn, block: &Block, diag: &mut Diag) {
    let Some((of, argument)) = &completion.of else {
        return;
    };
    let name = &argument.text;
    let mut is_nothing = block.has_helper(of);
    for method in block.siblings(of) {
        match method.completable() {
            Completable::Nothing => is_nothing = true,
            Completable::These(known) if !known.contains(name) => {
                let of = &method.function.sig().ident;
                let message = format_args!("`{of}` has no argument `{name}` to complete");
                diag.at(argument.span, message);
            }
            Completable::These(_) | Completable::Unknown => {}
        }
    }
    if is_nothing {
        let message = "neither a resource nor a prompt: it has no arguments to complete";
        diag.on(of, message);
    }
}

/// What holds for every function that is registered.
fn function(function: &Function, common: &Common, diag: &mut Diag) {
    callable(function, &function.params, common.blocking, diag);
    for param in &function.params {
        borrowed(param, "a parameter cannot be borrowed", diag);
    }
    description(common, function, diag);
    refuse(&common.icon, diag, |icon| {
        let mut schemes = ["https://", "http://", "data:"].iter();
        let wrong = schemes.all(|scheme| !icon.starts_with(scheme));
        wrong.then_some("an icon is an `https:` or a `data:` URI")
    });
    for scope in &common.scopes {
        let allowed = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        let text = scope.value();
        if text.is_empty() || !text.bytes().all(allowed) {
            diag.on(
                scope,
                "no scope: it is visible ASCII without spaces, quotes and backslashes",
            );
        }
    }
}

/// What holds for every function that is called for a client, with these arguments.
fn callable(function: &Function, params: &[Param], blocking: Option<Flag>, diag: &mut Diag) {
    signature(function.sig(), diag);
    output(function, diag);
    for param in params {
        named(param, diag);
        constraints(param, diag);
    }
    names(params, diag);
    headers(params, diag);
    if let (Some(blocking), Some(_)) = (on(blocking), &function.sig().asyncness) {
        diag.at(
            blocking.span,
            "`blocking` is for functions that are not async: drop one of the two",
        );
    }
}

fn on(flag: Option<Flag>) -> Option<Flag> {
    flag.filter(|flag| flag.value)
}

/// What holds for tools.
pub(crate) fn tool(tool: &ToolFn, function: &Function, diag: &mut Diag) {
    self::function(function, &tool.common, diag);
    name(&tool.common, function, diag);
    if let (Some(_), Some(destructive)) = (on(tool.read_only), on(tool.destructive)) {
        diag.at(destructive.span, "`destructive` contradicts `read_only`");
    }
}

/// What holds for completions.
pub(crate) fn complete(complete: &CompleteFn, function: &Function, diag: &mut Diag) {
    const FIRST: &str = "the first parameter is what is typed: `typed: &str`";
    let Some((typed, others)) = function.params.split_first() else {
        callable(function, &[], complete.blocking, diag);
        return diag.on(&function.sig().ident, FIRST);
    };
    callable(function, others, complete.blocking, diag);
    for param in others {
        borrowed(
            param,
            "only what is typed can be borrowed, and it comes first",
            diag,
        );
    }
    named(typed, diag);
    if typed.is_constrained() || typed.description.is_some() {
        let message = "what is typed is not described: drop `#[arg]` and doc comment";
        diag.on(&typed.pat, message);
    }
}

/// What holds for prompts.
pub(crate) fn prompt(prompt: &PromptFn, function: &Function, diag: &mut Diag) {
    self::function(function, &prompt.common, diag);
    name(&prompt.common, function, diag);
}

/// What holds for resources.
pub(crate) fn resource(resource: &ResourceFn, function: &Function, diag: &mut Diag) {
    self::function(function, &resource.common, diag);
    refuse(&resource.cache, diag, |scope| {
        (!matches!(scope, "public" | "private"))
            .then_some("expected who may keep it: \"public\" or \"private\"")
    });
    if let (Some(cache), None) = (&resource.cache, resource.ttl) {
        diag.on(cache, "say how long it may be kept, too: `ttl = \"60s\"`");
    }
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
    let params = function.params.iter();
    let named = params.filter_map(|param| Some((param, &param.name.as_ref()?.text)));
    let named: Vec<_> = named.collect();
    for variable in &variables {
        if !named.iter().any(|(_, name)| *name == variable) {
            let message =
                format_args!("the function has no parameter for `{{{variable}}}`: add one");
            diag.on(uri, message);
        }
    }
    for (param, name) in named {
        if param.is_constrained() && !variables.contains(name) {
            let message = format_args!("the URI has no variable `{{{name}}}` for this argument");
            diag.on(&param.pat, message);
        }
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
            &function.sig().ident,
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
            &function.sig().ident,
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

fn output(function: &Function, diag: &mut Diag) {
    let output = &function.output();
    let found = Found::within(output);
    // Where there is nothing to borrow from, the compiler complains.
    if let (Some(borrowed), true) = (found.elided, function.is_lending()) {
        let message = "an answer outlives the call: return it by value, such as `String`";
        diag.on(borrowed, message);
    }
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

/// What is taken from a call is owned by the function: this `rule`.
fn borrowed(param: &Param, rule: &str, diag: &mut Diag) {
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
        diag.on(reference, format_args!("{rule}: take {owned}"));
    }
}

fn named(param: &Param, diag: &mut Diag) {
    if let Some(opaque) = Found::within(&param.ty).opaque {
        let message = "name the type of this parameter: a client cannot choose one";
        diag.on(opaque, message);
    }
}

fn constraints(param: &Param, diag: &mut Diag) {
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
    if let Some(pattern) = &param.pattern
        && let Err(error) = regex_lite::Regex::new(&pattern.value())
    {
        diag.on(pattern, format_args!("not a pattern: {error}"));
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
    /// `&T`, or what has `'_` in it: borrowed from a parameter.
    elided: Option<TokenStream>,
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
            lifetime => {
                self.reference = self.reference.or(Some(reference));
                if lifetime
                    .as_ref()
                    .is_none_or(|lifetime| lifetime.ident == "_")
                {
                    self.elided
                        .get_or_insert_with(|| reference.to_token_stream());
                }
            }
        }
    }

    fn visit_lifetime(&mut self, lifetime: &'t Lifetime) {
        if lifetime.ident == "_" {
            self.elided
                .get_or_insert_with(|| lifetime.to_token_stream());
        }
    }

    fn visit_type_impl_trait(&mut self, opaque: &'t TypeImplTrait) {
        self.opaque = self.opaque.or(Some(opaque));
    }

    // What a function borrows is its own business.
    fn visit_type_fn_ptr(&mut self, _: &'t TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments(&mut self, _: &'t ParenthesizedGenericArguments) {}
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
