//! Questions to the client, as the revision of its session has them.
//!
//! # Specification
//! 2025-06-18: [Elicitation](https://modelcontextprotocol.io/specification/2025-06-18/client/elicitation#requested-schema),
//! [Sampling](https://modelcontextprotocol.io/specification/2025-06-18/client/sampling)

use serde_json::{Map, Value};

use super::seal::{adapt_beside, in_words};
use crate::{
    ProtocolVersion,
    line::Question,
    schema::Schema,
    types::{
        capabilities::{ClientCapabilities, Elicitation, Sampling},
        elicitation::ElicitRequest,
        sampling::{CreateMessage, OneOrMany, SamplingContent, SamplingMessage},
    },
};

/// What forms could say of a field before 2025-11-25, besides `default`, which only booleans had.
const FIELD_WORDS: [&str; 10] = [
    "type",
    "title",
    "description",
    "minLength",
    "maxLength",
    "format",
    "minimum",
    "maximum",
    "enum",
    "enumNames",
];

/// What a client can be asked in this revision, by what it declares.
///
/// `elicitation` is believed in every revision, since none has a closed set of capabilities. What
/// it and `sampling` can be divided into is 2025-11-25's.
pub(super) fn askable(version: ProtocolVersion, client: &mut ClientCapabilities) {
    if version >= ProtocolVersion::V2025_11_25 {
        return;
    }
    client.sampling = client.sampling.map(|_| Sampling::default());
    // Who has pages only cannot show forms, and there was nothing else.
    let forms = client.elicitation.filter(Elicitation::has_forms);
    client.elicitation = forms.map(|_| Elicitation::default());
}

/// Puts a question as this revision has it.
///
/// # Errors
/// Why this revision has no way to.
pub(super) fn seal(version: ProtocolVersion, question: &mut Question) -> Result<(), String> {
    if version >= ProtocolVersion::V2025_11_25 {
        return Ok(());
    }
    let sealed = match question.method {
        "elicitation/create" => match serde_json::from_str(&question.params) {
            Ok(ElicitRequest::Form {
                message,
                requested_schema,
            }) => {
                let form = form(version, &requested_schema)?;
                serde_json::to_string(&ElicitRequest::form(message, form))
            }
            _ => return Ok(()),
        },
        "sampling/createMessage" => match serde_json::from_str(&question.params) {
            Ok(request) => serde_json::to_string(&conversation(version, request)),
            Err(_) => return Ok(()),
        },
        _ => return Ok(()),
    };
    question.params = sealed.map_err(|error| error.to_string())?.into();
    Ok(())
}

fn form(version: ProtocolVersion, schema: &Schema) -> Result<Schema, String> {
    let mut schema = schema.to_value();
    if let Some(root) = schema.as_object_mut() {
        root.retain(|word, _| matches!(word.as_str(), "type" | "properties" | "required"));
    }
    let fields = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (name, field) in fields.into_iter().flatten() {
        let Some(field) = field.as_object_mut() else {
            continue;
        };
        if field.get("type").is_some_and(|kind| kind == "array") {
            return Err(format!(
                "field `{name}` lets several be chosen, which clients of {version} cannot: ask for \
                 one choice, or for a boolean each"
            ));
        }
        listed(field);
        let is_boolean = field.get("type").is_some_and(|kind| kind == "boolean");
        field.retain(|word, _| {
            FIELD_WORDS.contains(&word.as_str()) || is_boolean && word == "default"
        });
    }
    Ok(Schema::from_value(&schema))
}

/// Choices that have a title each become a list of values, and one of titles.
fn listed(field: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = field.remove("oneOf") else {
        return;
    };
    let all = |word| {
        choices
            .iter()
            .filter_map(move |choice| choice.get(word).cloned())
    };
    let (values, names): (Vec<_>, Vec<_>) = (all("const").collect(), all("title").collect());
    // One without a title would give the others' titles to the wrong values.
    if names.len() == values.len() {
        field.insert("enumNames".to_owned(), names.into());
    }
    field.insert("enum".to_owned(), values.into());
}

/// A message had one piece of content, and nothing beside it.
fn conversation(version: ProtocolVersion, mut request: CreateMessage) -> CreateMessage {
    let messages = request.messages.into_iter().flat_map(|message| {
        let pieces = match message.content {
            OneOrMany::One(piece) => vec![piece],
            OneOrMany::Many(pieces) => pieces,
        };
        pieces.into_iter().map(move |mut piece| {
            adapt_piece(version, &mut piece);
            SamplingMessage::new(message.role, piece)
        })
    });
    request.messages = messages.collect();
    request
}

fn adapt_piece(version: ProtocolVersion, piece: &mut SamplingContent) {
    let (annotations, meta) = match piece {
        SamplingContent::Text(text) => (&mut text.annotations, &mut text.meta),
        SamplingContent::Image(image) => (&mut image.annotations, &mut image.meta),
        SamplingContent::Audio(audio) => (&mut audio.annotations, &mut audio.meta),
        // Nobody is asked about tools who has not declared them.
        SamplingContent::ToolUse(_) | SamplingContent::ToolResult(_) => return,
    };
    adapt_beside(version, annotations, meta);
    if version < ProtocolVersion::V2025_03_26
        && let SamplingContent::Audio(audio) = piece
    {
        *piece = SamplingContent::Text(in_words(audio));
    }
}
