//! The suite's prompts.

use mcp_core::{Completion, Prompt, prelude::*};

use crate::PNG;

pub(crate) fn all() -> Vec<Prompt> {
    prompts![
        test_simple_prompt,
        test_prompt_with_arguments,
        test_prompt_with_embedded_resource,
        test_prompt_with_image,
    ]
}

/// Values for the arguments of one prompt
pub(crate) fn completions() -> Vec<Completion> {
    let known = ["testOne", "testTwo", "paris", "park", "party"];
    let completion = Completion::of_prompt(
        "test_prompt_with_arguments",
        "arg1",
        move |request, _| async move {
            let typed = known
                .into_iter()
                .filter(|value| value.starts_with(request.value()));
            Ok(typed.collect::<Vec<_>>())
        },
    );
    vec![completion]
}

/// A prompt without arguments
#[mcp_prompt]
fn test_simple_prompt() -> &'static str {
    "This is a simple prompt for testing."
}

/// A prompt with two arguments
#[mcp_prompt]
fn test_prompt_with_arguments(
    /// The one
    arg1: String,
    /// The other
    arg2: String,
) -> String {
    format!("Prompt with arguments: arg1='{arg1}', arg2='{arg2}'")
}

/// A prompt that brings a resource along
#[mcp_prompt]
#[expect(non_snake_case, reason = "the suite's name for it")]
fn test_prompt_with_embedded_resource(
    /// Which resource
    resourceUri: String,
) -> Vec<PromptMessage> {
    let text = "Embedded resource content for testing.";
    let contents = ResourceContents::text(resourceUri, text).mime_type("text/plain");
    vec![
        PromptMessage::user(Embedded::new(contents)),
        PromptMessage::user("Please process the embedded resource above."),
    ]
}

/// A prompt that brings a picture along
#[mcp_prompt]
fn test_prompt_with_image() -> Vec<PromptMessage> {
    vec![
        PromptMessage::user(Image::from_base64(PNG, "image/png")),
        PromptMessage::user("Please analyze the image above."),
    ]
}
