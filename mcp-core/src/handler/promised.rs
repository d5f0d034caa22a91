//! Results against the schema that is promised for them.
//!
//! A type and its schema can disagree, where one of the two was written by hand. Clients that
//! validate refuse such a result, so it is found in tests and not by them: in debug builds, with
//! feature `validate`.

use super::{Answer, Outcome, Reply, Shape, ToolOutput};
use crate::{error::Error, schema::validator::Validator};

/// The same reply, which fails if its structured content is not what was promised.
pub(crate) fn as_promised(reply: Reply, promised: Validator) -> Reply {
    let cache = reply.cache();
    Reply::pending(async move { check(reply.await, &promised) }).with_cache(cache)
}

/// The same reply, its structured content of the shape that was promised.
pub(crate) fn as_shaped(reply: Reply, shape: Shape) -> Reply {
    let cache = reply.cache();
    let reply = async move {
        let mut outcome = reply.await;
        if let Ok(Answer::CallTool(output)) = &mut outcome {
            output.structured = output.structured.take().map(|value| value.shaped(shape));
        }
        outcome
    };
    Reply::pending(reply).with_cache(cache)
}

fn check(outcome: Outcome, promised: &Validator) -> Outcome {
    let Ok(Answer::CallTool(output)) = &outcome else {
        return outcome;
    };
    match mismatch(output, promised) {
        Some(mismatch) => Err(Error::internal(format_args!(
            "the result is not what its output schema promises: {mismatch}"
        ))),
        None => outcome,
    }
}

fn mismatch(output: &ToolOutput, promised: &Validator) -> Option<String> {
    if output.is_error {
        return None;
    }
    let Some(structured) = &output.structured else {
        return Some("there is no structured content".to_owned());
    };
    let faults = promised.faults(structured.as_json()).into_iter();
    let lines: Vec<_> = faults
        .map(|fault| format!("`{}`: {}", fault.path, fault.problem))
        .collect();
    (!lines.is_empty()).then(|| lines.join("; "))
}
