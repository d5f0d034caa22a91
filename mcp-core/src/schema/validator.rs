//! Values against schemas, where a type does not enforce what its schema promises.
//!
//! Without feature `validate` there is no validator, and `build()` refuses such promises.

#[cfg(feature = "validate")]
use std::sync::Arc;

#[cfg(feature = "validate")]
use jsonschema::PatternOptions;
use serde_json::Value;

#[cfg(feature = "validate")]
use crate::jsonrpc::message::without_position;

/// Checks values against one schema.
#[derive(Clone, Debug)]
pub(crate) struct Validator {
    #[cfg(feature = "validate")]
    inner: Arc<jsonschema::Validator>,
    #[cfg(not(feature = "validate"))]
    never: std::convert::Infallible,
}

/// One thing that is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Where in the value, such as `window.from` or `[2]`; empty for all of it.
    pub(crate) path: String,
    pub(crate) problem: String,
}

#[cfg(feature = "validate")]
impl Validator {
    /// Reads a schema. Nothing is fetched, and patterns run in linear time.
    pub(crate) fn new(schema: &Value) -> Result<Option<Self>, String> {
        let options = jsonschema::draft202012::options()
            .offline()
            .with_pattern_options(PatternOptions::regex());
        match options.build(schema) {
            Ok(inner) => Ok(Some(Self {
                inner: Arc::new(inner),
            })),
            Err(error) => Err(format!("{error} (at {}/)", error.instance_path())),
        }
    }

    /// Everything that is wrong with a value that is JSON.
    pub(crate) fn faults(&self, json: &str) -> Vec<Fault> {
        let value: Value = match serde_json::from_str(json) {
            Ok(value) => value,
            // A type that skips a member never looks at what is in it: `1e400`, a lone surrogate.
            Err(error) => {
                return vec![Fault {
                    path: String::new(),
                    problem: without_position(&error),
                }];
            }
        };
        let errors = self.inner.iter_errors(&value);
        let faults = errors.map(|error| Fault {
            path: path(error.instance_path().as_str()),
            problem: error.masked_with("the value").to_string(),
        });
        faults.collect()
    }
}

#[cfg(not(feature = "validate"))]
impl Validator {
    /// There is none.
    #[expect(clippy::unnecessary_wraps, reason = "as with the feature")]
    pub(crate) fn new(_: &Value) -> Result<Option<Self>, String> {
        Ok(None)
    }

    pub(crate) fn faults(&self, _: &str) -> Vec<Fault> {
        match self.never {}
    }
}

/// A JSON pointer as people write it: `/tags/2/name` is `tags[2].name`.
#[cfg(feature = "validate")]
fn path(pointer: &str) -> String {
    let mut path = String::new();
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        if !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit()) {
            path.push_str(&format!("[{step}]"));
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&step);
        }
    }
    path
}
