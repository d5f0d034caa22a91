//! From a method and its parameters to the handler that answers. Knows no era and no transport.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    context::{Context, StateMap, Target},
    error::{Error, Missing},
    handler::{Answer, Reply, Request},
    registry::Registry,
};

/// What matching a URI costs grows with its length; no honest one is longer.
const LONGEST_URI: usize = 8 * 1024;

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    arguments: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ReadParams<'a> {
    #[serde(borrow)]
    uri: Cow<'a, str>,
}

#[derive(Deserialize)]
struct ListParams<'a> {
    #[serde(borrow, default)]
    cursor: Option<Cow<'a, str>>,
}

/// Answers one request from what is registered.
///
/// What is not offered is not served: without tools there is no `tools/list` either.
pub(crate) fn dispatch(registry: &Registry, state: &StateMap, request: Request<'_>) -> Reply {
    let answered = match request.method {
        "tools/call" if !registry.tools.is_empty() => call_tool(registry, state, request),
        "tools/list" if !registry.tools.is_empty() => list(request, || {
            Answer::ListTools(Arc::clone(&registry.tools.list))
        }),
        "resources/read" if !registry.resources.is_empty() => read(registry, state, request),
        "resources/list" if !registry.resources.is_empty() => list(request, || {
            Answer::ListResources(Arc::clone(&registry.resources.list))
        }),
        "resources/templates/list" if !registry.resources.is_empty() => list(request, || {
            Answer::ListResourceTemplates(Arc::clone(&registry.resources.templates))
        }),
        "prompts/get" if !registry.prompts.is_empty() => get_prompt(registry, state, request),
        "prompts/list" if !registry.prompts.is_empty() => list(request, || {
            Answer::ListPrompts(Arc::clone(&registry.prompts.list))
        }),
        method => Err(Error::MethodNotFound {
            method: method.to_owned(),
        }),
    };
    answered.unwrap_or_else(Reply::from)
}

fn call_tool(registry: &Registry, state: &StateMap, request: Request<'_>) -> Result<Reply, Error> {
    let Named { name, arguments } = request.parse_params()?;
    let arguments = object(arguments)?;
    let Some(tool) = registry.tools.get(&name) else {
        return Err(Error::NotFound(Missing::Tool(name.into_owned())));
    };
    Ok(tool.call(Context::new(request, Target::Tool(&name), state, arguments)))
}

fn read(registry: &Registry, state: &StateMap, request: Request<'_>) -> Result<Reply, Error> {
    let ReadParams { uri } = request.parse_params()?;
    if uri.len() > LONGEST_URI {
        return Err(Error::invalid_params(format_args!(
            "`uri` has {} bytes, more than the maximum of {LONGEST_URI}",
            uri.len(),
        )));
    }
    let context = Context::new(request, Target::Resource(&uri), state, None);
    let reply = registry.resources.read(context, &uri);
    reply.ok_or_else(|| Error::NotFound(Missing::Resource(uri.into_owned())))
}

fn get_prompt(registry: &Registry, state: &StateMap, request: Request<'_>) -> Result<Reply, Error> {
    let Named { name, arguments } = request.parse_params()?;
    let arguments = object(arguments)?;
    let Some(prompt) = registry.prompts.get(&name) else {
        return Err(Error::NotFound(Missing::Prompt(name.into_owned())));
    };
    let values: HashMap<Cow<'_, str>, Cow<'_, str>> = match arguments {
        Some(json) => serde_json::from_str(json.get())
            .map_err(|_| Error::invalid_params("the arguments of a prompt must be strings"))?,
        None => HashMap::new(),
    };
    Ok(prompt.fill(
        Context::new(request, Target::Prompt(&name), state, arguments),
        values,
    ))
}

fn list(request: Request<'_>, answer: impl FnOnce() -> Answer) -> Result<Reply, Error> {
    let ListParams { cursor } = request.parse_params()?;
    if cursor.is_some() {
        return Err(Error::invalid_params(
            "no such `cursor`: the list has one page",
        ));
    }
    Ok(Reply::ready(Ok(answer())))
}

/// Arguments are an object or absent.
fn object(arguments: Option<&RawValue>) -> Result<Option<&RawValue>, Error> {
    match arguments {
        Some(json) if !json.get().starts_with('{') => {
            Err(Error::invalid_params("`arguments` must be an object"))
        }
        arguments => Ok(arguments),
    }
}
