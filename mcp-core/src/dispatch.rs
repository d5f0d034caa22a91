//! From a method and its parameters to the handler that answers. Knows no era and no transport.

use std::{borrow::Cow, collections::HashMap, fmt, sync::Arc};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};

use crate::{
    context::{Context, Target},
    error::{Error, Missing, Seen},
    filter::Item,
    handler::{Answer, Named, Reply, Request},
    jsonrpc::Raw,
    registry::{
        access::admit,
        completion::{CompleteRequest, Reference},
        view::View,
    },
    server::Shared,
    types::completion::Completion,
};

/// How long a URI may be, in bytes.
const LONGEST_URI: usize = 8 * 1024;

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

#[derive(Deserialize)]
struct CompleteParams<'a> {
    #[serde(borrow, rename = "ref")]
    of: RefParams<'a>,
    argument: Typed,
    #[serde(default)]
    context: Known,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum RefParams<'a> {
    #[serde(rename = "ref/prompt")]
    Prompt {
        #[serde(borrow)]
        name: Cow<'a, str>,
    },
    #[serde(rename = "ref/resource")]
    Resource {
        #[serde(borrow)]
        uri: Cow<'a, str>,
    },
}

#[derive(Deserialize)]
struct Typed {
    name: String,
    value: String,
}

#[derive(Default, Deserialize)]
struct Known {
    #[serde(default)]
    arguments: HashMap<String, String>,
}

/// Answers one request from what is registered, as far as the caller gets to see it.
///
/// What is not offered is not served: without tools there is no `tools/list` either.
pub(crate) fn dispatch(server: &Arc<Shared>, request: Request<'_>) -> Reply {
    let registry = server.registry();
    let view = server.view(&registry, request.caller());
    let offered = &server.info.capabilities;
    let (tools, resources, prompts) = (
        offered.tools.is_some(),
        offered.resources.is_some(),
        offered.prompts.is_some(),
    );
    let answered = match request.method {
        "tools/call" if tools => call_tool(view, server, request),
        "tools/list" if tools => list(server, request, |cursor| {
            view.tools(cursor).map(Answer::ListTools)
        }),
        "resources/read" if resources => read(view, server, request),
        "resources/list" if resources => list(server, request, |cursor| {
            view.resources(cursor).map(Answer::ListResources)
        }),
        "resources/templates/list" if resources => list(server, request, |cursor| {
            view.templates(cursor).map(Answer::ListResourceTemplates)
        }),
        "prompts/get" if prompts => get_prompt(view, server, request),
        "prompts/list" if prompts => list(server, request, |cursor| {
            view.prompts(cursor).map(Answer::ListPrompts)
        }),
        "completion/complete" if offered.completions.is_some() => complete(view, server, request),
        method => Err(Error::MethodNotFound {
            method: method.to_owned(),
        }),
    };
    answered.unwrap_or_else(Reply::from)
}

fn call_tool(view: View<'_>, server: &Arc<Shared>, request: Request<'_>) -> Result<Reply, Error> {
    let Named { name, arguments } = request.named()?;
    let arguments = object(arguments)?;
    let Some(tool) = view.tool(&name) else {
        return Err(Error::NotFound(Missing::Tool(name.into_owned())));
    };
    Ok(tool.call(Context::new(
        request,
        Target::Tool(&name),
        server,
        arguments,
    )))
}

fn read(view: View<'_>, server: &Arc<Shared>, request: Request<'_>) -> Result<Reply, Error> {
    let ReadParams { uri } = request.parse_params()?;
    check_uri(&uri).map_err(Error::invalid_params)?;
    let context = Context::new(request, Target::Resource(&uri), server, None);
    let Some(reply) = view.read(context, &uri) else {
        return Err(Error::NotFound(Missing::Resource(uri.into_owned())));
    };
    let cache = server.filters.narrow(reply.cache());
    Ok(reply.with_cache(cache))
}

/// Refuses a URI that is too long: what matching one costs grows with its length, and no honest one
/// is longer.
pub(crate) fn check_uri(uri: &str) -> Result<(), String> {
    match uri.len() {
        0..=LONGEST_URI => Ok(()),
        bytes => Err(format!(
            "`uri` has {bytes} bytes, more than the maximum of {LONGEST_URI}"
        )),
    }
}

fn get_prompt(view: View<'_>, server: &Arc<Shared>, request: Request<'_>) -> Result<Reply, Error> {
    let Named { name, arguments } = request.named()?;
    let arguments = object(arguments)?;
    let Some(prompt) = view.prompt(&name) else {
        return Err(Error::NotFound(Missing::Prompt(name.into_owned())));
    };
    let values = match arguments {
        Some(json) => serde_json::from_str::<Texts<'_>>(json.get())
            .map_err(|_| Error::invalid_params("the arguments of a prompt must be strings"))?,
        None => Texts::default(),
    };
    let context = Context::new(request, Target::Prompt(&name), server, arguments);
    Ok(prompt.fill(context, values.0))
}

fn complete(view: View<'_>, server: &Arc<Shared>, request: Request<'_>) -> Result<Reply, Error> {
    let CompleteParams {
        of,
        argument,
        context,
    } = request.parse_params()?;
    let (of, item) = match of {
        RefParams::Prompt { name } => match view.prompt(&name) {
            Some(prompt) => (Reference::Prompt(name.into_owned()), Item::Prompt(prompt)),
            None => return Err(Error::NotFound(Missing::Prompt(name.into_owned()))),
        },
        RefParams::Resource { uri } => match view.written(&uri) {
            Some(family) => (
                Reference::Template(uri.into_owned()),
                Item::Resource(family),
            ),
            None => {
                let reason = format!("no resource template is written `{}`", Seen(&uri));
                return Err(Error::invalid_params(reason));
            }
        },
    };
    let target = match &of {
        Reference::Prompt(name) => Target::Prompt(name),
        Reference::Template(uri) => Target::Resource(uri),
    };
    let typed = CompleteRequest::new(argument.value, context.arguments);
    let context = Context::new(request, target, server, None);
    // What may be typed is as much a secret as what is made of it, whose own function does not run.
    admit(&context, item.requires_auth(), item.scopes())?;
    Ok(match view.completion(of.clone(), argument.name) {
        Some(completion) => completion.suggest(context, typed),
        None => Reply::ready(Ok(Answer::Complete(Completion::default()))),
    })
}

fn list(
    server: &Shared,
    request: Request<'_>,
    page: impl FnOnce(Option<&str>) -> Result<Answer, Error>,
) -> Result<Reply, Error> {
    let ListParams { cursor } = request.parse_params()?;
    Ok(Reply::ready(page(cursor.as_deref())).with_cache(server.list_cache))
}

/// Arguments are an object or absent.
fn object(arguments: Option<Raw<'_>>) -> Result<Option<Raw<'_>>, Error> {
    match arguments {
        Some(json) if !json.is_object() => {
            Err(Error::invalid_params("`arguments` must be an object"))
        }
        arguments => Ok(arguments),
    }
}

/// An object of strings, in the order they came.
#[derive(Default)]
struct Texts<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'de> Deserialize<'de> for Texts<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = Texts<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of strings")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Texts<'de>, A::Error> {
                let mut texts = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    texts.push(pair);
                }
                Ok(Texts(texts))
            }
        }

        deserializer.deserialize_map(Pairs)
    }
}
