//! What a test answers when the server asks.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::RpcError;
use crate::{
    jsonrpc::ErrorCode,
    types::{elicitation::ElicitRequest, sampling::CreateMessage},
};

/// What a test answers to a question of the server's.
///
/// ```
/// use mcp_core::testing::Answer;
/// use serde_json::json;
///
/// let yes = Answer::accept(json!({ "ok": true }));
/// let no = Answer::decline();
/// # let _ = (yes, no);
/// ```
#[derive(Clone, Debug)]
pub struct Answer(Result<Value, RpcError>);

impl Answer {
    /// The person filled in the form so; for a page to visit, `json!({})`: they agreed to go.
    pub fn accept(content: Value) -> Self {
        Self(Ok(json!({ "action": "accept", "content": content })))
    }

    /// The person refused to answer.
    pub fn decline() -> Self {
        Self(Ok(json!({ "action": "decline" })))
    }

    /// The person went away.
    pub fn cancel() -> Self {
        Self(Ok(json!({ "action": "cancel" })))
    }

    /// The model said this.
    pub fn text(text: impl Into<String>) -> Self {
        let content = json!({ "type": "text", "text": text.into() });
        Self::result(json!({ "role": "assistant", "content": content, "model": "test" }))
    }

    /// Exactly this result, whether it fits the question or not.
    pub fn result(result: Value) -> Self {
        Self(Ok(result))
    }

    /// The client refused, with this error. A client of the modern era has no way to say so: there
    /// it is as if the person went away.
    pub fn error(message: impl Into<String>) -> Self {
        Self(Err(RpcError {
            code: ErrorCode::INTERNAL_ERROR,
            message: message.into(),
            data: None,
        }))
    }
}

type Answering<Q> = Box<dyn FnMut(Q) -> Answer + Send>;

/// Everything that a test has to say when it is asked.
#[derive(Default)]
pub(super) struct Script {
    pub(super) elicit: Option<Answering<ElicitRequest>>,
    pub(super) create_message: Option<Answering<CreateMessage>>,
    pub(super) roots: Option<Value>,
}

impl Script {
    /// What the client says it can be asked.
    pub(super) fn capabilities(&self) -> Value {
        let mut capabilities = serde_json::Map::new();
        let mut add = |name: &str, capability| capabilities.insert(name.to_owned(), capability);
        if self.elicit.is_some() {
            add("elicitation", json!({ "form": {}, "url": {} }));
        }
        if self.create_message.is_some() {
            add("sampling", json!({ "context": {}, "tools": {} }));
        }
        if self.roots.is_some() {
            add("roots", json!({}));
        }
        capabilities.into()
    }

    /// The answer to a question, or why the test fails.
    pub(super) fn answer(
        &mut self,
        method: &str,
        params: &Value,
    ) -> Result<Result<Value, RpcError>, String> {
        let malformed =
            |error: serde_json::Error| format!("the server asked `{method}` {params}: {error}");
        let unexpected =
            || format!("the server asked what this test answers nothing to: `{method}` {params}");
        let answer = match method {
            "elicitation/create" => {
                let question = serde_json::from_value(params.clone()).map_err(malformed)?;
                self.elicit.as_mut().ok_or_else(unexpected)?(question)
            }
            "sampling/createMessage" => {
                let question = serde_json::from_value(params.clone()).map_err(malformed)?;
                self.create_message.as_mut().ok_or_else(unexpected)?(question)
            }
            "roots/list" => Answer(Ok(self.roots.clone().ok_or_else(unexpected)?)),
            _ => return Err(unexpected()),
        };
        Ok(answer.0)
    }
}

/// Gives these answers one by one.
pub(super) fn one_by_one<Q: std::fmt::Debug>(
    mut answers: VecDeque<Answer>,
) -> impl FnMut(Q) -> Answer + Send {
    let given = answers.len();
    move |question| match answers.pop_front() {
        Some(answer) => answer,
        None => panic!(
            "the server asked once more than the {given} times that this test answers: {question:?}"
        ),
    }
}
