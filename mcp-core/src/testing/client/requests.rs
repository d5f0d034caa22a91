//! What a test asks for, and reads.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::Client;
use crate::{
    era::Era,
    handler::ServerInfo,
    testing::{CallToolResult, RpcError, output},
    types::{
        Meta,
        completion::Completion,
        prompt::{GetPromptResult, Prompt},
        resource::{Resource, ResourceContents, ResourceTemplate},
        tool::Tool,
    },
};

/// Where a result of the modern era names its server.
const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";

impl Client {
    /// What the server says of itself.
    ///
    /// # Errors
    /// [`RpcError`] when it does not.
    pub async fn server_info(&self) -> Result<&ServerInfo, RpcError> {
        let greet = || async {
            self.connect();
            match self.era {
                Era::Legacy => self.initialize().await,
                Era::Modern => self.discover().await,
            }
        };
        self.greeting
            .get_or_init(greet)
            .await
            .as_ref()
            .map_err(Clone::clone)
    }

    /// All tools, from all pages.
    ///
    /// # Errors
    /// [`RpcError`] when the server refuses.
    pub async fn list_tools(&self) -> Result<Vec<Tool>, RpcError> {
        self.list("tools/list", "tools").await
    }

    /// All resources, from all pages.
    ///
    /// # Errors
    /// [`RpcError`] when the server refuses.
    pub async fn list_resources(&self) -> Result<Vec<Resource>, RpcError> {
        self.list("resources/list", "resources").await
    }

    /// All resource templates, from all pages.
    ///
    /// # Errors
    /// [`RpcError`] when the server refuses.
    pub async fn list_resource_templates(&self) -> Result<Vec<ResourceTemplate>, RpcError> {
        self.list("resources/templates/list", "resourceTemplates")
            .await
    }

    /// All prompts, from all pages.
    ///
    /// # Errors
    /// [`RpcError`] when the server refuses.
    pub async fn list_prompts(&self) -> Result<Vec<Prompt>, RpcError> {
        self.list("prompts/list", "prompts").await
    }

    /// Calls a tool. That the tool failed is a result, with
    /// [`is_error`](CallToolResult::is_error).
    ///
    /// # Errors
    /// [`RpcError`] when the server refuses.
    ///
    /// # Panics
    /// When the result does not keep what the tool's `outputSchema` promises.
    pub async fn call_tool(
        &self,
        name: &str,
        arguments: Value,
    ) -> Result<CallToolResult, RpcError> {
        let params = json!({ "name": name, "arguments": arguments });
        let mut result: CallToolResult = self.typed("tools/call", params).await?;
        result.meta = own(result.meta);
        // Asked each time: tools may come, change and go while a server serves.
        let tools = self.list_tools().await.unwrap_or_default();
        let tool = tools.into_iter().find(|tool| tool.name == name);
        let schema = tool.and_then(|tool| tool.output_schema);
        if let Err(problem) = output::check(&result, schema.as_ref()) {
            panic!("`{name}` {problem}");
        }
        if self.era == Era::Legacy {
            result.unwrap_structured(schema.as_ref());
        }
        Ok(result)
    }

    /// Reads a resource.
    ///
    /// # Errors
    /// [`RpcError`] when the server refuses.
    pub async fn read_resource(&self, uri: &str) -> Result<Vec<ResourceContents>, RpcError> {
        #[derive(Deserialize)]
        struct ReadResourceResult {
            contents: Vec<ResourceContents>,
        }

        let params = json!({ "uri": uri });
        let result: ReadResourceResult = self.typed("resources/read", params).await?;
        Ok(result.contents)
    }

    /// Fills in a prompt, whose arguments are texts.
    ///
    /// # Errors
    /// [`RpcError`] when the server refuses.
    pub async fn get_prompt(
        &self,
        name: &str,
        arguments: Value,
    ) -> Result<GetPromptResult, RpcError> {
        let params = json!({ "name": name, "arguments": arguments });
        let mut result: GetPromptResult = self.typed("prompts/get", params).await?;
        result.meta = own(result.meta);
        Ok(result)
    }

    /// Completes what was typed for an argument of a prompt.
    ///
    /// # Errors
    /// [`RpcError`] when the server refuses.
    pub async fn complete_prompt(
        &self,
        prompt: &str,
        argument: &str,
        typed: &str,
    ) -> Result<Completion, RpcError> {
        self.complete_prompt_with(prompt, argument, typed, json!({}))
            .await
    }

    /// The same where other arguments are filled in already: an object of texts.
    ///
    /// # Errors
    /// [`RpcError`] when the server refuses.
    pub async fn complete_prompt_with(
        &self,
        prompt: &str,
        argument: &str,
        typed: &str,
        others: Value,
    ) -> Result<Completion, RpcError> {
        let of = json!({ "type": "ref/prompt", "name": prompt });
        self.complete(of, argument, typed, others).await
    }

    /// Completes what was typed for a variable of a resource template.
    ///
    /// # Errors
    /// [`RpcError`] when the server refuses.
    pub async fn complete_resource(
        &self,
        template: &str,
        variable: &str,
        typed: &str,
    ) -> Result<Completion, RpcError> {
        self.complete_resource_with(template, variable, typed, json!({}))
            .await
    }

    /// The same where other variables are filled in already: an object of texts.
    ///
    /// ```
    /// use mcp_core::{prelude::*, testing::Client};
    /// use serde_json::json;
    ///
    /// #[mcp_resource("city://{country}/{name}", description = "A city")]
    /// fn city(country: String, name: String) -> String {
    ///     format!("{name} is in {country}.")
    /// }
    ///
    /// #[mcp_complete(city, name)]
    /// fn names(_: &str, country: Option<String>) -> Vec<&'static str> {
    ///     match country.as_deref() {
    ///         Some("chile") => vec!["arica"],
    ///         _ => vec!["alta", "arica"],
    ///     }
    /// }
    ///
    /// # mcp_core::testing::block_on(async {
    /// let server = Server::new("cities", "1.0.0");
    /// let server = server.resources(resources![city]).completions(completions![names]);
    /// let client = Client::modern(server);
    /// let uri = "city://{country}/{name}";
    /// let names = client
    ///     .complete_resource_with(uri, "name", "a", json!({ "country": "chile" }))
    ///     .await?;
    /// assert_eq!(names.values, ["arica"]);
    /// # Ok::<(), mcp_core::testing::RpcError>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// [`RpcError`] when the server refuses.
    pub async fn complete_resource_with(
        &self,
        template: &str,
        variable: &str,
        typed: &str,
        others: Value,
    ) -> Result<Completion, RpcError> {
        let of = json!({ "type": "ref/resource", "uri": template });
        self.complete(of, variable, typed, others).await
    }

    async fn complete(
        &self,
        of: Value,
        name: &str,
        value: &str,
        others: Value,
    ) -> Result<Completion, RpcError> {
        #[derive(Deserialize)]
        struct CompleteResult {
            completion: Completion,
        }

        let argument = json!({ "name": name, "value": value });
        let mut params = json!({ "ref": of, "argument": argument });
        if let Some(params) = params.as_object_mut()
            && others != json!({})
        {
            params.insert("context".to_owned(), json!({ "arguments": others }));
        }
        let result: CompleteResult = self.typed("completion/complete", params).await?;
        Ok(result.completion)
    }

    /// Any request; the result is as the server wrote it. Questions on the way are answered.
    ///
    /// # Errors
    /// [`RpcError`] when the server refuses.
    pub async fn request(&self, method: &str, params: Value) -> Result<Value, RpcError> {
        let result = self.raw(method, params).await?;
        Ok(serde_json::from_str(result.get()).unwrap_or_default())
    }

    async fn list<T: DeserializeOwned>(
        &self,
        method: &str,
        member: &str,
    ) -> Result<Vec<T>, RpcError> {
        let (mut all, mut cursors) = (Vec::new(), Vec::new());
        loop {
            let params = match cursors.last() {
                None => json!({}),
                Some(cursor) => json!({ "cursor": cursor }),
            };
            let mut page: Map<String, Value> = self.typed(method, params).await?;
            let items = page.get_mut(member).map(Value::take).unwrap_or_default();
            match serde_json::from_value::<Vec<T>>(items) {
                Ok(items) => all.extend(items),
                Err(error) => panic!("`{member}` of `{method}`: {error}"),
            }
            match page.get_mut("nextCursor").map(Value::take) {
                None => return Ok(all),
                Some(cursor) => {
                    assert!(!cursors.contains(&cursor), "`{method}` goes in circles");
                    cursors.push(cursor);
                }
            }
        }
    }

    /// A result, read.
    async fn typed<T: DeserializeOwned>(&self, method: &str, params: Value) -> Result<T, RpcError> {
        let result = self.raw(method, params).await?;
        match serde_json::from_str(result.get()) {
            Ok(result) => Ok(result),
            Err(error) => panic!("the result of `{method}`: {error}: {result}"),
        }
    }
}

/// What travels along, but for what every result of the modern era has.
fn own(meta: Option<Meta>) -> Option<Meta> {
    let mut meta = meta?;
    meta.shift_remove(SERVER_INFO);
    (!meta.is_empty()).then_some(meta)
}
