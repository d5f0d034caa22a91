//! Nothing is promised that is not enforced: by the type, by `#[arg(..)]`, or by a validator.

mod bounds;
mod gaps;
mod results;
mod types;
mod validated;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Debug,
    net::IpAddr,
    num::{NonZeroI32, NonZeroU8},
    time::Duration,
};

use mcp_core::{
    Server, Tool,
    handler::{Answer, Argument, Declaration, Param, Reply, ToolOutput},
    prelude::*,
    schema::{Rule, Schema},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

#[cfg(feature = "validate")]
use crate::client::{Client, connect, fine, wrong};

/// A tool that takes one `x` and shows it.
fn shows<T: DeserializeOwned + JsonSchema + Debug + Send + 'static>() -> Tool {
    declared::<T, _>(Argument::new("x"))
}

/// A tool that takes all arguments as one value and shows it.
fn shows_all<T: DeserializeOwned + JsonSchema + Debug + Send + 'static>() -> Tool {
    declared::<Args<T>, _>(Argument::default())
}

fn declared<P: Param<M> + Debug, M>(argument: Argument) -> Tool {
    let declaration = Declaration::default().param::<P, _>(argument);
    Tool::builder("show")
        .description("Shows it")
        .declared(declaration)
        .invoke(|mut arguments| {
            let taken = arguments.take::<P, _>(0);
            arguments.finish()?;
            let text = format!("{taken:?}");
            Ok(Reply::ready(Ok(Answer::CallTool(ToolOutput::text(text)))))
        })
}

fn by_hand(schema: &Value) -> Tool {
    Tool::builder("own")
        .description("Takes what its schema says")
        .input_schema(Schema::parse(&schema.to_string()).unwrap())
        .handler(
            |given: Map<String, Value>, _: Ctx| async move { Ok(Value::Object(given).to_string()) },
        )
}

/// What stands against a server with this tool, and what it warns about.
fn told(tool: Tool) -> (Vec<String>, Vec<String>) {
    match Server::new("it", "1").tools([tool]).build() {
        Err(error) => (error.problems().to_vec(), Vec::new()),
        Ok(server) => {
            let unproven = server.check().into_iter();
            let unproven = unproven.filter(|it| it.rule == Rule::Unproven);
            (Vec::new(), unproven.map(|it| it.seen).collect())
        }
    }
}
