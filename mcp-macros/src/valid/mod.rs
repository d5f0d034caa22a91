//! Rules that take more than one token to see.

mod argument;
mod block;
mod namesake;
mod signature;

use syn::{Expr, ExprLit, Lit, LitStr};

use self::signature::{borrowed, named, output, signature};
pub(crate) use self::{block::block, namesake::namesake};
use crate::{
    ast::{Common, CompleteFn, Function, Param, PromptFn, ResourceFn, ToolFn},
    attr::Flag,
    diag::Diag,
    template,
};

/// What holds for a function that stands by itself.
pub(crate) fn free(function: &Function, diag: &mut Diag) {
    const METHOD: &str = "a method needs `#[mcp_server]` on its `impl` block";
    if let Some(receiver) = function.sig().receiver() {
        diag.on(receiver, METHOD);
    } else if let Some(me) = function.says_self() {
        diag.at(me, METHOD);
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
        argument::constraints(param, diag);
    }
    argument::names(params, diag);
    argument::headers(params, diag);
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
    if let Some((text, most)) = &tool.max_timeout {
        match tool.common.timeout {
            None => diag.on(
                text,
                "`max_timeout` needs a `timeout` that progress begins anew: `timeout = \"10s\"`",
            ),
            Some(time) if *most < time => {
                diag.on(
                    text,
                    "`max_timeout` is the time in all, and less than `timeout`",
                );
            }
            Some(_) => {}
        }
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
    // The specification restricts the names of tools only; `mcp_core` has the same bounds.
    refuse(&prompt.common.name, diag, |name| {
        if !(1..=256).contains(&name.chars().count()) {
            Some("a prompt's name has 1 to 256 characters")
        } else if name.contains(char::is_control) {
            Some("a name is one line of text, without control characters")
        } else {
            None
        }
    });
}

/// What holds for resources.
pub(crate) fn resource(resource: &ResourceFn, function: &Function, diag: &mut Diag) {
    self::function(function, &resource.common, diag);
    refuse(&resource.cache, diag, |scope| {
        (!matches!(scope, "public" | "private"))
            .then_some("expected who may keep it: \"public\" or \"private\"")
    });
    if let (Some(size), Some([_, ..])) = (&resource.size, resource.variables().as_deref()) {
        diag.on(
            size,
            "a template has no size: what it leads to may have many, so drop it",
        );
    }
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
